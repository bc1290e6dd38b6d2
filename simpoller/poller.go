package simpoller

import (
	"slices"

	"millrace/core"
	"millrace/sim"
	"millrace/simfd"
)

// reg is the registration of a number, if it is there.
type reg struct {
	sock   *simfd.Socket // of an orphan
	since  uint64        // in which order registrations were made
	key    core.Key
	there  bool
	want   core.Events
	kept   core.Events // the half of a split report that is still due
	listed bool
	spent  bool // one-shot, and reported
	deaf   bool // a wish was refused, and none was granted since
	excess int8 // see Excess
	lines  int  `digest:"-"` // reported
}

// Poller is a simulated epoll set over one simulated kernel.
type Poller struct {
	w     *sim.World
	k     *simfd.Kernel
	agent sim.Agent
	edge  bool
	regs  []reg // by number
	// orphans are those whose numbers were given back, while what they were of goes on.
	orphans []reg
	list    []int32 // numbers; negative ones are places among the orphans
	made    uint64
	again   []int32  `digest:"-"` // scratch
	stale   core.Key // of the registration closed last, 0 = none
	// Oneshot, set after Reset, makes a report end the wish: nothing more is
	// reported of a descriptor before its next Set, not even ERR.
	Oneshot bool
	// Asleep, set after Reset, says that somebody sleeps in a wait, and is no longer so when
	// something is there to be reported. It matters to who has several pollers.
	Asleep bool
	// Wake is called when a registered descriptor may have become ready.
	Wake func()
	// Said, set after Reset, is told until when each wait is to sleep, which none does.
	Said  func(deadline core.Time)
	Stats Stats
}

// Stats counts what the program under test asked of the poller.
type Stats struct {
	Sets  uint64
	Waits uint64
	Lines uint64
	// Refused counts wishes that were, Stale reports of what is closed.
	Refused, Stale uint64
	// Interrupts counts waits that ended with EINTR.
	Interrupts uint64
	// Changes counts what the kernel told the poller of registered descriptors.
	Changes uint64
}

var (
	_ core.Poller   = (*Poller)(nil)
	_ simfd.Watcher = (*Poller)(nil)
)

// Reset starts over, on a kernel that was just reset, keeping memory: whatever has a length
// begins at none.
func (p *Poller) Reset(w *sim.World, k *simfd.Kernel, edge bool, wake func()) {
	*p = Poller{w: w, k: k, edge: edge, regs: p.regs[:0], orphans: p.orphans[:0], list: p.list[:0], again: p.again[:0], Wake: wake}
	p.agent.Init(sim.PollerOf.Of(k.Number()), &w.Choices)
}

// Renew makes it that of another process, whose choices are the next ones.
func (p *Poller) Renew() {
	p.regs, p.orphans, p.list, p.stale = p.regs[:0], p.orphans[:0], p.list[:0], 0
}

// Edge implements core.Poller.
func (p *Poller) Edge() bool { return p.edge }

// Registered returns the wish registered for a number; 0 if there is none.
func (p *Poller) Registered(num int) core.Events {
	if num >= len(p.regs) {
		return 0
	}
	return p.regs[num].want
}

// Set implements core.Poller. A wrong old value is what epoll_ctl answers with
// EEXIST or ENOENT: the program has lost track. What needs memory may be refused; that a
// registration ends never is.
func (p *Poller) Set(key core.Key, old, want core.Events) core.Errno {
	num := key.Num()
	core.BugOn(!p.k.IsOpen(num), "I01", "poller", "a wish for a closed descriptor")
	r := p.reg(num)
	if r.want != old || r.there != (old != 0) {
		core.BugOn(true, "I03", "poller", "the table thinks "+old.String()+" is registered, it is "+r.want.String())
	}
	if want != 0 && r.exclusive() || want.Any(core.EvExclusive) && p.unfit(want, r.there) {
		return core.EINVAL
	}
	if want != 0 && p.k.Agent(num).Choose(sim.OpSetFail, 2) != 0 {
		p.Stats.Refused++
		r.deaf = true
		return core.ENOMEM
	}
	r.deaf = false
	r.wished(p.socket(int32(num)))
	p.register(key, want, want != 0)
	return 0
}

// Changed implements simfd.Watcher. A change that nobody asked for wakes nobody,
// even if something else is ready.
func (p *Poller) Changed(num int, ev core.Events) {
	ev &^= core.EvExclusive // there is no other poller
	if s := p.k.FD(num); s != nil && s.Shared() {
		for _, num := range p.numbers(s) {
			p.stir(num, ev)
		}
	} else if num < len(p.regs) {
		p.stir(int32(num), ev)
	}
}

// stir is a change for one registration, and says whether it is one that is asked for.
func (p *Poller) stir(num int32, ev core.Events) bool {
	r := p.at(num)
	if !r.there || r.spent || ev&(r.want|core.EvErr|core.EvHup) == 0 {
		return false
	}
	p.enlist(num) // ready or not: it has its place in the report from now on
	// A wait that sleeps is woken, and asks: who is told that there is no room yet is told
	// when there is.
	if p.mask(num) != 0 {
		p.Stats.Changes++
		p.Asleep = false
		p.Wake()
	}
	return true
}

// Closed implements simfd.Watcher.
func (p *Poller) Closed(num int) {
	if s := p.k.FD(num); s != nil && s.Shared() {
		p.bury(s)
	}
	if num >= len(p.regs) || !p.regs[num].there {
		return
	}
	p.stale = p.regs[num].key
	p.delist(int32(num))
	p.regs[num] = reg{}
}

func (p *Poller) enlist(num int32) {
	if r := p.at(num); !r.listed {
		r.listed = true
		p.list = append(p.list, num)
	}
}

func (p *Poller) delist(num int32) {
	if r := p.at(num); r.listed {
		r.listed = false
		i := slices.Index(p.list, num)
		p.list = slices.Delete(p.list, i, i+1)
	}
}

// mask is what may be reported for a number now, which is asked for.
func (p *Poller) mask(num int32) core.Events {
	r := p.at(num)
	if !r.there || r.spent {
		return 0
	}
	return p.ask(num)&(r.want|core.EvErr|core.EvHup) | r.kept
}

// Pending says whether a wait would return at once. If it would not, the list is
// empty from then on: a wait that sleeps has looked at everything in it.
func (p *Poller) Pending() bool {
	for _, num := range p.list {
		if p.mask(num) != 0 {
			return true
		}
	}
	for _, num := range p.list {
		p.at(num).listed = false
	}
	p.list = p.list[:0]
	return false
}

// Wait implements core.Poller. It never sleeps: the world calls the program
// only when there is something to report or the deadline has come.
func (p *Poller) Wait(ready []core.Ready, deadline core.Time) (int, core.Time, core.Errno) {
	n, e := p.wait(ready, deadline)
	p.k.Looked()
	return n, core.Time(p.w.Now()), e
}

func (p *Poller) wait(ready []core.Ready, deadline core.Time) (int, core.Errno) {
	p.Stats.Waits++
	if len(ready) == 0 {
		return 0, core.EINVAL
	}
	if p.Said != nil {
		p.Said(deadline)
	}
	v := p.agent.Choose(sim.OpClockJump, 64)
	leap := sim.OpClockJump.Span(v)
	if v%2 == 0 {
		p.w.Leap(leap) // before the look, or
		leap = 0
	}
	if p.agent.Choose(sim.OpWaitIntr, 2) != 0 {
		p.Stats.Interrupts++
		return 0, core.EINTR
	}
	n := 0
	if p.Pending() {
		n = p.report(ready)
	}
	n = p.invent(ready, n)
	for _, line := range ready[:n] {
		p.w.Note(uint64(line.Key)<<16 ^ uint64(line.Events))
		p.k.Touched.Add(line.Key.Num())
	}
	p.Stats.Lines += uint64(n)
	p.w.Leap(leap) // behind it
	return n, 0
}

// report fills in what is due. What was reported and is still in the list goes
// to its end, so that a report that is too short goes on where it stopped. What is
// not ready leaves the list, unless the report stopped before it: there it keeps
// its place for when it is.
//
// What happens to one line is its descriptor's choice, and what concerns several
// names one of them, so that taking a session out of a run leaves that of others.
func (p *Poller) report(ready []core.Ready) int {
	others := func(i int) sim.Actor { return p.chooser(p.list[i+1]).Actor } // than the first
	if v := p.agent.Pick(sim.OpRotate, len(p.list)-1, others); v >= 0 {
		rotate(p.list, v+1)
	}
	p.overtake()
	stop := p.agent.Pick(sim.OpTruncate, len(p.list)-1, others) + 1
	limit := len(ready)
	n := 0
	kept, again := p.list[:0], p.again[:0]
	for i, num := range p.list {
		if i == stop && n > 0 {
			limit = n
		}
		r := p.at(num)
		ev := p.mask(num)
		if ev == 0 && n < limit {
			r.listed = false
			continue
		}
		agent := p.chooser(num)
		if n == limit || agent.Choose(sim.OpLate, 2) != 0 {
			kept = append(kept, num)
			continue
		}
		said := p.half(agent, ev)
		whole := said == ev
		r.kept = 0
		if p.edge {
			r.kept = ev &^ said
		}
		if !whole { // told twice, and once more than the program asked for
			p.invented(num, 0)
		}
		if p.socket(num) != nil && agent.Choose(sim.OpEarlyHup, 2) != 0 {
			said |= core.EvHup
			p.invented(num, core.EvHup)
		}
		n = p.line(ready, n, num, said)
		r.spent = p.Oneshot
		if !p.Oneshot && (!p.edge || !whole) {
			again = append(again, num)
		} else {
			r.listed = false
		}
	}
	p.list, p.again = append(kept, again...), again
	return n
}

// overtake moves lines to the front of the report, each by its own choice.
func (p *Poller) overtake() {
	first := 0
	for i := 1; i < len(p.list); i++ {
		if num := p.list[i]; p.chooser(num).Choose(sim.OpAhead, 2) != 0 {
			copy(p.list[first+1:i+1], p.list[first:i])
			p.list[first] = num
			first++
		}
	}
}

// halves are what a report of several things says first where it is split, by the value
// of sim.OpSplit.
var halves = [...]core.Events{
	^core.Events(0), ^core.EvOut, ^(core.EvHup | core.EvRdHup), core.EvErr | core.EvHup | core.EvRdHup,
}

// half is what a report says of a descriptor of which this much is true: all of it, or a
// part, and the rest in the next one.
func (p *Poller) half(agent *sim.Agent, ev core.Events) core.Events {
	if p.Oneshot || ev&(ev-1) == 0 {
		return ev
	}
	if half := ev & halves[agent.Choose(sim.OpSplit, len(halves))]; half != 0 {
		return half
	}
	return ev
}

// invent adds a line that says nothing true about a descriptor that is open.
func (p *Poller) invent(ready []core.Ready, n int) int {
	if n == len(ready) {
		return n
	}
	if p.stale != 0 && p.agent.Choose(sim.OpStale, 2) != 0 {
		ready[n] = core.Ready{Key: p.stale, Events: core.EvIn | core.EvOut | core.EvHup}
		p.Stats.Stale++
		n++
	}
	if n == len(ready) {
		return n
	}
	const may = core.EvIn | core.EvOut
	v := p.agent.Pick(sim.OpSpurious, len(p.regs), func(num int) sim.Actor {
		if r := &p.regs[num]; r.spent || r.want&may == 0 {
			return 0
		}
		return p.k.Agent(num).Actor
	})
	if v >= 0 {
		r := &p.regs[v]
		r.spent = p.Oneshot
		n = p.line(ready, n, int32(v), r.want&may)
		p.invented(int32(v), r.want&may)
	}
	return n
}

// line reports one descriptor.
func (p *Poller) line(ready []core.Ready, n int, num int32, ev core.Events) int {
	r := p.at(num)
	ready[n] = core.Ready{Key: r.key, Events: ev}
	r.excess = max(-saved, r.excess-1)
	r.lines++
	var w core.Wish
	if ev&^core.EvOut != 0 {
		w |= core.R
	}
	if ev.Any(core.EvOut | core.EvErr | core.EvHup) {
		w |= core.W
	}
	if s := p.socket(num); s != nil {
		s.Reported(w)
	}
	return n + 1
}

// rotate moves the first v entries to the end, in place.
func rotate(list []int32, v int) {
	reverse(list[:v])
	reverse(list[v:])
	reverse(list)
}

func reverse(list []int32) {
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
}
