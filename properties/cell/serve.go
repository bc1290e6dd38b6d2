package cell

import (
	"bytes"
	"cmp"
	"encoding/gob"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"

	"millrace/properties"
	"millrace/properties/picture"
	"millrace/traces"
)

// env tells a process that it is a cell.
const env = "MILLRACE_CELL"

// maxStack is enough for any recursion that ends.
const maxStack = 64 << 20

// Serve makes this process a cell if it was started as one, and then does not
// return.
func Serve() {
	if os.Getenv(env) == "" {
		return
	}
	debug.SetMaxStack(maxStack)
	signal.Ignore(os.Interrupt, syscall.SIGTERM) // these are for who started us, and end us by ending
	s := &server{out: gob.NewEncoder(os.Stdout), asks: make(chan request), worlds: map[string]*properties.World{}}
	os.Stdout = os.Stderr // whatever the program under test prints is no answer of ours
	go s.listen(gob.NewDecoder(os.Stdin))
	go s.dog.watch(func() error { return s.say(reply{Alive: true, States: properties.Explored()}) }, s.die)
	for r := range s.asks {
		s.answer(r)
	}
	os.Exit(0)
}

// server is the inside of a cell.
type server struct {
	mu     sync.Mutex // for out: the watchdog says that it is alive
	out    *gob.Encoder
	asks   chan request
	stop   atomic.Bool
	seed   atomic.Pointer[uint64] // whose world runs; nil if it is no seed's
	dog    watchdog
	worlds map[string]*properties.World // by program, to be used again
}

// listen takes requests until nobody can ask any more.
func (s *server) listen(in *gob.Decoder) {
	defer close(s.asks)
	for {
		var r request
		if in.Decode(&r) != nil {
			return
		}
		if r.Task == stop {
			s.stop.Store(true)
			continue
		}
		s.asks <- r
	}
}

func (s *server) say(r reply) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Encode(r)
}

// tell is say for what somebody waits for: without him there is nothing left to do.
func (s *server) tell(r reply) {
	if s.say(r) != nil {
		os.Exit(0)
	}
}

// answer does what is asked, with the watchdog watching.
func (s *server) answer(r request) {
	s.stop.Store(false)
	if r.Task == hunt {
		s.dog.let(r.Limits)
		last, err := s.hunt(r)
		s.dog.let(Limits{})
		if err != nil {
			last.Err = err.Error()
		}
		s.tell(last)
		return
	}
	t, err := traces.Parse(r.Path, r.Trace)
	if err != nil {
		s.tell(reply{Err: err.Error(), Done: true})
		return
	}
	last := reply{Done: true}
	s.dog.let(r.Limits)
	switch r.Task {
	case shrink:
		last.Trace = properties.Shrink(t, r.Path, s.stop.Load).AppendText(nil)
	case replay:
		err = journal(r.Journal, func(o properties.Options) { last.Trace, last.Failed = run(t, o) })
	case explain:
		var b bytes.Buffer
		last.Failed = properties.Explain(&b, t, r.Path, r.Turns) != nil
		last.Text = b.String()
	case see:
		if k, f := properties.WorldOf(t).Show(t); f == nil {
			last.Kept = &k
		}
	case show:
		var b bytes.Buffer
		last.Failed = properties.Show(&b, t, r.Sockets, r.Turns) != nil
		last.Text = b.String()
	case draw:
		last.Text, last.Failed, err = s.draw(t, r)
	}
	s.dog.let(Limits{})
	if err != nil {
		last.Err = err.Error()
	}
	s.tell(last)
}

// draw draws a run, or two of them.
func (s *server) draw(t *traces.Trace, r request) (text string, failed bool, err error) {
	var p *picture.Picture
	if r.Both {
		if p, err = picture.Both(t, r.Path); err != nil {
			return "", false, err
		}
	} else {
		p = picture.Simulated(t, r.Path)
	}
	s.dog.let(Limits{}) // the runs came back
	var b bytes.Buffer
	err = p.Print(&b, r.As)
	return b.String(), p.Failed(), err
}

// hunt runs the worlds of some seeds.
func (s *server) hunt(r request) (last reply, err error) {
	w := s.worlds[r.Program]
	if w == nil {
		p := properties.Lookup(r.Program)
		if p == nil {
			return reply{Done: true}, fmt.Errorf("nobody here knows the program %q", r.Program)
		}
		w = properties.NewWorld(p)
		if r.Corpus != "" {
			if w.Corpus, err = p.ReadCorpus(r.Corpus); err != nil {
				return reply{Done: true}, err
			}
		}
		s.worlds[r.Program] = w
	}
	err = journal(r.Journal, func(o properties.Options) { w.Journal = o.Journal; last = s.seeds(w, r.Seeds) })
	return last, err
}

// journal has f done with what is to be written down as it comes, if anything is.
func journal(path string, f func(properties.Options)) error {
	if path == "" {
		f(properties.Options{})
		return nil
	}
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return err
	}
	f(properties.Options{Journal: out})
	return out.Close()
}

func (s *server) seeds(w *properties.World, h Seeds) reply {
	began := processorTime()
	for i := range h.N {
		seed := h.From + i
		if h.Back {
			seed = h.From + h.N - 1 - i
		}
		w.Share, w.Bounds = h.Share, cmp.Or(h.Small, properties.DefaultBounds)
		s.seed.Store(&seed)
		failed := false
		w.Try(h.How, seed, func(t *traces.Trace) bool {
			failed = true
			if id := properties.Identity(t); slices.Contains(h.Known, id) {
				s.tell(reply{Known: id})
			} else {
				h.Known = append(h.Known, id)
				s.tell(reply{Trace: t.AppendText(nil)})
			}
			return !h.First && !s.stop.Load()
		})
		if failed && h.First {
			break
		}
	}
	s.seed.Store(nil)
	totals := new(properties.Totals)
	w.Flush(totals)
	totals.Spent = uint64(processorTime() - began)
	return reply{Totals: totals, Done: true}
}

// run runs a trace, and returns it with the decisions that were taken and with how it
// fails.
func run(t *traces.Trace, opts properties.Options) (text []byte, failed bool) {
	w := properties.WorldOf(t)
	f := w.Replay(t, opts)
	c := *t
	c.Decisions, c.Fail = w.Decisions(), ""
	if f != nil {
		c.Fail = f.String()
	}
	return c.AppendText(nil), f != nil
}
