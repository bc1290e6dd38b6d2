package traces

import (
	"millrace/core"
	"millrace/sim"
)

// playDialer is the Player as a core.Dialer.
type playDialer struct{ p *Player }

// Socket implements core.Dialer.
func (d playDialer) Socket(to int, label uint32) (core.FD, core.Errno) {
	a := ActorOf(sim.Back, label)
	if s := d.p.answer(Step{Actor: a, Call: CallSocket, Arg: int64(to)}); s.Err != 0 {
		return nil, s.Err
	}
	return d.p.bind(a), 0
}

// playListener is the Player as a core.Listener.
type playListener struct{ f *playFD }

// Num implements core.Listener.
func (l playListener) Num() int { return l.f.num }

// Accept implements core.Listener.
func (l playListener) Accept() (core.FD, core.Peer, core.Errno) {
	core.BugOn(l.f.closed, "I01", "kernel", "accept on a closed listener")
	p := l.f.p
	s := p.answer(Step{Actor: sim.Listener, Call: CallAccept})
	if s.Err != 0 {
		return nil, core.Peer{}, s.Err
	}
	a := sim.Actor(s.Answer)
	peer := core.Peer{Label: uint32(a.Num())}
	if p.speaks(a) {
		peer.Addr = Speaker
	}
	return p.bind(a), peer, 0
}

// Close implements core.Listener.
func (l playListener) Close() core.Errno { return l.f.Close(false) }

// playPoller is the Player as a core.Poller.
type playPoller struct{ p *Player }

// Edge implements core.Poller.
func (p playPoller) Edge() bool { return p.p.t.Settings[Poller] == Edge }

// Set implements core.Poller.
func (p playPoller) Set(key core.Key, old, want core.Events) core.Errno {
	num := key.Num()
	core.BugOn(num >= len(p.p.fds) || p.p.fds[num] == nil, "I01", "poller", "a wish for a closed descriptor")
	f := p.p.fds[num]
	if f.want != old {
		core.BugOn(true, "I03", "poller", "the table thinks "+old.String()+" is registered, it is "+f.want.String())
	}
	f.key = key
	if p.p.cut && f.actor == sim.Listener {
		f.want = want
		return 0
	}
	s := p.p.answer(Step{Actor: f.actor, Call: CallSet, Arg: int64(want)})
	if s.Err == 0 {
		f.want = want
	} else {
		f.refused = 0 // the proxy can only try by itself now
	}
	return s.Err
}

// Add implements core.Registrar.
func (p playPoller) Add(key core.Key, want core.Events) core.Errno { return p.told(CallAdd, key, want) }

// Mod implements core.Registrar.
func (p playPoller) Mod(key core.Key, want core.Events) core.Errno { return p.told(CallMod, key, want) }

// Del implements core.Registrar.
func (p playPoller) Del(key core.Key) core.Errno { return p.told(CallDel, key, 0) }

// told is a call of a Registrar, which may be of what is not open.
func (p playPoller) told(call Call, key core.Key, want core.Events) core.Errno {
	step, num := Step{Actor: sim.PollerOf, Call: call, Arg: int64(want)}, key.Num()
	if num >= len(p.p.fds) || p.p.fds[num] == nil {
		return p.p.answer(step).Err
	}
	f := p.p.fds[num]
	step.Actor = f.actor
	e := p.p.answer(step).Err
	if f.key = key; e == 0 {
		f.want = want
	}
	return e
}

// nobody is a key that no descriptor has: a report for one that is closed.
const nobody core.Key = 1<<31 - 1

// Wait implements core.Poller.
func (p playPoller) Wait(ready []core.Ready, deadline core.Time) (int, core.Time, core.Errno) {
	t := p.p
	if t.cut && !t.begun {
		t.begun = true
		return 0, t.now, 0
	}
	s := t.answer(Step{Actor: sim.PollerOf, Call: CallWait, Arg: until(deadline, t.now)})
	n := int(s.Answer)
	if n < 0 || n > len(ready) {
		t.unplayable("%d lines reported to a loop that takes %d", n, len(ready))
	}
	for i := range n {
		ready[i] = t.line()
	}
	if t.pos < len(t.t.Steps) && t.t.Steps[t.pos].Call == CallEvent {
		t.pos++
		t.unplayable("the wait before reports only %d lines", n)
	}
	return n, t.now, s.Err
}

// line takes one line of a report.
func (p *Player) line() core.Ready {
	if p.pos == len(p.t.Steps) {
		panic(halt{})
	}
	s := &p.t.Steps[p.pos]
	p.pos++
	if s.Call != CallEvent {
		p.unplayable("the wait before reports more lines than there are")
	}
	p.pass(s)
	r := core.Ready{Key: nobody, Events: core.Events(s.Arg)}
	if s.Actor == sim.PollerOf {
		return r
	}
	f := p.open[s.Actor]
	if f == nil || f.key == 0 && !s.More {
		p.unplayable("%s is not registered and cannot be reported", s.Actor)
	}
	if s.More {
		r.Key = core.Key(f.num) // generation 0, which comes before the first
		return r
	}
	r.Key = f.key
	if r.Events&^core.EvOut != 0 {
		f.refused &^= core.R
	}
	if r.Events.Any(core.EvOut | core.EvErr | core.EvHup) {
		f.refused &^= core.W
	}
	return r
}
