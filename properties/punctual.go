package properties

import "millrace/core"

// punctual is what is known of a loop's waits, to see that its timers are told as soon as
// they may be: when all that could be reported since they were due has been. A wait that was
// interrupted has not looked, and one that filled its report may not have seen the rest: as
// many lines are enough as there were descriptors.
type punctual struct {
	events  int       // how many lines a report has room for
	began   core.Time `digest:"-"` // when this round began
	lines   uint64    `digest:"-"` // reported before it
	intr    uint64    `digest:"-"` // interrupts before it
	since   core.Time // before the first of the looks that have not seen everything
	unseen  int       // lines that these reported
	goal    int       // how many are enough
	due     core.Time // what was due by then should have been told the round before
	allowed int       // how many rounds more
}

// before takes note of a round that begins.
func (p *punctual) before(l *Looping) {
	p.began, p.lines = l.Now(), l.Stats.Events
	p.intr = l.W.poller.Stats.Interrupts
	if p.unseen == 0 {
		p.since, p.goal = p.began, l.Table.Opened()
	}
}

// behind looks at the timers that are left behind the round. Turns that are late hold up those
// that were due since they were reported: one of them has its turn in each round, and one that
// pauses is reported anew before that. And a task that had to wait for its run may set one that
// was due long ago.
func (p *punctual) behind(l *Looping) {
	n := int(l.Stats.Events - p.lines)
	switch {
	case l.W.poller.Stats.Interrupts != p.intr:
		return
	case n == p.events && p.unseen+n <= p.goal:
		p.unseen += n
		return
	}
	since, at := p.since, l.NextTimer()
	p.unseen, p.since, p.goal = 0, 0, 0
	switch {
	case at == 0 || at > since:
		p.due, p.allowed = 0, 0
	case p.due == 0 || at > p.due:
		p.due, p.allowed = since, l.Table.Pending()+l.Runnable()
	case p.allowed > 0:
		p.allowed--
	default:
		l.W.Breach("I93", "loop", "a timer was due %d ns before the last look at what there is to report, and is not told", since-at)
	}
}
