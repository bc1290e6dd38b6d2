package properties

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/sim"
	"millrace/traces"
)

// thing has a part of each kind that there is.
type thing struct {
	flag    bool
	small   int8 // and a gap behind it
	large   int64
	key     core.Key
	name    string
	mark    [3]byte
	mem     []byte
	row     []inner
	pair    [2]inner
	next    *thing
	same    *thing
	any     any
	sized   interface{ Size() int }
	call    func()
	counted int `digest:"-"`
	did     someStats
}

type (
	inner     struct{ text, more string }
	someStats struct{ n int }
	boxed     int
	lonely    struct{ p *inner }
)

func (b boxed) Size() int  { return int(b) }
func (l lonely) Size() int { return len(l.p.text) }

func madeThing() *thing {
	t := &thing{name: "a", mem: []byte("123456789"), row: []inner{{"b", "c"}}, sized: boxed(1), any: 5}
	t.next = &thing{name: "n"}
	t.same = t.next
	return t
}

// TestEachPartOfAStateIsSeen, but for what says that it is none, and the payload, which only a
// whole digest has.
func TestEachPartOfAStateIsSeen(t *testing.T) {
	for what, change := range map[string]func(*thing){
		"a bool":                   func(t *thing) { t.flag = true },
		"the first of two numbers": func(t *thing) { t.small = 1 },
		"the second":               func(t *thing) { t.large = 1 << 40 },
		"a descriptor":             func(t *thing) { t.key = 1 },
		"a string":                 func(t *thing) { t.name = "b" },
		"a longer one":             func(t *thing) { t.name = "a\x00" },
		"an array of bytes":        func(t *thing) { t.mark[2] = 1 },
		"how many bytes":           func(t *thing) { t.mem = t.mem[:8] },
		"one of a slice":           func(t *thing) { t.row[0].more = "d" },
		"where a string ends":      func(t *thing) { t.row[0] = inner{"bc", ""} },
		"one more":                 func(t *thing) { t.row = append(t.row, inner{}) },
		"one of an array":          func(t *thing) { t.pair[1].text = "e" },
		"what is pointed to":       func(t *thing) { t.next.name = "m" },
		"a pointer":                func(t *thing) { t.next = nil },
		"who has the same":         func(t *thing) { t.same = &thing{name: "n"} },
		"a circle":                 func(t *thing) { t.same = t },
		"what is in an interface":  func(t *thing) { t.any = 6 },
		"of which type that is":    func(t *thing) { t.any = uint(5) },
		"nothing in it":            func(t *thing) { t.any = nil },
		"a pointer in one":         func(t *thing) { t.any = &inner{"f", ""} },
		"a struct that is one":     func(t *thing) { t.sized = lonely{&inner{"f", ""}} },
		"a slice in one":           func(t *thing) { t.any = []inner{{"g", ""}} },
		"that there is a function": func(t *thing) { t.call = func() {} },
	} {
		a, b := madeThing(), madeThing()
		require.Equal(t, digest(nil, []any{a}), digest(nil, []any{b}))
		change(b)
		require.NotEqual(t, digest(nil, []any{a}), digest(nil, []any{b}), what)
		require.NotEqual(t, newDigester(true).of(nil, []any{a}), newDigester(true).of(nil, []any{b}), what)
	}
	a, b := madeThing(), madeThing()
	b.counted, b.did.n, b.key = 1, 1, core.Key(1<<32)
	require.Equal(t, newDigester(true).of(nil, []any{a}), newDigester(true).of(nil, []any{b}))
	for i := range b.mem {
		b.mem[i]++
		require.Equal(t, digest(nil, []any{a}), digest(nil, []any{b}))
		require.NotEqual(t, newDigester(true).of(nil, []any{a}), newDigester(true).of(nil, []any{b}))
		b.mem[i]--
	}
}

// TestWhatNobodyCanLookIntoIsNamed, unless there is nothing.
func TestWhatNobodyCanLookIntoIsNamed(t *testing.T) {
	type holder struct {
		m map[int]int
		b *strings.Builder
	}
	d := newDigester(true)
	d.of(nil, []any{&holder{}})
	require.Empty(t, d.opaque)
	d.of(nil, []any{&holder{m: map[int]int{}}})
	require.Equal(t, "map[int]int", d.opaque)
	d = newDigester(true)
	d.of(nil, []any{&holder{b: &strings.Builder{}}})
	require.Equal(t, "strings.Builder", d.opaque)
}

// TestADigesterIsAsNewEachTime: also when there is more than its table has room for.
func TestADigesterIsAsNewEachTime(t *testing.T) {
	list := make([]*int, 5000)
	for i := range list {
		list[i] = new(int)
	}
	d, a := newDigester(true), madeThing()
	before := d.of([]any{a.next}, []any{a})
	many := d.of(nil, []any{&list})
	require.Equal(t, before, d.of([]any{a.next}, []any{a}))
	require.NotEqual(t, before, d.of(nil, []any{a}))
	require.Equal(t, many, d.of(nil, []any{&list}))
	list[4999] = list[0]
	require.NotEqual(t, many, d.of(nil, []any{&list}))
}

// teller says in words what a state is, with nothing but reflection.
type teller struct {
	strings.Builder
	met map[any]int
}

func (s *teller) tell(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			s.WriteString("nil ")
			return
		}
		at := [2]any{v.Pointer(), v.Type()}
		n, known := s.met[at]
		if !known {
			n = len(s.met)
			s.met[at] = n
		}
		if fmt.Fprintf(s, "#%d ", n); !known {
			s.tell(v.Elem())
		}
	case reflect.Interface:
		if !v.IsNil() {
			s.WriteString(v.Elem().Type().String())
			s.tell(v.Elem())
		}
		s.WriteString(". ")
	case reflect.Slice, reflect.Array:
		fmt.Fprintf(s, "[%d ", v.Len())
		for i := range v.Len() {
			s.tell(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.Tag.Get("digest") != "-" && !strings.HasSuffix(f.Type.Name(), "Stats") {
				s.tell(v.Field(i))
			}
		}
	case reflect.Func:
		fmt.Fprintf(s, "%t ", v.IsNil())
	case reflect.Uint64:
		if v.Type() == reflect.TypeFor[core.Key]() {
			fmt.Fprintf(s, "%d ", uint32(v.Uint()))
			return
		}
		fmt.Fprintf(s, "%d ", v.Uint())
	case reflect.String:
		fmt.Fprintf(s, "%q ", v)
	default:
		fmt.Fprintf(s, "%v ", v)
	}
}

// TestADigestIsAsGoodAsWords: of all states of a small world, two have one digest if and only if
// all that can be told of them is the same.
func TestADigestIsAsGoodAsWords(t *testing.T) {
	text := map[uint64]string{}
	state := map[string]uint64{}
	tr, err := traces.Parse("test", []byte(traces.Magic+"\nworld program=digested segment=2 sndbuf=4 rcvbuf=4\n"+
		"session 0 client=send:2,recv:2,shutw,eof,close\nsession 1 client=send:1,close\n"))
	require.NoError(t, err)
	e := newExplorer(NewWorld(digested), tr, 0, func(*traces.Trace) bool { return true })
	e.order.First = func(n int) int {
		w := e.run
		holders, roots := w.State()
		said := teller{met: map[any]int{}}
		for _, h := range holders {
			said.met[[2]any{reflect.ValueOf(h).Pointer(), reflect.TypeOf(h)}] = len(said.met)
		}
		roots = append(roots, w.Books()...)
		for i := range roots {
			said.tell(reflect.ValueOf(&roots[i]).Elem())
		}
		is := e.digest.of(holders, roots)
		if was, ok := text[is]; ok {
			require.Equal(t, was, said.String())
		}
		if was, ok := state[said.String()]; ok {
			require.Equal(t, was, is)
		}
		text[is], state[said.String()] = said.String(), is
		return e.fork(n)
	}
	e.all()
	require.Greater(t, len(text), 40)
	require.Empty(t, e.small.Opaque)
}

// digested is a program that reads what there is, and answers with one byte.
var digested = Register(&Program{
	Name: "digested", Level: true,
	Start: func(w *World) Running {
		w.Poller().Set(core.Key(w.Listener().Num()), 0, core.EvIn)
		return &reader{w: w}
	},
})

type reader struct {
	w   *World
	fds [10]core.FD
}

func (r *reader) Deadline() core.Time { return 0 }

func (r *reader) Step() {
	var ready [4]core.Ready
	n, _, _ := r.w.Poller().Wait(ready[:], 0)
	for _, is := range ready[:n] {
		fd := r.fds[is.Key.Num()]
		if fd == nil {
			if fd, _, e := r.w.Listener().Accept(); e == 0 {
				r.fds[fd.Num()] = fd
				r.w.Poller().Set(core.Key(fd.Num()), 0, core.EvIn)
			}
			continue
		}
		var buf [4]byte
		if n, e := fd.Recv(buf[:]); n > 0 || e == core.EAGAIN {
			fd.Send(buf[:n], false)
		} else {
			fd.Close(false)
			r.fds[is.Key.Num()] = nil
		}
	}
}

func (r *reader) Stop() {
	for _, fd := range r.fds {
		if fd != nil {
			fd.Close(true)
		}
	}
	r.w.Listener().Close()
}

// TestWhatIsUnderWayIsPartOfAState, byte by byte: who writes another one has another state.
func TestWhatIsUnderWayIsPartOfAState(t *testing.T) {
	tr, err := traces.Parse("test", []byte(traces.Magic+"\nworld program=digested\nsession 0 client=send:1,close\n"))
	require.NoError(t, err)
	state := func(sent string) uint64 {
		w := NewWorld(digested)
		w.Begin(tr, sim.Benign{}, Options{})
		for w.clients[0].Sock == nil || !w.clients[0].Sock.Connected() {
			require.True(t, w.sim.Step())
		}
		w.clients[0].Sock.Out().Write([]byte(sent), false)
		is, opaque := w.WholeDigest()
		require.Empty(t, opaque)
		return is
	}
	require.Equal(t, state("ab"), state("ab"))
	require.NotEqual(t, state("ab"), state("ac"))
}
