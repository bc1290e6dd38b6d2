package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"millrace/properties"
	"millrace/traces"
)

// maxFound is how many different failures are kept. After that the code is so
// broken that more of them say nothing new.
const maxFound = 20

// campaign is one hunt on several cores. Each has a world of its own; they meet
// only to count and to write down what they found.
type campaign struct {
	cfg    config
	stderr io.Writer
	// terminal says whether stderr is one.
	terminal    bool
	interrupted bool
	start       time.Time
	took        time.Duration
	said        time.Duration // when progress was last told to a file
	next        atomic.Uint64 // worlds begun
	halt        atomic.Bool

	mu     sync.Mutex
	totals properties.Totals
	found  []*finding
	err    error // of writing to disk
}

// finding is one kind of failure.
type finding struct {
	name  string // file name, one per identity
	trace *traces.Trace
	times int
}

func newCampaign(cfg config, stderr io.Writer) *campaign {
	return &campaign{cfg: cfg, stderr: stderr, terminal: isTerminal(stderr), start: time.Now()}
}

// hunt runs until the time is over, the worlds have run, or somebody says stop.
func (c *campaign) hunt(stop <-chan os.Signal) {
	fmt.Fprintf(c.stderr, "soak: seed %d, %d at a time, ", c.cfg.seed, c.cfg.procs)
	if c.cfg.seeds > 0 {
		fmt.Fprintf(c.stderr, "%d worlds\n", c.cfg.seeds)
	} else {
		fmt.Fprintf(c.stderr, "for %s\n", c.cfg.length)
	}
	var wg sync.WaitGroup
	for range c.cfg.procs {
		wg.Go(c.worker)
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	end := time.After(c.cfg.length)
	if c.cfg.seeds > 0 {
		end = nil
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-done:
			c.took = time.Since(c.start)
			c.clear()
			return
		case <-stop:
			c.interrupted = true
			c.halt.Store(true)
		case <-end:
			c.halt.Store(true)
		case <-tick.C:
			c.progress()
		}
	}
}

// worker runs worlds one after the other.
func (c *campaign) worker() {
	w := properties.NewWorld()
	for !c.halt.Load() {
		n := c.next.Add(1) - 1
		if c.cfg.seeds > 0 && n >= c.cfg.seeds {
			break
		}
		if t := w.Hunt(c.cfg.seed + n); t != nil {
			c.failed(w, t)
		}
		if n%256 == 0 {
			c.count(w)
		}
	}
	c.count(w)
}

func (c *campaign) count(w *properties.World) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w.Flush(&c.totals)
}

// failed writes a failure down before anything else, so that killing the hunt
// loses nothing, and shrinks the first one of its kind.
func (c *campaign) failed(w *properties.World, t *traces.Trace) {
	name := properties.FileName(t)
	path := filepath.Join(c.cfg.dir, name)
	c.mu.Lock()
	for _, f := range c.found {
		if f.name == name {
			f.times++
			c.mu.Unlock()
			return
		}
	}
	if len(c.found) == maxFound {
		c.mu.Unlock()
		return
	}
	f := &finding{name: name, trace: t, times: 1}
	c.found = append(c.found, f)
	c.mu.Unlock()
	t.Comments = append(t.Comments, "replay: "+properties.Command(path))
	c.write(path, t)
	t.Comments = t.Comments[:len(t.Comments)-1]
	small := w.Shrink(t, path, c.hurry)
	c.write(path, small)
	c.mu.Lock()
	f.trace = small
	c.mu.Unlock()
	if c.cfg.first {
		c.halt.Store(true)
	}
}

// grace is how long shrinking may go on after the end of the hunt.
const grace = 10 * time.Second

func (c *campaign) hurry() bool {
	return c.cfg.seeds == 0 && time.Since(c.start) > c.cfg.length+grace
}

// writable makes sure that failures can be written down. The directory does not
// stay if there are none.
func (c *campaign) writable() error {
	if err := os.MkdirAll(c.cfg.dir, 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(c.cfg.dir, "soak-*.new")
	if err != nil {
		return err
	}
	if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
		return err
	}
	_ = os.Remove(c.cfg.dir) // it stays if it has anything in it, as it should
	return nil
}

// write replaces a file as a whole. What cannot be written ends the hunt, and is
// in its report.
func (c *campaign) write(path string, t *traces.Trace) {
	err := os.MkdirAll(filepath.Dir(path), 0o777)
	if err == nil {
		err = os.WriteFile(path+".new", t.AppendText(nil), 0o666)
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		c.mu.Lock()
		c.err = err
		c.mu.Unlock()
		c.halt.Store(true)
	}
}
