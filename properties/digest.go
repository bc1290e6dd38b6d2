package properties

import (
	"cmp"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"millrace/core"
	"millrace/sim"
)

// digest turns the state of a world into a number that two states share only if
// they are the same in everything that a run can see. It walks from its roots, which
// are pointers, so nobody has to keep a list of what a state consists of. Whoever
// holds them, and is pointed back to, is not part of it. Nor are threads. It leaves out:
//
//   - what only counts: structs whose type is called Stats, or ends in it, and fields
//     with the tag digest:"-", which say why they are none
//   - which life of a descriptor's number it is
//   - payload: of a []byte only the length counts, since what is in it follows from
//     where in its stream it is
//   - what the standard library keeps to itself
//
// It costs a millisecond or less, and is for runs that look as if they went round in
// circles.
func digest(holders, roots []any) uint64 {
	d := digester{plans: map[reflect.Type][]int{}}
	return d.of(holders, roots)
}

// newWhole makes a digester for who takes two states for the same and acts upon it: the
// payload counts too, and it says what it cannot look into.
func newWhole() *digester { return &digester{plans: map[reflect.Type][]int{}, whole: true} }

// of is digest, with what it knows of types from the time before.
func (d *digester) of(holders, roots []any) uint64 {
	d.hash, d.seen = 0, map[place]uint64{}
	for _, h := range holders {
		v := reflect.ValueOf(h)
		d.seen[place{v.Pointer(), v.Type()}] = 0
	}
	for _, r := range roots {
		d.walk(reflect.ValueOf(r))
	}
	return d.hash
}

type digester struct {
	hash   uint64
	seen   map[place]uint64 // pointers, in the order of their discovery
	plans  map[reflect.Type][]int
	whole  bool
	opaque string // the first type that it met and could not look into: states may differ there. Functions are code
}

// place is where a pointer points: a struct and its first field are two places.
type place struct {
	addr uintptr
	of   reflect.Type
}

func (d *digester) add(x uint64) { d.hash = sim.Mix(d.hash ^ x) }

func (d *digester) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		d.add(uint64(b2i(v.Bool())))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		d.add(uint64(v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if v.Type() == reflect.TypeFor[core.Key]() {
			d.add(v.Uint() & (1<<32 - 1)) // the number without its life
			return
		}
		d.add(v.Uint())
	case reflect.String:
		d.text(v.String())
	case reflect.Pointer:
		d.pointer(v)
	case reflect.Interface:
		if v.IsNil() {
			d.add(0)
			return
		}
		d.text(v.Elem().Type().String())
		d.walk(v.Elem())
	case reflect.Slice:
		d.add(uint64(v.Len()))
		d.elements(v)
	case reflect.Array:
		d.elements(v)
	case reflect.Struct:
		for _, i := range d.plan(v.Type()) {
			d.walk(v.Field(i))
		}
	case reflect.Map, reflect.Chan, reflect.UnsafePointer:
		if !v.IsNil() {
			d.opaque = cmp.Or(d.opaque, v.Type().String())
		}
	}
}

// pointer follows a pointer the first time it sees it.
func (d *digester) pointer(v reflect.Value) {
	if v.IsNil() {
		d.add(0)
		return
	}
	p := place{v.Pointer(), v.Type()}
	n, known := d.seen[p]
	if !known {
		n = uint64(len(d.seen)) + 1
		d.seen[p] = n
	}
	d.add(n)
	if !known {
		d.walk(v.Elem())
	}
}

func (d *digester) elements(v reflect.Value) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		if d.whole {
			d.bytes(v)
		}
		return
	}
	for i := range v.Len() {
		d.walk(v.Index(i))
	}
}

// bytes adds payload, eight bytes at a time.
func (d *digester) bytes(v reflect.Value) {
	if v.Kind() == reflect.Array {
		for i := range v.Len() {
			d.add(v.Index(i).Uint())
		}
		return
	}
	var word uint64
	for i, b := range v.Bytes() {
		if word = word<<8 | uint64(b); i%8 == 7 {
			d.add(word)
			word = 0
		}
	}
	d.add(word)
}

func (d *digester) text(s string) {
	d.add(uint64(len(s)))
	for i := range len(s) {
		d.add(uint64(s[i]))
	}
}

// plan is which fields of a struct are part of a state.
func (d *digester) plan(t reflect.Type) []int {
	if fields, ok := d.plans[t]; ok {
		return fields
	}
	var fields []int
	if Ours(t) {
		for i := range t.NumField() {
			f := t.Field(i)
			if f.Tag.Get("digest") != "-" && !strings.HasSuffix(f.Type.Name(), "Stats") {
				fields = append(fields, i)
			}
		}
	} else if t.NumField() > 0 {
		d.opaque = cmp.Or(d.opaque, t.String())
	}
	d.plans[t] = fields
	return fields
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

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
