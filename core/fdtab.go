package core

import "slices"

// Owner gets a descriptor's turns. A descriptor without an owner is closed.
type Owner interface {
	// Turn runs because a wanted direction is believed ready.
	Turn()
}

// Desc is the table's record of one descriptor number. Its verbs are void and
// idempotent; see the package comment for the three sets they move between.
type Desc struct {
	tab     *Table `digest:"-"` // that it lies in
	owner   Owner
	since   Time // what it is in the line for came after that
	num     int32
	polled  Events // what the poller was last told
	events  Events // what it reported and still holds: PRI, ERR, HUP, RDHUP
	runPos  int32  // place in tab.run, or -1
	updPos  int32  // place in tab.updates, or -1
	active  Wish   // wanted
	ready   Wish   // a call may succeed: not contradicted by EAGAIN since
	paused  Wish   // not to be tried before the pause is over, whatever is reported,
	unasked Wish   // and then at once
	idle    uint8  // reports in a row of which nobody wanted anything
	vain    uint8  // refusals in a row, with nothing moved in between
	news    bool   // reported, and nothing moved since
	late    bool   // its turns come behind those of the others
	gen     uint32 `digest:"-"` // which life of the number it is
}

const evSticky = EvPri | EvErr | EvHup | EvRdHup

// Want asks for turns in these directions, at once if they are ready.
func (d *Desc) Want(w Wish) {
	if d.active&w != w {
		d.active |= w
		d.tab.touch(d)
	}
}

// Stop asks for no more turns in these directions.
func (d *Desc) Stop(w Wish) {
	if d.active&w != 0 {
		d.active &^= w
		d.tab.touch(d)
	}
}

// Poll is Want after EAGAIN: no turn before the kernel reports readiness.
func (d *Desc) Poll(w Wish) {
	d.ready &^= w
	d.active |= w
	d.tab.touch(d)
}

// Cant records that the kernel refused these directions, without asking for
// turns. A fact about the descriptor, so it belongs to no polling level.
func (d *Desc) Cant(w Wish) {
	if d.ready&w != 0 {
		d.ready &^= w
		d.tab.touch(d)
	}
}

// May records that these directions are worth a try without asking the kernel.
func (d *Desc) May(w Wish) {
	if d.ready&w != w {
		d.ready |= w
		d.tab.touch(d)
	}
}

// Late says whether the descriptor's turns come behind those of all others, and only one
// such turn in a round: what takes long must not be what the others wait for.
func (d *Desc) Late(on bool) { d.late = on }

// Active returns the wanted directions.
func (d *Desc) Active() Wish { return d.active }

// Ready returns the directions believed ready.
func (d *Desc) Ready() Wish { return d.ready }

// Polled returns what the poller was last told.
func (d *Desc) Polled() Events { return d.polled }

// Events returns the lasting events reported in this life of the number.
func (d *Desc) Events() Events { return d.events }

// Open says whether the descriptor has an owner.
func (d *Desc) Open() bool { return d.owner != nil }

// Num returns the descriptor's number.
func (d *Desc) Num() int { return int(d.num) }

// Key identifies this life of the number.
func (d *Desc) Key() Key { return Key(d.gen)<<32 | Key(uint32(d.num)) }

// Witness is told what a loop gives its time to, right before it does. It may look
// and must not touch.
type Witness interface {
	// Turn is a turn of a descriptor.
	Turn(d *Desc)
	// Task is a run of a task.
	Task(r Runner, timeout bool)
}

// TableStats counts what the table did since it was made.
type TableStats struct {
	Turns  uint64 // turns given to owners
	Stale  uint64 // reports dropped because they were for an earlier life
	Sets   uint64 // Poller.Set calls
	Failed uint64 // Poller.Set calls that were refused
}

const (
	pageBits = 6
	// pagesAtOnce are made together, since the runtime rounds the size of a small page up by a fifth.
	pagesAtOnce = 8
)

// idleMost is how many reports in a row that nobody wants are put up with.
const idleMost = 3

// Table maps descriptor numbers to their records. Records live in pages that
// never move, so a *Desc stays valid; what is behind it may be a later life.
type Table struct {
	pages   [][]Desc
	poller  Poller
	run     []*Desc // wanted and ready; nil where a descriptor left
	updates []*Desc // perhaps to be told to the poller; nil where one left
	paused  []paused
	open    int
	pending int // non-nil entries of run
	deaf    bool
	seen    Time               // what was true then was reported in a round before
	oldest  Time               // the first since of those whose late turns are still to come; 0 = none
	lates   int                // how many of those whose turns come late may have one in this round
	admit   func(d *Desc) bool // which of them; nil is the first. Told only of those that have something to do
	witness Witness
	// Touched, unless nil, is told at the end of a round of each descriptor whose sets may
	// have changed in it.
	Touched func(num int)
	Stats   TableStats
}

// At returns the record of a number, which must be 0 or more.
func (t *Table) At(num int) *Desc {
	for num >= t.Limit() {
		t.grow()
	}
	return &t.pages[num>>pageBits][num&(1<<pageBits-1)]
}

// grow adds a page, in the memory of one that an earlier life of the table had if there is.
func (t *Table) grow() {
	n := len(t.pages)
	t.pages = slices.Grow(t.pages, 1)[:n+1]
	if t.pages[n] == nil {
		blank := make([]Desc, pagesAtOnce<<pageBits)
		t.pages = slices.Grow(t.pages, pagesAtOnce-1)
		some := t.pages[n : n+pagesAtOnce] // those behind the first lie in the capacity
		for i := range some {
			some[i] = blank[i<<pageBits : (i+1)<<pageBits]
		}
	}
	for i := range t.pages[n] {
		t.pages[n][i] = Desc{tab: t, num: int32(n<<pageBits + i), runPos: -1, updPos: -1}
	}
}

// Limit is one more than the highest number the table has room for.
func (t *Table) Limit() int { return len(t.pages) << pageBits }

// Opened returns how many descriptors have an owner.
func (t *Table) Opened() int { return t.open }

// Pending returns how many descriptors wait for a turn.
func (t *Table) Pending() int { return t.pending }

// Insert starts a new life of a number. ready says which directions are worth a
// try before the kernel was asked.
func (t *Table) Insert(num int, owner Owner, ready Wish) *Desc {
	d := t.At(num)
	BugOn(d.owner != nil, "I01", "fd", "number inserted twice")
	d.since = 0
	d.owner, d.ready, d.active = owner, ready, 0
	d.polled, d.events, d.idle, d.vain, d.news, d.late = 0, 0, 0, 0, false, false
	d.gen++
	t.open++
	return d
}

// Remove ends the life of a number before it is closed. The poller is not told:
// closing does that.
func (t *Table) Remove(d *Desc) {
	BugOn(d.owner == nil, "I01", "fd", "number removed twice")
	d.owner, d.active, d.ready = nil, 0, 0
	d.polled, d.events = 0, 0
	t.unpause(d)
	d.unasked = 0
	if d.runPos >= 0 {
		t.run[d.runPos] = nil
		d.runPos = -1
		t.pending--
		if d.late {
			t.age() // or timers would be held up by somebody who is gone
		}
	}
	if d.updPos >= 0 {
		t.updates[d.updPos] = nil
		d.updPos = -1
	}
	t.open--
}

// touch files d wherever its sets say it must be looked at.
func (t *Table) touch(d *Desc) {
	BugOn(d.owner == nil, "I01", "fd", "verb on a closed descriptor")
	if d.updPos < 0 {
		d.updPos = int32(len(t.updates))
		t.updates = append(t.updates, d)
	}
	t.queue(d)
}

// queue puts d in line for a turn if one is due.
func (t *Table) queue(d *Desc) {
	if d.active&d.ready != 0 && d.runPos < 0 {
		d.runPos = int32(len(t.run))
		d.waits()
		t.run = append(t.run, d)
		t.pending++
	}
}

// report takes one line of the poller's.
func (t *Table) report(r Ready) {
	num := r.Key.Num()
	if num >= t.Limit() {
		t.Stats.Stale++
		return
	}
	d := t.At(num)
	if d.owner == nil || d.gen != r.Key.Gen() {
		t.Stats.Stale++
		return
	}
	d.events |= r.Events & evSticky
	d.news = true
	var may Wish
	if r.Events.Any(EvIn | EvPri | EvErr | EvHup | EvRdHup) {
		may |= R
	}
	if r.Events.Any(EvOut | EvErr | EvHup) {
		may |= W
	}
	d.ready |= may &^ d.paused
	if d.active&may != 0 {
		d.idle = 0
	} else if d.idle < idleMost {
		d.idle++
	}
	t.touch(d)
}

// dispatch gives one turn to every descriptor that is wanted and ready now, to those
// that are late behind the others, as far as their share of the round goes. Those that
// become so meanwhile wait for the next pass.
func (t *Table) dispatch() {
	due, late := len(t.run), 0
	for i := range due {
		switch d := t.run[i]; {
		case d == nil: // left, or closed by an earlier turn of this pass
		case d.late:
			late++
		default:
			t.turn(i)
		}
	}
	for i := 0; i < due && late > 0; i++ {
		switch d := t.run[i]; {
		case d == nil:
		case d.active&d.ready == 0: // in its own turn it got what it then wanted: that is no turn of anybody's, and no round
			t.turn(i)
		case t.lates > 0 && (t.admit == nil || t.admit(d)):
			t.lates--
			t.turn(i)
		}
	}
	live := t.run[:0]
	for _, d := range t.run {
		if d != nil {
			d.runPos = int32(len(live))
			live = append(live, d)
		}
	}
	t.run = live
	t.age()
}

// age finds the oldest of those whose late turns are still to come.
func (t *Table) age() {
	t.oldest = 0
	for _, d := range t.run {
		if d != nil && d.late {
			t.oldest = First(t.oldest, d.since)
		}
	}
}

// turn gives a turn to the descriptor at a place in the list.
func (t *Table) turn(i int) {
	d := t.run[i]
	t.run[i] = nil
	d.runPos, d.since = -1, 0
	t.pending--
	if d.active&d.ready == 0 {
		return
	}
	owner, gen := d.owner, d.gen
	t.Stats.Turns++
	if t.witness != nil {
		t.witness.Turn(d)
	}
	owner.Turn()
	if d.owner != nil && d.gen == gen {
		t.queue(d)
	}
}

// flush tells the poller what changed. Level-triggered: what is wanted and not
// ready is registered, and stays so while it is wanted, since leaving and
// coming back would cost two calls per burst. Edge-triggered: reading when
// something first has to be waited for, writing when that has to be, since most
// descriptors never wait to write; and neither less again, unless report after
// report comes that nobody wants: then the descriptor is left alone until somebody
// has to wait. A relay whose reader is slow is woken for every segment otherwise.
//
// A refusal, for lack of kernel memory, leaves the descriptor deaf. It stays in
// the list, and the loop comes back to it soon.
func (t *Table) flush() {
	edge := t.poller.Edge()
	t.deaf = false
	for i, d := range t.updates {
		if d == nil {
			continue
		}
		if t.Touched != nil {
			t.Touched(int(d.num))
		}
		want := d.wanted(edge)
		if want != d.polled {
			t.Stats.Sets++
			if t.poller.Set(d.Key(), d.polled, want) != 0 {
				t.Stats.Failed++
				t.deaf = true
				continue
			}
			d.polled = want
		}
		t.updates[i] = nil
		d.updPos = -1
	}
	live := t.updates[:0]
	for _, d := range t.updates {
		if d != nil {
			d.updPos = int32(len(live))
			live = append(live, d)
		}
	}
	t.updates = live
}

// wanted is what the poller should be told of d.
func (d *Desc) wanted(edge bool) (want Events) {
	wait := d.active &^ d.ready
	if edge {
		want = d.polled
		if wait != 0 {
			want |= EvIn | EvPri | EvRdHup
		}
		if wait.Any(W) {
			want |= EvOut
		}
		if d.idle == idleMost && d.active == 0 {
			want = 0
		}
		return want
	}
	active := d.active &^ d.paused
	if active.Any(R) && (wait.Any(R) || d.polled.Any(EvIn)) {
		want |= EvIn | EvRdHup
	}
	if active.Any(W) && (wait.Any(W) || d.polled.Any(EvOut)) {
		want |= EvOut
	}
	return want
}
