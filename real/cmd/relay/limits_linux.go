package main

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// spare is how many descriptors are kept for everything but sessions: standard
// streams, the runtime's poller, the recording, name services and files at a reload,
// statistics and who reads them. Each worker adds its epoll set and the eventfd in
// it, its listener, and a session's two because its share of the sessions is
// rounded up.
const (
	spare          = 16 + maxReaders
	sparePerWorker = 5
)

// raiseDescriptors allows the process as many descriptors as it may allow
// itself, and returns how many that is.
func raiseDescriptors() (uint64, error) {
	var lim unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &lim); err != nil {
		return 0, fmt.Errorf("asking for the descriptor limit: %w", err)
	}
	if lim.Cur < lim.Max {
		lim.Cur = lim.Max
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &lim); err != nil {
			return 0, fmt.Errorf("raising the descriptor limit to %d: %w", lim.Max, err)
		}
	}
	return lim.Cur, nil
}

// room is what the relay may hold at once, all workers together.
type room struct{ sessions, pipes, descriptors int }

// fit returns how many sessions fit into so many descriptors, at most maxConn, and
// how many pipes there may be: those asked for, or one for every four sessions if
// nobody asked. A session takes two, and so does a pipe; but pipes are made of what
// sessions do not use, and given back to them.
func (o *options) fit(descriptors uint64) (room, error) {
	each, taken := uint64(2), uint64(spare+sparePerWorker*o.workers)
	if n := len(o.listen.list); n > 1 {
		taken += uint64(n * o.workers) // n-1 more listeners, and the set that they are in
	}
	if o.applet != nil {
		each = 1
	}
	if descriptors < taken+each*uint64(o.workers) {
		return room{}, fmt.Errorf("%d descriptors are too few for %d workers with one session each; raise the limit (ulimit -n)",
			descriptors, o.workers)
	}
	left := descriptors - taken
	r := room{sessions: int(min(uint64(o.maxConn), left/each)), descriptors: int(min(left, math.MaxInt32))}
	if o.applet != nil || !o.splicing() {
		return r, nil
	}
	r.pipes = o.maxPipes
	if o.maxPipes < 0 {
		r.pipes = r.sessions / 4
	}
	return r, nil
}

// told says that whoever started the relay has set how the collector works.
func told() bool { return os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" }

// tune sets up the Go runtime for workers that sleep in system calls and
// allocate nothing once warm.
func tune(workers int) {
	// A worker that wakes finds its processor free only if the others have one
	// to run on.
	runtime.GOMAXPROCS(max(runtime.GOMAXPROCS(0), workers+1))
	// What the runtime cannot survive, and nobody can recover from, would exit with
	// the status of what could not start. So it aborts, and shows every thread.
	debug.SetTraceback("crash")
	// There is hardly any garbage, so a rare collection wastes no memory; but while sessions grow
	// in number the heap does, and at the default setting each doubling costs a collection that
	// competes with the workers. The runtime still collects every two minutes, which bounds what
	// statistics leave behind; so a memory limit would guard against nothing.
	if !told() {
		newCollector()
	}
}
