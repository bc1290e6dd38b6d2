package main

import (
	"errors"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"time"

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
// heap that grows has no more than that beside it.
type collector struct {
	now  int // the percentage in force
	read []metrics.Sample
}

// newCollector makes one that is at work as long as the process runs.
func newCollector() {
	c := &collector{now: rare, read: []metrics.Sample{{Name: "/gc/heap/live:bytes"}}}
	debug.SetGCPercent(rare)
	runtime.SetFinalizer(c, (*collector).collected)
}

// collected is called behind a collection, since nobody has the collector but its finalizer.
func (c *collector) collected() {
	runtime.SetFinalizer(c, (*collector).collected)
	metrics.Read(c.read)
	// It stops the world, and so is not done for little.
	if is := percent(c.read[0].Value.Uint64()); is < c.now*3/4 || is > c.now*5/4 {
		c.now = is
		debug.SetGCPercent(is)
	}
}

// giveWay has all threads but the workers' own come behind these, and so those that they will make. A
// worker makes none: the runtime has a thread for that.
func (s *service) giveWay() {
	own := map[int]bool{}
	for _, w := range s.workers {
		for w.Thread() == 0 {
			time.Sleep(time.Millisecond)
		}
		own[w.Thread()] = true
	}
	for more := true; more; { // others may be made meanwhile
		more = false
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			s.say.Warn("threads", "err", err)
			return
		}
		for _, t := range threads {
			id, err := strconv.Atoi(t.Name())
			if err != nil || own[id] {
				continue
			}
			switch lowered, err := lower(id); {
			case errors.Is(err, unix.ESRCH):
			case err != nil:
				s.say.Warn("threads", "err", err)
				return
			case lowered:
				more = true
			}
		}
	}
}

// lower makes a thread nicer than this process was made, unless it is, and says whether it was not.
func lower(id int) (lowered bool, err error) {
	const raw = 20 // the kernel answers 20 less the nice value
	now, err := unix.Getpriority(unix.PRIO_PROCESS, id)
	if err != nil || raw-now >= min(started+behind, 19) {
		return false, err
	}
	return true, unix.Setpriority(unix.PRIO_PROCESS, id, min(started+behind, 19))
}

// started is how nice the process is.
var started = func() int {
	now, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	if err != nil {
		return 0
	}
	return 20 - now
}()
