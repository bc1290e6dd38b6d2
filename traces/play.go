package traces

import (
	"errors"
	"fmt"
	"math"
	"runtime/debug"

	"millrace/core"
	"millrace/sim"
)

// Replay is what became of a recording that was played.
//
// At most one of Divergence, Mismatch and Breach is set. If none is, the program
// did what it did in the recording, to its last step.
type Replay struct {
	Steps      int          // steps that were played and agreed with
	Divergence *Divergence  // the first call that differs
	Mismatch   *Mismatch    // a wrong byte was sent
	Breach     *core.Breach // an invariant was broken, or the program panicked
}

// Same says that the proxy did what it did in the recording.
func (r *Replay) Same() bool { return r.Divergence == nil && r.Mismatch == nil && r.Breach == nil }

// String says in one line what became of the replay.
func (r *Replay) String() string {
	switch {
	case r.Divergence != nil:
		return r.Divergence.String()
	case r.Mismatch != nil:
		return r.Mismatch.String()
	case r.Breach != nil:
		return fmt.Sprintf("after step %d: %s", r.Steps, oneLine(r.Breach.Error()))
	}
	return fmt.Sprintf("%d steps, all as recorded", r.Steps)
}

// Divergence is a call that is not the recorded one.
type Divergence struct {
	Step     int    // counted from 1
	Recorded string // the calls as Step.Asked prints them
	Did      string
	Was, Is  Step // the calls: with the recorded answer, and with none
}

// String prints both calls.
func (d *Divergence) String() string {
	return fmt.Sprintf("step %d: recorded `%s`, proxy did `%s`", d.Step, d.Recorded, d.Did)
}

// Mismatch is a byte that is not the one that belongs there.
type Mismatch struct {
	Step       int // counted from 1
	Actor      sim.Actor
	Offset     int64 // in what was sent through this descriptor
	Sent, Want byte
}

// String says which byte.
func (m *Mismatch) String() string {
	return fmt.Sprintf("step %d: %s sent a wrong byte at offset %d: 0x%02x instead of 0x%02x",
		m.Step, m.Actor, m.Offset, m.Sent, m.Want)
}

// Player is a kernel made of a recording's answers, with a program on it.
type Player struct {
	t      *Trace
	pos    int // steps consumed
	now    core.Time
	of     *Program
	run    Running
	fds    []*playFD // by number; nil = free
	low    int       // no number below is free
	open   map[sim.Actor]*playFD
	cut    bool       // the recording lost its beginning; see Cut
	begun  bool       // the program has had a round without the recording, if it is a cut
	latest [2]*playFD // the sockets made last, towards a client and towards a server
	over   bool
	// Told, unless nil, hears of each call before it is compared with the recorded one.
	Told   func(did *Step)
	result Replay
	err    error
}

// Play plays the steps of a trace. The error says why the trace cannot be
// played; what the program does is never an error. A recording that lost its beginning is
// played as its Cut, and steps are counted as those are.
func Play(t *Trace) (*Replay, error) {
	p, err := NewPlayer(t)
	if err != nil {
		return nil, err
	}
	for p.Round() {
	}
	return p.Result()
}

// NewPlayer starts the trace's program as its settings say. The trace must not be
// changed while it is played.
func NewPlayer(t *Trace) (*Player, error) {
	of := t.program()
	switch {
	case t.Skipped > 0 && len(t.Cut().Steps) == 0:
		return nil, fmt.Errorf("the recording lacks its first %d steps, and no session begins in what is left: "+
			"its ring was too small, or it began anew when the list of servers changed", t.Skipped)
	case len(t.Steps) == 0:
		return nil, errors.New("the trace has no steps to play: it describes a world, to be run in one")
	case t.Settings[Workers] > 1:
		return nil, errors.New("the steps are those of several workers, and one program is played: they can be read")
	case of.Play == nil:
		return nil, errors.New("nobody here knows how to start this trace's program: its steps can be read")
	}
	cut := t.Skipped > 0
	if cut {
		t = t.Cut().Trace
	}
	p := &Player{t: t, cut: cut, of: of, now: core.Time(sim.Epoch), open: map[sim.Actor]*playFD{}}
	run, err := of.Play(&t.Settings, Kernel{playPoller{p}, playDialer{p}, playListener{p.bind(sim.Listener)}, p.now, p})
	if err != nil {
		return nil, err
	}
	p.run = run
	return p, nil
}

// Running returns the program, to be looked at between two rounds.
func (p *Player) Running() Running { return p.run }

// Played returns how many steps were consumed so far.
func (p *Player) Played() int { return p.pos }

// Actor returns whose a descriptor's number is, the worker if it is nobody's.
func (p *Player) Actor(num int) sim.Actor {
	if num >= len(p.fds) || p.fds[num] == nil {
		return sim.Worker
	}
	return p.fds[num].actor
}

// Live says that the recording is of a real kernel: those have the outcomes of ciphers.
func (p *Player) Live() bool { return p.t.Live }

// Result returns what became of the replay so far.
func (p *Player) Result() (*Replay, error) {
	if p.err != nil {
		return nil, p.err
	}
	r := p.result
	r.Steps = p.pos
	return &r, nil
}

// halt is the panic that ends a replay in the middle of a round: what follows a
// call without an answer is nobody's business.
type halt struct{}

// Round lets the program's loop make one round, and reports whether there may be
// another one.
func (p *Player) Round() (more bool) {
	if p.over {
		return false
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
			more = true
		case halt:
			p.over = true
		case *core.Breach:
			p.over, p.result.Breach = true, r
		default:
			p.over = true
			p.result.Breach = &core.Breach{ID: "panic", Where: fmt.Sprint(r), What: string(debug.Stack())}
		}
	}()
	p.delay(false)
	for p.told() {
	}
	p.run.Step()
	return true
}

// MayTurn says whether the descriptor of a number may have a turn now that its loop gives to
// few: in a recording that lost its beginning others may have had it, and the next step is
// that of who had.
func (p *Player) MayTurn(num int) bool {
	s := p.next()
	return !p.cut || s == nil || p.fds[num] == nil || s.Actor == p.fds[num].actor
}

// told acts on a step that is not a call of the program, if that is what is next.
func (p *Player) told() bool {
	if p.pos == len(p.t.Steps) {
		panic(halt{})
	}
	switch p.t.Steps[p.pos].Call {
	case CallStop:
		p.pos++
		p.run.Stop()
	case CallDelay:
		p.pos++
		p.delay(true)
	default:
		return false
	}
	return true
}

func (p *Player) delay(on bool) {
	if d, ok := p.run.(Delayer); ok {
		d.Delay(on)
	}
}

// answer compares a call with the recorded one, which it returns.
func (p *Player) answer(did Step) *Step {
	if p.Told != nil {
		p.Told(&did)
	}
	p.shed()
	if p.pos == len(p.t.Steps) {
		panic(halt{})
	}
	s := &p.t.Steps[p.pos]
	if !s.asksLike(&did) && !(p.cut && p.likely(s, &did)) {
		p.result.Divergence = &Divergence{Step: p.pos + 1, Recorded: s.Asked(), Did: did.Asked(), Was: *s, Is: did}
		panic(halt{})
	}
	p.pos++
	p.pass(s)
	return s
}

// next is the step that is next, nil if there is none.
func (p *Player) next() *Step {
	if p.pos == len(p.t.Steps) {
		return nil
	}
	return &p.t.Steps[p.pos]
}

// Shedder is a Running that gives back a pipe when its operator wants one.
type Shedder interface {
	Shed()
}

// shed acts on the operator's wishes, which come in the middle of a call.
func (p *Player) shed() {
	for s := p.next(); s != nil && s.Call == CallShed; s = p.next() {
		p.pos++
		if r, can := p.run.(Shedder); can {
			r.Shed()
		}
	}
}

// Full says whether what comes next is that the client of a session has its share, and takes it.
func (p *Player) Full(label uint32) bool {
	s := p.next()
	if s == nil || s.Call != CallFull || s.Actor != ActorOf(sim.Front, label) {
		return false
	}
	p.pos++
	return true
}

// Redirector is a Running whose sessions go to servers that a recording knows better.
type Redirector interface {
	// Redirect has the attempt of a session that is about to begin go to a server.
	Redirect(label uint32, server int)
}

// likely says that a call differs only in what the sessions that are left out have decided.
func (p *Player) likely(s, did *Step) bool {
	if s.Call != did.Call || s.Actor != did.Actor {
		return false
	}
	switch s.Call {
	case CallWait:
		return did.Arg < 0 || s.Arg >= 0 && s.Arg <= did.Arg
	case CallSocket:
		if r, can := p.run.(Redirector); can {
			r.Redirect(uint32(s.Actor.Num()), int(s.Arg))
			return true
		}
	}
	return false
}

// pass lets the time of a step pass.
func (p *Player) pass(s *Step) {
	if s.After < 0 || s.After > math.MaxInt64/2-int64(p.now) {
		p.unplayable("more than a century passes")
	}
	p.now += core.Time(s.After)
}

// unplayable ends the replay of a recording that contradicts itself. The step to
// blame is the one just taken.
func (p *Player) unplayable(format string, args ...any) {
	p.err = fmt.Errorf("step %d: %s", p.pos, fmt.Sprintf(format, args...))
	panic(halt{})
}

// bind takes the lowest free number for an actor, as POSIX demands.
func (p *Player) bind(a sim.Actor) *playFD {
	if p.open[a] != nil {
		p.unplayable("%s is open already", a)
	}
	for p.low < len(p.fds) && p.fds[p.low] != nil {
		p.low++
	}
	if p.low == len(p.fds) {
		p.fds = append(p.fds, nil)
	}
	f := &playFD{p: p, num: p.low, actor: a}
	switch a.Kind() {
	case sim.Front:
		p.latest[0] = f
	case sim.Back:
		p.latest[1] = f
		f.intro = p.of.Introduces != nil && p.of.Introduces(&p.t.Settings)
	}
	p.fds[p.low], p.open[a] = f, f
	return f
}
