package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// spare is how many descriptors are kept for everything but sessions: standard
// streams, the runtime's poller, statistics and who reads them. Each worker adds
// its listener, its epoll set and the eventfd in it, and a session's two because
// its share of the sessions is rounded up.
const (
	spare          = 24
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
type room struct{ sessions, pipes int }

// fit returns how many sessions fit into so many descriptors, at most maxConn,
// with the pipes asked for, or one for every four sessions if nobody asked. A pipe
// takes two.
func (o *options) fit(descriptors uint64) (room, error) {
	each, taken := uint64(2), uint64(spare+sparePerWorker*o.workers)
	pipes := uint64(0)
	switch {
	case o.applet != nil:
		each = 1
	case o.splicing() && o.maxPipes > 0:
		pipes = uint64(o.maxPipes)
		taken += 2 * pipes
	}
	if descriptors < taken+each*uint64(o.workers) {
		return room{}, fmt.Errorf("%d descriptors are too few for %d workers with one session each%s; raise the limit (ulimit -n)",
			descriptors, o.workers, [...]string{"", " and the pipes"}[min(1, pipes)])
	}
	sessions := min(uint64(o.maxConn), (descriptors-taken)/each)
	if o.applet == nil && o.splicing() && o.maxPipes < 0 {
		sessions = min(uint64(o.maxConn), (descriptors-taken)*2/5)
		pipes = sessions / 4
	}
	return room{int(sessions), int(pipes)}, nil
}

// tune sets up the Go runtime for workers that sleep in system calls and
// allocate nothing once warm.
func tune(workers int) {
	// A worker that wakes finds its processor free only if the others have one
	// to run on.
	runtime.GOMAXPROCS(max(runtime.GOMAXPROCS(0), workers+1))
	// What the runtime cannot survive, and nobody can recover from, would exit with
	// the status of what could not start. So it aborts, and shows every thread.
	debug.SetTraceback("crash")
	// There is hardly any garbage, so a rare collection wastes no memory; but
	// while sessions grow in number the heap does, and at the default setting
	// each doubling costs a collection that competes with the workers. The
	// runtime still collects every two minutes, which bounds what statistics
	// leave behind; so a memory limit would guard against nothing.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}
