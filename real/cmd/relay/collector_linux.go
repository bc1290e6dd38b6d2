package main

import (
	"errors"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"

	"golang.org/x/sys/unix"
)

// The garbage of a relay is that of TLS handshakes, and little is in use beside it. So in a flood of
// them there was a collection every few hundred handshakes, and the collector's threads, which have
// the same right to a processor as a worker, held one round trip in a hundred up for half a
// millisecond. Now it is collected more rarely, and by those who come behind the workers.
const (
	// rare is how much garbage there may be, in hundredths of what is in use.
	rare = 400
	// slack is how much there may be where that is less.
	slack = 64 << 20
	// behind is how much nicer all threads are than a worker: each has a third of its share of a
	// processor that both want.
	behind = 5
)

// percent is how much garbage there may be beside so many bytes in use, in hundredths of them.
func percent(live uint64) int { return int(max(rare, slack*100/max(live, 1<<20))) }

// collector sets how rarely garbage is collected, behind each collection, by what that has left: a
// heap that grows has no more than that beside it. It ends when somebody else has set that.
type collector struct {
	set  int              // the percentage that it has set
	read []metrics.Sample // that in force, and how much is in use
}

// newCollector makes one that is at work as long as the process runs.
func newCollector() {
	c := &collector{set: rare, read: []metrics.Sample{{Name: "/gc/gogc:percent"}, {Name: "/gc/heap/live:bytes"}}}
	debug.SetGCPercent(rare)
	runtime.SetFinalizer(c, (*collector).collected)
}

// collected is called behind a collection, since nobody has the collector but its finalizer.
func (c *collector) collected() {
	metrics.Read(c.read)
	if c.read[0].Value.Uint64() != uint64(c.set) {
		return
	}
	// It stops the world, and so is not done for little.
	if is := percent(c.read[1].Value.Uint64()); is < c.set*3/4 || is > c.set*5/4 {
		c.set = is
		debug.SetGCPercent(is)
	}
	runtime.SetFinalizer(c, (*collector).collected)
}

// giveWay has all threads but the workers' own come behind these, and so those that they will make. A
// worker makes none: the runtime has a thread for that.
func (s *service) giveWay() {
	own := map[int]bool{}
	for _, w := range s.workers {
		<-w.Do(func() { own[unix.Gettid()] = true })
	}
	for more := len(own) > 0; more; { // others may be made meanwhile
		var err error
		if more, err = lower(own); err != nil && !errors.Is(err, unix.ESRCH) { // or a worker has ended
			s.say.Warn("threads", "err", err)
		}
	}
}

// lower makes all threads nicer than some of the process's, and says whether there were any that were
// not.
func lower(own map[int]bool) (lowered bool, err error) {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return false, err
	}
	started := 0 // how nice the process was made
	for id := range own {
		if started, err = nice(id); err != nil {
			return false, err
		}
	}
	want := min(started+behind, 19)
	for _, t := range threads {
		id, err := strconv.Atoi(t.Name())
		if err != nil {
			return false, err
		}
		is, err := nice(id)
		if err == nil && !own[id] && is < want {
			lowered, err = true, unix.Setpriority(unix.PRIO_PROCESS, id, want)
		}
		if err != nil && !errors.Is(err, unix.ESRCH) { // or it is no more
			return false, err
		}
	}
	return lowered, nil
}

// nice is how nice a thread is; 0 is this one.
func nice(id int) (int, error) {
	raw, err := unix.Getpriority(unix.PRIO_PROCESS, id) // the kernel answers 20 less that
	return 20 - raw, err
}
