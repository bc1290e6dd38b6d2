package properties

import (
	"hash/fnv"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"millrace/core"
)

// shape is what the memory of a type is made of, as far as it is part of a state: what lies
// in structs in structs is laid out in one row, and neighbours that are plain are one part.
type shape struct {
	size  uintptr
	parts []part
	solid bool   // one plain part, without a gap: so is a row of them
	bare  bool   // an interface has it in itself, and not a pointer to it
	name  uint64 // a hash of what it is called
}

// target is what a pointer of this shape points to.
func (s *shape) target() *shape {
	if len(s.parts) == 1 && s.parts[0].kind == pointerPart {
		return s.parts[0].of
	}
	return s
}

// part is a part of a shape, so many bytes behind its beginning.
type part struct {
	kind ground
	at   uintptr
	n    uintptr      // of what is plain, its bytes; of an array, its elements
	of   *shape       // of the elements, or of what is pointed to
	own  reflect.Type // of an interface, and of what nobody can look into
}

// ground says how a part is read.
type ground uint8

const (
	plainPart   ground = iota // bytes
	numberPart                // a core.Key: the number without its life
	textPart                  // a string
	pointerPart               // to one of its kind
	interPart                 // an interface
	slicePart                 // of its kind
	payloadPart               // a []byte
	arrayPart                 // of its kind
	codePart                  // a function: whether there is one
	foreignPart               // a struct of the standard library
	hiddenPart                // a map, a channel, or whatever else has no shape, unless it is nil
)

// face is an interface, and span a slice, as they lie in memory. The first word of an
// interface stands for the type of what is in it.
type (
	face struct{ kind, data unsafe.Pointer }
	span struct {
		data     unsafe.Pointer
		len, cap int
	}
)

var anyType = reflect.TypeFor[any]()

// inter goes through an interface: the type of what it holds counts, and that itself.
func (d *digester) inter(p unsafe.Pointer, of reflect.Type) {
	f := (*face)(p)
	if f.kind == nil {
		d.add(0)
		return
	}
	s := d.held(p, of)
	d.add(s.name)
	if s.bare {
		d.walk(unsafe.Pointer(&f.data), s)
	} else {
		d.walk(f.data, s)
	}
}

// held returns the shape of what an interface holds.
func (d *digester) held(p unsafe.Pointer, of reflect.Type) *shape {
	kind := (*face)(p).kind
	s := d.inside[kind]
	if s == nil {
		s = shapeOf(reflect.NewAt(of, p).Elem().Elem().Type())
		d.inside[kind] = s
	}
	return s
}

// shapes are all that were made. What is in there is not changed any more when the lock is
// given back.
var shapes = struct {
	sync.Mutex
	of map[reflect.Type]*shape
}{of: map[reflect.Type]*shape{}}

// shapeOf returns the shape of a type.
func shapeOf(t reflect.Type) *shape {
	shapes.Lock()
	defer shapes.Unlock()
	return shaped(t)
}

// shaped makes it, and of all that it leads to. Types lead to themselves: it is there before
// it is made.
func shaped(t reflect.Type) *shape {
	if s, ok := shapes.of[t]; ok {
		return s
	}
	h := fnv.New64a()
	h.Write([]byte(t.String()))
	s := &shape{size: t.Size(), bare: lone(t), name: h.Sum64()}
	shapes.of[t] = s
	s.lay(t, 0)
	s.solid = len(s.parts) == 1 && s.parts[0] == part{kind: plainPart, n: s.size}
	return s
}

// lone says that a value of the type is one pointer.
func lone(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return true
	case reflect.Struct:
		return t.NumField() == 1 && lone(t.Field(0).Type)
	case reflect.Array:
		return t.Len() == 1 && lone(t.Elem())
	}
	return false
}

// lay adds what a type is made of, which lies so far behind the beginning.
func (s *shape) lay(t reflect.Type, at uintptr) {
	p := part{at: at, own: t}
	switch t.Kind() {
	case reflect.Struct:
		if Ours(t) {
			for i := range t.NumField() {
				if f := t.Field(i); f.Tag.Get("digest") != "-" && !strings.HasSuffix(f.Type.Name(), "Stats") {
					s.lay(f.Type, at+f.Offset)
				}
			}
			return
		}
		if p.kind = foreignPart; t.NumField() == 0 {
			return
		}
	case reflect.Array:
		p = part{kind: arrayPart, at: at, n: uintptr(t.Len()), of: shaped(t.Elem())}
		if p.of.solid {
			p = part{kind: plainPart, at: at, n: t.Size()}
		}
	case reflect.Slice:
		p = part{kind: slicePart, at: at, of: shaped(t.Elem())}
		if t.Elem().Kind() == reflect.Uint8 {
			p.kind = payloadPart
		}
	case reflect.Pointer:
		p = part{kind: pointerPart, at: at, of: shaped(t.Elem())}
	case reflect.Interface:
		p.kind = interPart
	case reflect.String:
		p = part{kind: textPart, at: at}
	case reflect.Func:
		p = part{kind: codePart, at: at}
	case reflect.Map, reflect.Chan, reflect.UnsafePointer:
		p.kind = hiddenPart
	default:
		if p = (part{kind: plainPart, at: at, n: t.Size()}); t == reflect.TypeFor[core.Key]() {
			p = part{kind: numberPart, at: at}
		}
	}
	s.append(p)
}

// append adds a part, to the one before if both are plain and there is no gap: what lies in
// one is nobody's.
func (s *shape) append(p part) {
	if n := len(s.parts); n > 0 && p.kind == plainPart && s.parts[n-1].kind == plainPart && s.parts[n-1].at+s.parts[n-1].n == p.at {
		s.parts[n-1].n += p.n
		return
	}
	s.parts = append(s.parts, p)
}

// Ours says that a type does not belong to the standard library. A name with a dot in its
// first part does not, nor does that of a command; but a module may well be called smtp,
// and only the build knows that it is one.
func Ours(t reflect.Type) bool {
	path := strings.TrimSuffix(t.PkgPath(), "_test")
	first, _, _ := strings.Cut(path, "/")
	return first == "" || first == "main" || strings.Contains(first, ".") || slices.ContainsFunc(modules(), func(m string) bool {
		return path == m || strings.HasPrefix(path, m+"/")
	})
}

// modules are the names of those whose code is in this binary: this one, and what the
// build says, which may be nothing if something else than the go command made it.
var modules = sync.OnceValue(func() []string {
	list := []string{strings.TrimSuffix(reflect.TypeFor[World]().PkgPath(), "/properties")}
	if info, ok := debug.ReadBuildInfo(); ok {
		list = append(list, info.Main.Path)
		for _, m := range info.Deps {
			list = append(list, m.Path)
		}
	}
	return list
})
