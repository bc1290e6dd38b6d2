package proxy

import (
	"fmt"
	"maps"
	"millrace/properties"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// place is where a pointer points: a struct and its first field are two places.
type place struct {
	addr uintptr
	of   reflect.Type
}

// twins compares two values with everything they lead to, and knows no fields by
// name: a part of a world that is added tomorrow is compared tomorrow. What lies in
// the capacity of a slice is memory, and so are the bytes of a []byte, which follow
// from where in their streams they are; all else is state.
type twins struct {
	pairs map[[2]place]bool
	taken map[place]place // who is whose twin
	diff  string          // the first difference
}

// differ returns where two values differ, "" if nowhere.
func differ(a, b any) string { return compare(a, b).diff }

func compare(a, b any) *twins {
	t := &twins{pairs: map[[2]place]bool{}, taken: map[place]place{}}
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	t.walk(va.Type().Elem().Name(), va, vb)
	return t
}

// shared returns what both lead to, which are constants.
func (t *twins) shared() map[place]bool {
	both := map[place]bool{}
	for a, b := range t.taken {
		if a == b {
			both[a] = true
		}
	}
	return both
}

func (t *twins) say(path string, a, b any) {
	if t.diff == "" {
		t.diff = fmt.Sprintf("%s: used %v, new %v", path, a, b)
	}
}

func (t *twins) walk(path string, a, b reflect.Value) {
	if t.diff != "" {
		return
	}
	if a.Type() != b.Type() {
		t.say(path, a.Type(), b.Type())
		return
	}
	switch a.Kind() {
	case reflect.Bool:
		t.same(path, a.Bool(), b.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		t.same(path, a.Int(), b.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		t.same(path, a.Uint(), b.Uint())
	case reflect.String:
		t.same(path, a.String(), b.String())
	case reflect.Func:
		t.same(path, a.Pointer(), b.Pointer())
	case reflect.Pointer, reflect.Interface:
		t.refer(path, a, b)
	case reflect.Map: // of a program, which both share
		t.same(path, a.Pointer(), b.Pointer())
	case reflect.Slice, reflect.Array:
		if t.same(path+" has length", a.Len(), b.Len()); a.Kind() == reflect.Slice && a.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := 0; i < a.Len() && t.diff == ""; i++ {
			t.walk(fmt.Sprintf("%s[%d]", path, i), a.Index(i), b.Index(i))
		}
	case reflect.Struct:
		for i := range a.NumField() {
			if properties.Ours(a.Type()) {
				t.walk(path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i))
			}
		}
	default:
		t.say(path, "is a "+a.Kind().String(), "which nothing here knows how to compare")
	}
}

// same compares two simple values.
func (t *twins) same(path string, a, b any) {
	if a != b {
		t.say(path, a, b)
	}
}

// refer follows two references: both lead to nothing, or to twins.
func (t *twins) refer(path string, a, b reflect.Value) {
	if a.IsNil() || b.IsNil() {
		t.same(path+" is nil", a.IsNil(), b.IsNil())
		return
	}
	if a.Kind() == reflect.Pointer {
		pa, pb := place{a.Pointer(), a.Type()}, place{b.Pointer(), b.Type()}
		if t.pairs[[2]place{pa, pb}] {
			return
		}
		t.pairs[[2]place{pa, pb}] = true
		if twin, ok := t.taken[pa]; ok && twin != pb {
			t.say(path, "leads to where something else leads", "does not")
			return
		}
		t.taken[pa] = pb
	}
	t.walk(path, a.Elem(), b.Elem())
}

// used returns a world in which a good deal has happened.
func used(t *testing.T, seeds uint64) *properties.World {
	w := properties.NewWorld(Program)
	for seed := range seeds {
		if tr := w.Hunt(5000 + seed); tr != nil {
			report(t, tr, w.Failed())
		}
	}
	return w
}

// TestAUsedWorldIsAsNew runs drawn worlds in a world that was used before and in a
// new one, side by side, and compares all that there is, at the beginning, in the
// middle and at the end.
func TestAUsedWorldIsAsNew(t *testing.T) {
	old := used(t, 300)
	compared := 0
	for seed := range uint64(300) {
		fresh := properties.NewWorld(Program)
		worlds := [2]*properties.World{old, fresh}
		for _, w := range worlds {
			w.Flush(new(properties.Totals)) // what a campaign counts is no run's
			tr, src := Program.Generate(seed)
			w.Begin(tr, src, properties.Options{Record: 8})
		}
		for next := uint64(0); ; next = 2*next + 1 {
			require.Empty(t, differ(old, fresh), "seed %d, after %d steps", seed, old.Sim().Steps())
			compared++
			more := true
			for more && old.Sim().Steps() <= next {
				more = old.Sim().Step()
				require.Equal(t, more, fresh.Sim().Step())
				require.Equal(t, old.Sim().Hash(), fresh.Sim().Hash(), "seed %d, step %d", seed, old.Sim().Steps())
			}
			if !more {
				break
			}
		}
		require.Nil(t, old.Failed())
		old.Abandon()
		fresh.Abandon()
	}
	require.Greater(t, compared, 1000)
}

// leaves calls visit with one simple field of each kind that a value leads to: each
// field of each struct type once, by its name, and how to change it and back. It does
// not go on to what was seen before, and comes last to what only fields lead to that are no
// part of a state (part is false then): a record that is free says nothing of one that is in use.
func leaves(seen map[place]bool, root any, visit func(name string, part bool, flip func())) {
	named := map[string]bool{}
	part, last := true, []func(){}
	var walk func(name string, v reflect.Value)
	walk = func(name string, v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if v.IsNil() {
				return
			}
			if v.Kind() == reflect.Pointer {
				if p := (place{v.Pointer(), v.Type()}); seen[p] {
					return
				} else {
					seen[p] = true
				}
			}
			walk(name, v.Elem())
		case reflect.Slice, reflect.Array:
			if v.Kind() == reflect.Array || v.Type().Elem().Kind() != reflect.Uint8 {
				for i := range v.Len() {
					walk(name, v.Index(i))
				}
			}
		case reflect.Struct:
			if properties.Ours(v.Type()) {
				for i := range v.NumField() {
					f := v.Type().Field(i)
					field := func() { walk(v.Type().String()+"."+f.Name, v.Field(i)) }
					if f.Tag.Get("digest") == "-" {
						last = append(last, field)
					} else {
						field()
					}
				}
			}
		default:
			if flip := flipper(v); flip != nil && !named[name] {
				named[name] = true
				visit(name, part, flip)
			}
		}
	}
	walk("", reflect.ValueOf(root))
	for part = false; len(last) > 0; {
		field := last[0]
		last = last[1:]
		field()
	}
}

// flipper returns what changes a simple value, and changes it back the second time.
func flipper(v reflect.Value) func() {
	if !v.CanAddr() {
		return nil
	}
	v = reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Elem()
	switch {
	case v.Kind() == reflect.Bool:
		return func() { v.SetBool(!v.Bool()) }
	case v.CanInt():
		return func() { v.SetInt(v.Int() ^ 1) }
	case v.CanUint():
		return func() { v.SetUint(v.Uint() ^ 1) }
	}
	return nil
}

// halfway brings a world of a seed to the middle of its run.
func halfway(seed uint64) *properties.World {
	w := properties.NewWorld(Program)
	tr, src := Program.Generate(seed)
	w.Begin(tr, src, properties.Options{})
	for range 100 {
		w.Sim().Step()
	}
	return w
}

// eventful are seeds whose worlds have TLS, headers, pipes and servers to the full.
var eventful = []uint64{1, 2, 3, 5, 8, 13, 21, 34}

// TestWhatSurvivesAResetIsSeen changes each field that there is in turn: whichever
// of them a reset forgets, the comparison does not.
func TestWhatSurvivesAResetIsSeen(t *testing.T) {
	fields := map[string]bool{}
	for _, seed := range eventful {
		a, b := halfway(seed), halfway(seed)
		require.Empty(t, differ(a, b))
		leaves(compare(a, b).shared(), a, func(name string, _ bool, flip func()) {
			if fields[name] {
				return
			}
			fields[name] = true
			flip()
			require.NotEmpty(t, differ(a, b), name)
			flip()
		})
		require.Empty(t, differ(a, b))
	}
	require.Greater(t, len(fields), 250)
	t.Logf("%d fields", len(fields))
}

// TestADigestLeavesOutOnlyWhatItSays changes each field in turn: the digest changes
// too, but for those that say that they are no part of a state.
func TestADigestLeavesOutOnlyWhatItSays(t *testing.T) {
	out, in, free := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, seed := range eventful {
		w := halfway(seed)
		before := w.Digest()
		require.Equal(t, before, w.Digest())
		holders, roots := w.State()
		seen := map[place]bool{}
		for _, h := range holders {
			seen[place{reflect.ValueOf(h).Pointer(), reflect.TypeOf(h)}] = true
		}
		leaves(seen, roots, func(name string, part bool, flip func()) {
			flip()
			switch is := w.Digest() == before; {
			case !is:
				in[name] = true
			case part:
				out[name] = true
			default:
				free[name] = true
			}
			flip()
		})
	}
	maps.DeleteFunc(free, func(name string, _ bool) bool { return in[name] }) // in another world it was in use
	maps.Copy(out, free)
	names := slices.Sorted(maps.Keys(out))
	golden(t, "testdata/digest.golden", strings.Join(names, "\n")+"\n")
	require.Greater(t, len(in), 250)
}

// TestAWholeDigestKnowsTheBooksToo: what the checks know of the past changes it, but for
// what says that it makes no difference.
func TestAWholeDigestKnowsTheBooksToo(t *testing.T) {
	out, in := map[string]bool{}, 0
	for _, seed := range eventful {
		w := halfway(seed)
		before, _ := w.WholeDigest()
		holders, roots := w.State()
		seen := map[place]bool{}
		for _, h := range holders {
			seen[place{reflect.ValueOf(h).Pointer(), reflect.TypeOf(h)}] = true
		}
		leaves(seen, roots, func(string, bool, func()) {}) // is another test's
		leaves(seen, w.Books(), func(name string, _ bool, flip func()) {
			flip()
			if now, _ := w.WholeDigest(); now == before {
				out[name] = true
			} else {
				in++
			}
			flip()
		})
	}
	require.Equal(t, []string{
		"properties.Looping.Seen", "properties.Looping.Tasks", "properties.Looping.failed",
		"properties.punctual.began", "properties.punctual.intr", "properties.punctual.lines",
		"properties.unheard.idle", "properties.unheard.lines", "properties.unheard.row",
		"proxy.attempts.lost", "proxy.attempts.refused", "proxy.attempts.took", "proxy.attempts.won",
		"proxy.checker.glanced", "proxy.checker.looked", "proxy.checker.taken",
		"proxy.tally.accepted", "proxy.tally.again", "proxy.tally.clean", "proxy.tally.ended", "proxy.tally.failed",
		"proxy.tally.shed", "proxy.tally.tasks", "proxy.tally.tried", "proxy.tally.turns",
		"proxy.waiting.can", "proxy.waiting.read", "proxy.waiting.wrote", "sim.Set.has", "sim.Set.list",
	}, slices.Sorted(maps.Keys(out)))
	require.Greater(t, in, 100)
}
