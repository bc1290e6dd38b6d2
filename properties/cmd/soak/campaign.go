package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"millrace/properties"
	"millrace/properties/hunt"
	"millrace/traces"
)

// maxFound is how many different failures are kept. After that the code is so
// broken that more of them say nothing new.
const maxFound = 20

// campaign is one hunt on several cores. Each has a world of its own; they meet
// only to count and to write down what they found.
type campaign struct {
	*hunt.Hunt

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

func newCampaign(cfg hunt.Config, stderr io.Writer) *campaign {
	c := &campaign{}
	c.Hunt = hunt.New(cfg, "soak", stderr, c.progress)
	return c
}

// worker runs worlds one after the other.
func (c *campaign) worker() {
	w := properties.NewWorld()
	for {
		seed, n, ok := c.Next()
		if !ok {
			break
		}
		if t := w.Hunt(seed); t != nil {
			c.failed(w, t)
		}
		if n%256 == 0 {
			c.count(w)
		}
	}
	c.count(w)
}

func (c *campaign) progress(since time.Duration) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprintf("%d worlds  %.1fM calls/s  %d failures", c.totals.Worlds, float64(c.totals.Calls)/1e6/since.Seconds(), len(c.found))
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
	path := filepath.Join(c.Dir, name)
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
	small := properties.Shrink(t, path, c.Hurry)
	c.write(path, small)
	c.mu.Lock()
	f.trace = small
	c.mu.Unlock()
	if c.First {
		c.Halt()
	}
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
		c.Halt()
	}
}
