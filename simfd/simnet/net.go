package simnet

import (
	"slices"
	"sync"
	"testing/synctest"
	"time"

	"millrace/core"
)

// Net is the network of one program in one world: its listener, its connections, and the
// threads that call them. It is the program's until its Main returns.
type Net struct {
	h     core.Host
	w     world // h, if it is a simulated one
	poll  core.Poller
	epoch time.Time // what the program's clock shows at the host's zero
	begun bool      // with goroutines, and so in a bubble
	clock bool      // in a bubble: its clock and the host's are one

	mu     sync.Mutex
	poked  chan struct{} // somebody has something for the driver
	parked []*call       // in the order of their keys
	fds    []*entry      // open ones, in the order of their coming
	names  uint32        // how many conns there were
	dialed uint32        // by Dial, on a host that does not count them
	hosts  []string      // addresses that were dialled, each the server of its place
	over   bool          // every call fails but Close
	broken bool          // and nobody calls the kernel any more
	late   int           // calls since then
	tries  []string
	lst    *Listener
	cur    *thread // the coroutine that has its turn
}

// world is what a simulated host has beside core.Host, for a program of several threads.
type world interface {
	// Rank draws the place of a call on a descriptor among those that may be made at one time.
	Rank(num int) int
	// Pace is told who lets the program's own time pass up to the next event, and says when
	// the program has something to do before that; 0 if it has not.
	Pace(pass func(next core.Time) core.Time)
	// Panicked ends the world with what was recovered, where its stack still is.
	Panicked(r any)
	// Doubt ends the world with a failure, if nothing happened in it that explains that.
	Doubt(what string)
	// Telling says whether anybody listens to Told, which is one call of package net's.
	Telling() bool
	Told(call string)
	// Dialing returns the label of the connection that the program makes next by itself.
	Dialing() (label uint32)
}

// Coroutines makes an event loop of a program whose threads are main and those that it
// starts with Net.Go: coroutines, of which one runs at a time, and rests where a call has to
// wait. They start no goroutines, and wait for nothing but calls of their Net. It is what
// properties.Program has for a Main, and runs on Linux as well.
//
//go:noinline
func Coroutines(main func(n *Net)) func(h core.Host) {
	return func(h core.Host) { newNet(h, false).run(main) }
}

// Goroutines makes an event loop of a program as it is: with goroutines, timers and channels
// of its own, in a bubble of testing/synctest. Its properties.Program needs a Within, which is
// Bubble.
//
//go:noinline
func Goroutines(main func(n *Net)) func(h core.Host) {
	return func(h core.Host) { newNet(h, true).run(main) }
}

// Serve is a main that calls handle in a thread of its own for each connection that is
// accepted. handle closes it.
//
//go:noinline
func Serve(handle func(n *Net, c *Conn)) func(n *Net) {
	return func(n *Net) {
		for {
			c, err := n.lst.AcceptTCP()
			switch {
			case err == nil:
				n.Go(func() { handle(n, c) })
			case n.Ended():
				return
			default:
				n.Sleep(50 * time.Millisecond) // no descriptors, or no memory
			}
		}
	}
}

func newNet(h core.Host, goroutines bool) *Net {
	n := &Net{h: h, poll: h.Poller(), begun: goroutines, clock: bubbled(), poked: make(chan struct{}, 1)}
	core.BugOn(goroutines && !n.clock, "simnet", "program", "goroutines need a bubble: give the properties.Program a Within")
	n.epoch = time.Unix(0, 0)
	if n.clock {
		n.epoch = time.Now().Add(-time.Duration(h.Now()))
	}
	n.lst = &Listener{n: n, lst: h.Listener()}
	n.lst.on = n.watch(h.Listener().Num(), 0, core.EvIn)
	if n.w, _ = h.(world); n.w != nil && n.clock {
		n.w.Pace(n.pass)
	}
	return n
}

// bubbled says whether the caller is in a bubble.
func bubbled() (yes bool) {
	defer func() { yes = recover() == nil }()
	synctest.Wait()
	return
}

// Go starts a thread of the program's. A panic in it is the world's failure, and one in a
// goroutine that was started with a go statement ends the process.
func (n *Net) Go(f func()) {
	if n.begun {
		go n.guarded(f)
		return
	}
	n.start(f)
}

// guarded runs a thread.
func (n *Net) guarded(f func()) {
	defer func() {
		if n.w == nil {
			return // as it would be without us
		}
		if r := recover(); r != nil {
			n.fail(r)
		}
	}()
	f()
}

// fail ends the world with what a thread panicked with, and all calls with it.
func (n *Net) fail(r any) {
	if n.w == nil {
		panic(r)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.over, n.broken = true, true
	n.w.Panicked(r)
	n.poke()
}

// run is the program: it starts main, and lets one call go after the other.
func (n *Net) run(main func(n *Net)) {
	n.Go(func() { main(n) })
	ready := make([]core.Ready, 16)
	for {
		n.drain()
		until := core.First(n.wishes(), n.deadline())
		count, _, e := n.poll.Wait(ready, until)
		if e == core.ECANCELED {
			break
		}
		for _, r := range ready[:max(0, count)] {
			n.report(r)
		}
	}
	n.end()
}

// patience is how many calls may fail before a program that was told to end has.
const patience = 10_000

// drain lets calls go until none is left that may be made.
func (n *Net) drain() {
	for n.late <= patience {
		n.settle()
		c := n.next()
		if c == nil {
			select {
			case <-n.poked: // by what has been looked at
			default:
			}
			return
		}
		if n.over {
			n.late++
		}
		n.let(c)
	}
	n.fail(&core.Breach{ID: "I40", Where: "program", What: "it goes on calling, and every call fails since it is to end"})
}

// end has all calls fail, so that threads return, and gives them an hour to do so.
func (n *Net) end() {
	n.mu.Lock()
	n.over = true
	n.mu.Unlock()
	for _, name := range n.tries {
		n.Doubtf("%s: it has not come to its end, and nothing will happen", name)
	}
	n.drain()
	if n.begun {
		for hour, over := time.NewTimer(time.Hour), false; !over && n.late <= patience; n.drain() {
			select {
			case <-n.poked:
			case <-hour.C:
				over = true
			}
		}
	}
	if !n.lst.closed && !n.broken {
		n.lst.shut()
	}
}

// settle waits until everybody else waits, at the host's time.
func (n *Net) settle() {
	if !n.clock {
		return
	}
	if lag := time.Duration(n.h.Now()) - time.Since(n.epoch); lag > 0 {
		time.Sleep(lag)
	}
	synctest.Wait()
}

// pass lets the time of the bubble pass up to a time of the world's, or less if the program
// has something to do before that: then it says when.
func (n *Net) pass(next core.Time) core.Time {
	if ahead := time.Duration(next) - time.Since(n.epoch); ahead > 0 && n.begun {
		timer := time.NewTimer(ahead)
		select {
		case <-n.poked:
			timer.Stop()
			synctest.Wait()
			return core.Time(time.Since(n.epoch))
		case <-timer.C:
			synctest.Wait()
		}
	}
	select {
	case <-n.poked:
		return core.Time(time.Since(n.epoch))
	default:
		return 0
	}
}

// poke says that there is something to do.
func (n *Net) poke() {
	select {
	case n.poked <- struct{}{}:
	default:
	}
}

// Ended says whether the program is to end: every call fails but Close.
func (n *Net) Ended() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.over
}

// Listener returns the program's listener, which is one of a simulated kernel's.
func (n *Net) Listener() *Listener { return n.lst }

// Now is the time in the world: in a bubble, and on Linux, that of package time.
func (n *Net) Now() time.Time {
	if n.w == nil || n.clock {
		return time.Now()
	}
	return n.epoch.Add(time.Duration(n.h.Now()))
}

// Try starts a thread that has to come to its end, and return nil, where nothing goes wrong
// but what is harmless, and no peer leaves early. name is what the failure calls it.
func (n *Net) Try(name string, f func() error) {
	n.tries = append(n.tries, name)
	n.Go(func() {
		err := f()
		if n.Ended() {
			return
		}
		n.mu.Lock()
		i := slices.Index(n.tries, name)
		n.tries = slices.Delete(n.tries, i, i+1)
		n.mu.Unlock()
		if err != nil {
			n.Doubtf("%s: %s", name, err)
		}
	})
}

// Doubtf says that something went wrong that must not where nothing goes wrong: it is the
// world's failure if nothing happened in it that explains that.
func (n *Net) Doubtf(format string, args ...any) {
	if n.w != nil {
		n.w.Doubt(sprintf(format, args...))
	}
}

// Failf ends the world with a failure, whatever happened in it.
func (n *Net) Failf(format string, args ...any) {
	n.fail(&core.Breach{ID: "simnet", Where: "program", What: sprintf(format, args...)})
}

// Sleep lets so much time pass, or less if the program is to end. It is for coroutines: in
// a bubble, time.Sleep does as well.
func (n *Net) Sleep(d time.Duration) {
	until := n.h.Now() + core.Time(d)
	n.call(&call{verb: verbSleep, deadline: &until, try: func() bool { return n.over || n.h.Now() >= until }})
}

// deadline is when the first call that waits is to give up; 0 if none ever is.
func (n *Net) deadline() (first core.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.parked {
		first = core.First(first, c.again)
		if c.deadline != nil {
			first = core.First(first, *c.deadline)
		}
	}
	return first
}

// report takes note of a line of the poller's: it lets calls be tried again.
func (n *Net) report(r core.Ready) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.parked {
		if c.on != nil && c.on.key == r.Key && r.Events.Any(c.dir|core.EvErr|core.EvHup|core.EvRdHup) {
			c.live, c.reported = true, true
		}
	}
}

// entry is what the poller is told of a descriptor.
type entry struct {
	key  core.Key
	all  core.Events // what an edge-triggered one is told, at once and for ever
	told core.Events
}

// watch begins to watch a descriptor, in one of its lives.
func (n *Net) watch(num int, life uint32, all core.Events) *entry {
	e := &entry{key: core.Key(life)<<32 | core.Key(num), all: all}
	n.fds = append(n.fds, e)
	return e
}

// forget ends that.
func (n *Net) forget(e *entry) {
	n.fds = slices.DeleteFunc(n.fds, func(o *entry) bool { return o == e })
}

// wishes tells the poller what calls wait for, and returns when it is to be told again what
// it had no memory for; 0 = it need not be.
func (n *Net) wishes() (again core.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, e := range n.fds {
		var want core.Events
		for _, c := range n.parked {
			if c.on == e && c.again == 0 {
				want |= c.dir
			}
		}
		if n.poll.Edge() {
			want = e.all
		}
		if want == e.told || n.broken {
			continue
		}
		if n.poll.Set(e.key, e.told, want) != 0 {
			again = n.h.Now() + 10*core.Millisecond
			continue
		}
		e.told = want
	}
	return again
}
