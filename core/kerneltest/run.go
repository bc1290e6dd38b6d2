package kerneltest

import (
	"fmt"
	"strconv"

	"millrace/core"
)

// run is one script on one machine.
type run struct {
	m        Machine
	lst      Accepter
	lstReg   registration
	conns    [maxActors + 1]conn
	pipes    [maxActors + 1]tubeEnd
	counters [maxActors + 1]counter
	births   []birth // of our descriptors, in order
	lives    uint32
	buf      []byte
	pollers  [3]Poller  // level, edge, oneshot
	sleepers [2]Sleeper // level, edge
	probe    core.Poller
}

// conn is one connection. An end is nil before its time and after its close.
type conn struct {
	us       FD
	twin     FD // another number of us
	peer     Peer
	reg      registration
	twinReg  registration
	used     bool // somebody called
	calls    bool // and that was us
	accepted bool
	met      bool // a server has accepted
	up, down stream
}

// birth says which number a descriptor got.
type birth struct {
	key core.Key
	who Actor
}

// The answers of steps that make no call.
const (
	absent = "none"
	used   = "used"
)

// Run runs the script on a machine, closes that, and returns the script with
// this machine's answers. The error is the machine's.
func (s *Script) Run(m Machine) (*Script, error) {
	r := newRun(m)
	return r.script(s, r.guarded)
}

func newRun(m Machine) *run {
	p := m.Pollers()
	return &run{m: m, buf: make([]byte, maxCount), pollers: [...]Poller{p.Level, p.Edge, p.Oneshot}, sleepers: [...]Sleeper{p.Level, p.Edge}, probe: p.Probe}
}

// script runs a script, each step of which answers in its way, and closes the
// machine.
func (r *run) script(s *Script, answer func(Step) string) (*Script, error) {
	done := &Script{Name: s.Name}
	for _, l := range s.lines {
		if l.step == nil {
			done.lines = append(done.lines, l)
			continue
		}
		step := *l.step
		step.Answer = answer(step)
		done.Add(step)
		if step.Verb < Poll {
			r.settle(done)
			r.served(step)
		}
	}
	r.finish()
	return done, r.m.Close()
}

// finish closes what is left, with a RST so that nothing lingers. A kernel that has something
// against that has said so before.
func (r *run) finish() {
	for i := range r.conns {
		c := &r.conns[i]
		if c.us != nil {
			judged(func() { c.us.Close(true) })
		}
		if c.twin != nil {
			judged(func() { c.twin.Close(true) })
		}
		if c.peer != nil {
			judged(func() { c.peer.Close(true) })
		}
	}
	for i := range r.pipes {
		if p := &r.pipes[i]; p.k != nil {
			judged(p.k.Close)
		}
		if c := &r.counters[i]; c.k != nil {
			judged(func() { c.k.Close() })
		}
	}
	if r.lst != nil {
		judged(func() { r.lst.Close() })
	}
}

func (r *run) do(s Step) string {
	c := &r.conns[s.Actor.N]
	switch s.Verb {
	case Level, Edge, Oneshot:
		return r.report(r.pollers[s.Verb-Level], s.Count)
	case Sleep, Woken:
		return r.sleep(s)
	case Listen:
		return r.listen()
	case Dial, Accept, Socket:
		return r.begin(s, c)
	case Connect:
		return c.connect()
	case Dup:
		return r.dup(s, c)
	case Poll, Watch, Add, Mod, Del, Number:
		return r.look(s)
	}
	switch s.Actor.Kind {
	case Listener:
		return r.deafen(s)
	case Tube:
		return r.tube(s)
	case Counter:
		return r.counter(s)
	}
	t := transfer{out: &c.down, in: &c.up, buf: r.buf, settle: r.m.Settle}
	switch {
	case s.Actor.Kind == Us && c.us != nil:
		t.end = c.us
	case s.Actor.Kind == Twin && c.twin != nil:
		t.end = c.twin
	case s.Actor.Kind == Far && c.peer != nil:
		t.end, t.out, t.in = c.peer, &c.up, &c.down
	default:
		return absent
	}
	return r.act(s, c, &t)
}

// connect starts a connection or asks for it. After a failure that starts another
// one, whose other end gets the name if the first one's has gone.
func (c *conn) connect() string {
	if c.us == nil {
		return absent
	}
	e := c.us.Connect()
	if e == core.EINPROGRESS && c.met {
		if c.peer != nil {
			c.peer.Close(true)
		}
		c.peer, c.met, c.up, c.down = nil, false, stream{}, stream{}
	}
	return e.String()
}

// act is a step of either end.
func (r *run) act(s Step, c *conn, t *transfer) string {
	switch s.Verb {
	case Fill:
		if s.Actor.Kind == Us {
			defer r.report(r.pollers[1], 0) // how often a writer is woken depends on sizes
		}
		return t.fill()
	case Drain:
		return t.drain()
	case Send:
		return counted(t.send(s.Count, s.More))
	case Recv, Peek:
		n, right, e := t.recv(s.Count, s.Verb == Peek)
		if !right {
			return corrupt
		}
		return counted(n, e)
	case Readv, Writev:
		return t.vector(s)
	case Splice, SpliceOut:
		return r.splice(s, c)
	case ShutR, ShutW, ShutRW:
		e := t.end.Shut(s.Verb != ShutW, s.Verb != ShutR)
		return e.String()
	case Urgent:
		return t.urgent()
	case Error:
		return t.end.Error().String()
	case SndBuf, RcvBuf:
		if s.Count == 0 {
			return strconv.Itoa(t.end.Size(s.Verb == SndBuf))
		}
		return t.end.Buffer(s.Verb == SndBuf, max(0, s.Count)).String()
	case RcvLowat:
		if s.Count == 0 {
			return strconv.Itoa(c.us.Lowat())
		}
		return c.us.RcvLowat(max(0, s.Count)).String()
	}
	var fd numbered
	switch s.Actor.Kind {
	case Us:
		fd, c.us, c.reg = c.us, nil, registration{}
	case Twin:
		fd, c.twin, c.twinReg = c.twin, nil, registration{}
	default:
		c.peer = nil
		return t.end.Close(s.Verb == Reset).String()
	}
	return closed(fd, func() core.Errno { return t.end.Close(s.Verb == Reset) })
}

// numbered has a number of its own.
type numbered interface{ Num() int }

// closed closes what has a number, and returns the answer. That it keeps saying which one it
// had is part of that: a program looks it up in its books to forget it.
func closed(fd numbered, by func() core.Errno) string {
	num := fd.Num()
	answer := by().String()
	if after := fd.Num(); after != num {
		answer += fmt.Sprintf(", and its number is %d where it was %d", after, num)
	}
	return answer
}

// dup makes one of the two numbers of a connection from the other.
func (r *run) dup(s Step, c *conn) string {
	from, to, reg := c.us, &c.twin, &c.twinReg
	if s.Actor.Kind == Us {
		from, to, reg = c.twin, &c.us, &c.reg
	}
	switch {
	case *to != nil:
		return used
	case from == nil:
		return absent
	}
	fd, e := from.Dup()
	if e == 0 {
		*to, *reg = fd.(FD), r.born(fd.Num(), s.Actor)
	}
	return e.String()
}

// begin brings one end of a connection to life.
func (r *run) begin(s Step, c *conn) string {
	var e core.Errno
	switch {
	case s.Verb == Accept && (c.accepted || c.calls):
		return used
	case s.Verb == Accept && r.lst == nil:
		return absent
	case s.Verb == Accept:
		if c.us, e = r.lst.Accept(); e == 0 {
			c.accepted = true
			c.reg = r.born(c.us.Num(), s.Actor)
		}
	case c.used:
		return used
	case s.Verb == Dial:
		c.peer, e = r.m.Dial(s.Actor.N)
		c.used = true
	default:
		c.used, c.calls = true, true
		if c.us, e = r.m.Socket(s.Actor.N, s.Target); e == 0 {
			c.reg = r.born(c.us.Num(), s.Actor)
		}
	}
	return e.String()
}

// served finds the server's end after a connect.
func (r *run) served(s Step) {
	c := &r.conns[s.Actor.N]
	if s.Verb == Connect && c.calls && !c.met {
		c.peer = r.m.ServerEnd(s.Actor.N)
		c.met = c.peer != nil
	}
}

func (r *run) listen() string {
	if r.lst != nil {
		return used
	}
	lst, e := r.m.Listen()
	if e == 0 {
		r.lst = lst
		r.lstReg = r.born(lst.Num(), Actor{Listener, 1})
	}
	return e.String()
}

// deafen closes the listener, or shuts it.
func (r *run) deafen(s Step) string {
	lst := r.lst
	switch {
	case lst == nil:
		return absent
	case s.Verb != Close:
		return lst.Shut(s.Verb != ShutW, s.Verb != ShutR).String()
	}
	r.lst, r.lstReg = nil, registration{}
	return closed(lst, lst.Close)
}

// born gives a new descriptor its key.
func (r *run) born(num int, who Actor) registration {
	r.lives++
	key := core.Key(r.lives)<<32 | core.Key(uint32(num))
	r.births = append(r.births, birth{key, who})
	return registration{key: key}
}
