// Package hunt is what commands share that try one seed after the other: several at
// once, for a time or for a number of seeds, showing that they are alive, until they
// are told to stop.
package hunt

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Hunt is one hunt. Its workers share nothing but the seeds.
type Hunt struct {
	Config
	// Interrupted and Took say how it ended.
	Interrupted bool
	Took        time.Duration

	name     string
	stderr   io.Writer
	far      func(time.Duration) string
	start    time.Time
	terminal bool
	said     time.Duration // when progress was last told to a file
	next     atomic.Uint64
	halt     atomic.Bool
	stopped  atomic.Bool // by a signal
}

// New makes a hunt of the command of this name. far says in a few words how far it
// has come in the time since Run; that is shown on stderr.
func New(c Config, name string, stderr io.Writer, far func(since time.Duration) string) *Hunt {
	return &Hunt{Config: c, name: name, stderr: stderr, far: far, start: time.Now(), terminal: isTerminal(stderr)}
}

// Run has Procs workers at once until they all return: because Next has told
// them to.
func (h *Hunt) Run(worker func()) {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(stop)
	h.start = time.Now()
	h.announce()
	var wg sync.WaitGroup
	for range h.Procs {
		wg.Go(worker)
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	end := time.After(h.Length)
	if h.Seeds > 0 {
		end = nil
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-done:
			h.Took = time.Since(h.start)
			h.clear()
			return
		case <-stop:
			h.Interrupted = true
			h.stopped.Store(true)
			h.Halt()
		case <-end:
			h.Halt()
		case <-tick.C:
			h.progress()
		}
	}
}

func (h *Hunt) announce() {
	much := fmt.Sprintf("for %s", h.Length)
	if h.Seeds > 0 {
		much = fmt.Sprintf("%d seeds", h.Seeds)
	}
	fmt.Fprintf(h.stderr, "%s: seed %d, %d at a time, %s\n", h.name, h.Seed, h.Procs, much)
}

// Next returns a seed that nobody has tried, and its place from 0 on. It is not ok
// if the hunt is over.
func (h *Hunt) Next() (seed, n uint64, ok bool) {
	seed, _, ok = h.Block(1)
	return seed, seed - h.Seed, ok
}

// Block returns up to most seeds that nobody has tried: the first of them, and how
// many. There are none if the hunt is over.
func (h *Hunt) Block(most uint64) (first, n uint64, ok bool) {
	if h.halt.Load() {
		return 0, 0, false
	}
	at := h.next.Add(most) - most
	n = most
	if h.Seeds > 0 {
		if at >= h.Seeds {
			return 0, 0, false
		}
		n = min(most, h.Seeds-at)
	}
	return h.At(at, n), n, true
}

// Halt ends the hunt: Next gives no more seeds.
func (h *Hunt) Halt() { h.halt.Store(true) }

// Halted says that the hunt is to end.
func (h *Hunt) Halted() bool { return h.halt.Load() }

// grace is how long shrinking may go on after the end of the hunt.
const grace = 10 * time.Second

// Hurry says that nothing long may go on: time is over by so much, somebody has
// interrupted the hunt, or one finding was to be enough and is there.
func (h *Hunt) Hurry() bool {
	return h.Seeds == 0 && time.Since(h.start) > h.Length+grace || h.stopped.Load() || h.First && h.Halted()
}

// quietly is how often a hunt whose output goes to a file says that it is alive.
const quietly = time.Minute

// progress shows that the hunt is alive: a terminal sees one line that changes, a
// file one more line now and then.
func (h *Hunt) progress() {
	t := time.Since(h.start)
	before, after := "\r", " "
	if !h.terminal {
		if t < h.said+quietly {
			return
		}
		h.said = t
		before, after = "", "\n"
	}
	fmt.Fprintf(h.stderr, "%s%6.0fs  %s%s", before, t.Seconds(), h.far(t), after)
}

func (h *Hunt) clear() {
	if h.terminal {
		fmt.Fprintf(h.stderr, "\r%60s\r", "")
	}
}

// isTerminal says whether somebody is looking.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
