package core

import "slices"

// vainMost is how many reports in a row may be contradicted by a call.
const vainMost = 3

// paused is a descriptor some of whose directions are.
type paused struct {
	d       *Desc
	resumes Time // when the pause is over, 0 = to be set at the end of the round
}

// Paused returns the directions that are not tried for a while.
func (d *Desc) Paused() Wish { return d.paused }

// News says that something was reported and that nothing has moved since: a call
// that finds nothing contradicts it.
func (d *Desc) News() bool { return d.news }

// denied is Cant after a call that contradicts what was reported. For a while that
// may go on, and a level-triggered poller would ask for turn after turn: so it is
// not asked for a while.
func (d *Desc) denied(w Wish) {
	if d.ready&w == 0 {
		return
	}
	d.news = false
	if d.vain++; d.vain > vainMost && !d.tab.poller.Edge() {
		d.halt(w)
	}
	d.Cant(w)
}

// Later is Cant where no report will tell that the reason is over: there is another
// turn after a pause.
func (d *Desc) Later(w Wish) {
	d.halt(w)
	d.unasked |= w
	d.Cant(w)
}

// halt makes the directions pause: they are not polled, and not believed ready.
func (d *Desc) halt(w Wish) {
	t, all := d.tab, d.paused|w
	t.unpause(d)
	t.paused = append(t.paused, paused{d: d})
	d.paused, d.vain = all, 0
	d.waits() // what it is to do when that is over was there before
	t.touch(d)
}

// unpause takes d out of the list of pauses.
func (t *Table) unpause(d *Desc) {
	if d.paused != 0 {
		i := slices.IndexFunc(t.paused, func(p paused) bool { return p.d == d })
		t.paused = slices.Delete(t.paused, i, i+1)
		d.paused = 0
	}
}

// resume ends the pauses that are over. They are equally long, and so in the order
// of their ends.
func (t *Table) resume(now Time) {
	for len(t.paused) > 0 && t.paused[0].resumes != 0 && t.paused[0].resumes <= now {
		d := t.paused[0].d
		t.unpause(d)
		d.ready |= d.unasked
		d.unasked = 0
		t.touch(d)
	}
}

// pauses returns when the first pause ends, 0 if there is none, and times those
// that began in this round.
func (t *Table) pauses(now Time) Time {
	for i := len(t.paused) - 1; i >= 0 && t.paused[i].resumes == 0; i-- {
		t.paused[i].resumes = now + pause
	}
	if len(t.paused) == 0 {
		return 0
	}
	return t.paused[0].resumes
}

// waits notes since when the descriptor waits for its turn, if it did not before.
func (d *Desc) waits() {
	if d.since == 0 {
		d.since = d.tab.seen
	}
}
