package traces

import (
	"millrace/core"
	"millrace/sim"
)

// Dialer returns a dialer that records what d is asked for.
func (r *Recorder) Dialer(d core.Dialer) core.Dialer { return &dialer{r, d} }

// Listener returns a listener that records what is accepted from l.
func (r *Recorder) Listener(l core.Listener) core.Listener {
	r.begin(nil, l.Num(), sim.Listener) // for the poller's reports
	return &listener{r, l}
}

// Poller returns a poller that records what p is told and what it reports.
func (r *Recorder) Poller(p core.Poller) core.Poller { return &poller{r, p} }

type dialer struct {
	r *Recorder
	d core.Dialer
}

// Socket implements core.Dialer.
func (d *dialer) Socket(to int, label uint32) (core.FD, core.Errno) {
	fd, e := d.d.Socket(to, label)
	a := ActorOf(sim.Back, label)
	step := Step{Actor: a, Call: CallSocket, Arg: int64(to), Err: e}
	if d.r.server != nil {
		d.r.addFrom(step, d.r.server(to))
	} else {
		d.r.add(step)
	}
	if e != 0 {
		return nil, e
	}
	d.r.latest[1] = a
	return d.r.begin(fd, fd.Num(), a), 0
}

type listener struct {
	r *Recorder
	l core.Listener
}

// Num implements core.Listener.
func (l *listener) Num() int { return l.l.Num() }

// Accept implements core.Listener.
func (l *listener) Accept() (core.FD, core.Peer, core.Errno) {
	fd, peer, e := l.l.Accept()
	step := Step{Actor: sim.Listener, Call: CallAccept, Err: e}
	if e != 0 {
		l.r.add(step)
		return nil, peer, e
	}
	a := ActorOf(sim.Front, peer.Label)
	step.Answer = int64(a)
	l.r.latest[0] = a
	if l.r.server != nil {
		l.r.addFrom(step, peer.Addr)
	} else {
		l.r.add(step)
	}
	return l.r.begin(fd, fd.Num(), a), peer, 0
}

// Close implements core.Listener.
func (l *listener) Close() core.Errno {
	num := l.l.Num()
	e := l.l.Close()
	l.r.at(num).open = false
	l.r.add(Step{Actor: sim.Listener, Call: CallClose, Err: e})
	return e
}

var _ core.Registrar = (*poller)(nil)

type poller struct {
	r *Recorder
	p core.Poller
}

// Edge implements core.Poller.
func (p *poller) Edge() bool { return p.p.Edge() }

// Set implements core.Poller.
func (p *poller) Set(key core.Key, old, want core.Events) core.Errno {
	return p.told(CallSet, key, want, p.p.Set(key, old, want))
}

// told records what a poller was told of a descriptor.
func (p *poller) told(call Call, key core.Key, want core.Events, e core.Errno) core.Errno {
	a := sim.PollerOf // a number that the recorder has not seen opened
	if s := p.r.seen(key.Num()); s != nil {
		a, s.gen, s.told = s.actor, key.Gen(), true
	}
	p.r.add(Step{Actor: a, Call: call, Arg: int64(want), Err: e})
	return e
}

// Add implements core.Registrar.
func (p *poller) Add(key core.Key, want core.Events) core.Errno {
	return p.registers(CallAdd, key, want)
}

// Mod implements core.Registrar.
func (p *poller) Mod(key core.Key, want core.Events) core.Errno {
	return p.registers(CallMod, key, want)
}

// Del implements core.Registrar.
func (p *poller) Del(key core.Key) core.Errno { return p.registers(CallDel, key, 0) }

// registers makes a call of core.Registrar, also where the poller is none: it has no such calls then.
func (p *poller) registers(call Call, key core.Key, want core.Events) core.Errno {
	e := core.ENOSYS
	switch r, can := p.p.(core.Registrar); {
	case !can:
	case call == CallAdd:
		e = r.Add(key, want)
	case call == CallMod:
		e = r.Mod(key, want)
	default:
		e = r.Del(key)
	}
	return p.told(call, key, want, e)
}

// known are the events that have a name. A real kernel may add others, which
// nobody looks at and no text can hold.
const known = core.EvIn | core.EvPri | core.EvOut | core.EvErr | core.EvHup | core.EvRdHup

// Wait implements core.Poller.
func (p *poller) Wait(ready []core.Ready, deadline core.Time) (int, core.Time, core.Errno) {
	r := p.r
	n, now, e := p.p.Wait(ready, deadline)
	step := Step{
		After: max(0, min(maxStep, int64(now-r.since(now)))), // a clock that goes back is the loop's to notice
		Actor: sim.PollerOf, Call: CallWait, Arg: until(deadline, r.now), Err: e,
	}
	if e == 0 {
		step.Answer = int64(n)
	}
	r.add(step)
	r.now = now
	for _, line := range ready[:n] {
		step := Step{Actor: sim.PollerOf, Call: CallEvent, Arg: int64(line.Events & known)}
		// What nobody polls, an end of a pipe, may have the number of a socket that is reported late.
		if s := r.seen(line.Key.Num()); s != nil && (s.told || s.actor.Kind() != sim.Worker) {
			step.Actor, step.More = s.actor, !s.told || s.gen != line.Key.Gen()
		}
		r.add(step)
	}
	return n, now, e
}

// since returns when the last wait before now ended, whichever worker's that was.
func (r *Recorder) since(now core.Time) (before core.Time) {
	if r.log != nil {
		r = r.log
	}
	before, r.waited = r.waited, now
	return before
}

// until is a deadline as a step has it: the span until then, 0 if it is not in
// the future, -1 for never.
func until(deadline, now core.Time) int64 {
	if deadline == 0 {
		return -1
	}
	return max(0, min(maxStep, int64(deadline-now)))
}
