package simnet

import (
	"cmp"
	"iter"
	"slices"

	"millrace/core"
)

// verb is which call it is: of the calls on one descriptor that may be made at one time, the
// one with the lower number comes first, where nothing says otherwise.
type verb uint8

const (
	verbAccept verb = iota
	verbRead
	verbWrite
	verbKeep
	verbCloseRead
	verbCloseWrite
	verbClose
	verbDial
	verbSleep
)

// call is one call of a thread's, from when it is made to when it returns.
//
//	made --> live --> let go: try --> done
//	          ^               |
//	          +-- reported <--+ EAGAIN
//
// A live one may be let go; of several, the one with the lowest rank, which is drawn, and of
// those the one with the lowest key: that of its conn, and the verb. Only of two calls of one
// kind on one conn, made at one time, is the order theirs in which they came.
type call struct {
	id       uint32 // of the conn; 0 is the listener's, and who has none has the highest
	verb     verb
	on       *entry      // what it waits for is of this descriptor
	dir      core.Events // and is this
	deadline *core.Time  // when it is to be tried for the last time; 0 = never
	again    core.Time   // when it is to be tried whatever is reported, and not asked about before; 0 = it is asked about
	try      func() bool // makes the call, and says whether it is over
	live     bool
	reported bool // since it was tried last
	over     bool
	ranked   bool
	rank     int
	n        *Net
	co       *thread       // who makes it, if that is a coroutine
	turn     chan struct{} // else: it may be tried
	tried    chan struct{} // it was
}

// key orders calls.
func (c *call) compare(o *call) int {
	return cmp.Or(cmp.Compare(c.id, o.id), cmp.Compare(c.verb, o.verb))
}

// thread is a coroutine.
type thread struct {
	next  func() (struct{}, bool)
	yield func(struct{}) bool
}

// start runs a new coroutine to its first rest.
func (n *Net) start(f func()) {
	t := new(thread)
	t.next, _ = iter.Pull(func(yield func(struct{}) bool) {
		t.yield = yield
		n.guarded(f)
	})
	n.resume(t)
}

// resume runs a coroutine to its next rest.
func (n *Net) resume(t *thread) {
	before := n.cur
	n.cur = t
	t.next()
	n.cur = before
}

// call makes a call: it returns when that is over.
func (n *Net) call(c *call) {
	c.n, c.live, c.co = n, true, n.cur
	if n.begun {
		c.turn, c.tried = make(chan struct{}), make(chan struct{})
	}
	n.park(c)
	for !c.over {
		if !n.begun {
			c.co.yield(struct{}{})
			n.attempt(c)
			continue
		}
		<-c.turn
		n.attempt(c)
		c.tried <- struct{}{}
	}
}

// callLater makes a call whose outcome nobody waits for, if there are goroutines: the driver
// makes it.
func (n *Net) callLater(c *call) {
	if !n.begun {
		n.call(c)
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.later(c)
}

// later is callLater with goroutines. The net is locked.
func (n *Net) later(c *call) {
	c.n, c.live = n, true
	n.place(c)
}

func (n *Net) park(c *call) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.place(c)
}

// place gives a call its place. The net is locked.
func (n *Net) place(c *call) {
	at, _ := slices.BinarySearchFunc(n.parked, c, func(o, c *call) int {
		if o.compare(c) > 0 {
			return 1
		}
		return -1 // behind those that are alike
	})
	n.parked = slices.Insert(n.parked, at, c)
	n.poke()
}

// attempt makes a call as far as it goes. A breach of the kernel's rules is the world's
// failure.
func (n *Net) attempt(c *call) {
	defer func() {
		if n.w == nil {
			return
		}
		if r := recover(); r != nil {
			n.fail(r)
			c.over = true
		}
	}()
	c.live, c.ranked = false, false
	c.over = c.try()
}

// let lets a call go, which is tried, and waits for the outcome.
func (n *Net) let(c *call) {
	switch {
	case c.turn != nil:
		c.turn <- struct{}{}
		<-c.tried
	case c.co != nil:
		n.resume(c.co)
	default:
		n.attempt(c)
	}
	if c.over {
		n.mu.Lock()
		n.parked = slices.DeleteFunc(n.parked, func(o *call) bool { return o == c })
		n.mu.Unlock()
	}
}

// next returns the call that is to be let go, nil if there is none.
func (n *Net) next() (first *call) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.h.Now()
	for _, c := range n.parked {
		if c.deadline != nil && *c.deadline != 0 && *c.deadline <= now || c.again != 0 && c.again <= now || n.over {
			c.live = true
		}
		if !c.live {
			continue
		}
		if !c.ranked && n.w != nil && !n.broken {
			c.ranked, c.rank = true, n.w.Rank(c.num())
		}
		if first == nil || c.rank < first.rank {
			first = c
		}
	}
	return first
}

// num is the descriptor that a call is on; -1 if there is none.
func (c *call) num() int {
	if c.on == nil {
		return -1
	}
	return c.on.key.Num()
}
