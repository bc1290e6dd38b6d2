package properties

import (
	"slices"

	"millrace/core"
)

// punctual is what is known of a loop's waits, to see that its timers are told as soon as
// they may be: when all that could be reported since they were due has been. A wait that was
// interrupted has not looked, and one that filled its report may not have seen the rest: as
// many lines are enough as there were descriptors.
type punctual struct {
	events  int          // how many lines a report has room for
	began   core.Time    `digest:"-"` // when this round began
	lines   uint64       `digest:"-"` // reported before it
	intr    uint64       `digest:"-"` // interrupts before it
	late    []timer      `digest:"-"` // those that were due before it
	tasks   []*core.Task `digest:"-"` // scratch
	since   core.Time    // before the first of the looks that have not seen everything
	unseen  int          // lines that these reported
	goal    int          // how many are enough
	due     timer        // that should have been told the round before
	allowed int          // how many rounds more
}

// timer is a timer that is set, and when it is due.
type timer struct {
	task *core.Task
	at   core.Time
}

// before takes note of a round that begins.
func (p *punctual) before(l *Looping) {
	p.began, p.lines = l.Now(), l.Stats.Events
	p.intr, p.late = l.W.poller.Stats.Interrupts, p.late[:0]
	p.tasks = l.AppendDue(p.tasks[:0], p.began)
	for _, t := range p.tasks {
		p.late = append(p.late, timer{t, t.Deadline()})
	}
	if p.unseen == 0 {
		p.since, p.goal = p.began, l.Table.Opened()
	}
}

// behind looks at the timers that are left behind the round. Turns that are late hold up those
// that were due since they were reported: one of them has its turn in each round, and one that
// pauses is reported anew before that. What is set in the round, and was due long ago, is told in the
// next one.
func (p *punctual) behind(l *Looping) {
	n := int(l.Stats.Events - p.lines)
	switch {
	case l.W.poller.Stats.Interrupts != p.intr:
		return
	case n == p.events && p.unseen+n <= p.goal:
		p.unseen += n
		return
	}
	since := p.since
	p.unseen, p.since, p.goal = 0, 0, 0
	left := slices.IndexFunc(p.late, func(t timer) bool { return t.at <= since && t.task.Deadline() == t.at })
	switch {
	case left < 0:
		p.due, p.allowed = timer{}, 0
	case !slices.Contains(p.late[left:], p.due) || p.due.task.Deadline() != p.due.at:
		p.due, p.allowed = p.late[left], l.Table.Pending()
	case p.allowed > 0:
		p.allowed--
	default:
		l.W.Breach("I93", "loop", "a timer was due %d ns before the last look at what there is to report, and is not told", since-p.due.at)
	}
}
