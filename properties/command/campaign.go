package command

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"millrace/properties"
	"millrace/properties/cell"
	"millrace/properties/hunt"
	"millrace/traces"
)

const (
	// maxFound is how many different failures are kept. After that the code is so
	// broken that more of them say nothing new.
	maxFound = 20
	// block is how many worlds a cell is asked for at a time.
	block = 64
	// impatient is how long a round may take once it is known that some do not end.
	impatient = time.Second
)

// campaign is one hunt on several cores. Each has worlds in a process of its own,
// which may be lost; they meet here only to count and to write down what they found.
type campaign struct {
	program *properties.Program
	*hunt.Hunt

	mu     sync.Mutex
	totals properties.Totals
	deaths uint64
	found  []*finding
	err    error // why the hunt could not go on
}

// finding is one kind of failure.
type finding struct {
	id      string
	path    string
	picture string // beside it; "" if there is none
	trace   *traces.Trace
	times   int
}

func newCampaign(p *properties.Program, cfg hunt.Config, stderr io.Writer) *campaign {
	c := &campaign{program: p}
	c.Hunt = hunt.New(cfg, "soak", stderr, c.progress)
	return c
}

// claims says that the hunt tries all of something, and not seeds at random.
func (c *campaign) claims() bool { return c.How != "" && c.How != string(properties.Draws) }

// worker has a cell run one block of worlds after the other.
func (c *campaign) worker() {
	w := &cell.Cell{Program: c.program, Limits: cell.DefaultLimits}
	defer w.Close()
	most := uint64(block)
	if c.claims() {
		most = 1 // a seed has many worlds
	}
	for {
		first, n, ok := c.Block(most)
		if !ok {
			return
		}
		if _, err := c.seeds(w, first, n); err != nil {
			c.broken(err)
			return
		}
	}
}

func (c *campaign) progress(since time.Duration) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprintf("%d worlds  %.1fM calls/s  %d failures", c.totals.Worlds, float64(c.totals.Calls)/1e6/since.Seconds(), len(c.found))
}

// seeds runs the worlds of some seeds, and returns in how many of them the cell died.
// Then it begins anew with those in front of the culprit, and with those behind: what
// the dead cell had counted and found is lost, and comes again.
func (c *campaign) seeds(w *cell.Cell, first, n uint64) (deaths int, err error) {
	if n == 0 {
		return 0, nil
	}
	var failing []*traces.Trace
	var known []string
	ask := cell.Seeds{From: first, N: n, Back: c.Back, First: c.First, Share: c.Share, How: properties.Strategy(c.How), Known: c.known()}
	totals, d, err := w.Hunt(ask, func(id string, t *traces.Trace) {
		if t == nil {
			known = append(known, id)
		} else {
			failing = append(failing, t)
		}
	})
	switch {
	case err != nil:
		return 0, err
	case d == nil:
		c.count(&totals, known)
		for _, t := range failing {
			if err := c.failed(w, t, w.Shrink); err != nil {
				return 0, err
			}
		}
		return 0, nil
	case n == 1:
		return 1, c.died(w, first, d)
	}
	culprit, told := first+n/2, uint64(0)
	if d.Seed != nil && *d.Seed >= first && *d.Seed-first < n {
		culprit, told = *d.Seed, 1
		deaths++
		if err := c.died(w, culprit, d); err != nil {
			return deaths, err
		}
	}
	for _, p := range [][2]uint64{{first, culprit - first}, {culprit + told, first + n - culprit - told}} {
		more, err := c.seeds(w, p[0], p[1])
		if deaths += more; err != nil || c.First && c.Halted() {
			return deaths, err
		}
	}
	if deaths == 0 {
		return 0, c.failed(w, c.program.Elusive(first, n, d.String()), nil)
	}
	return deaths, nil
}

// died takes down a world in which a cell died.
func (c *campaign) died(w *cell.Cell, seed uint64, d *cell.Death) error {
	c.mu.Lock()
	c.deaths++
	c.mu.Unlock()
	w.Limits.Time = min(w.Limits.Time, impatient)
	known := c.count(&properties.Totals{}, []string{d.Identity()})
	f := c.large(d.Identity())
	if known && f == nil {
		return nil
	}
	t, _, err := w.Reconstruct(seed, properties.Strategy(c.How))
	if err != nil {
		return err
	}
	switch {
	case t != nil && f != nil:
		return c.smaller(w, f, t)
	case t != nil:
		return c.failed(w, t, w.ShrinkDeath)
	case known:
		return nil
	}
	return c.failed(w, c.program.Elusive(seed, 1, d.String()), nil)
}

// page is how many lines of a trace somebody reads.
const page = 60

// large returns the finding of an identity if its trace is more than anybody reads, and it
// is time to see whether another world shows the same in fewer lines: each try at making
// one small that kills costs a second, so what the first one was shrunk to in half a minute
// may be large. It is time at the second, the fourth, the eighth and so on.
func (c *campaign) large(id string) *finding {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.found {
		if f.id == id && f.times > 1 && f.times&(f.times-1) == 0 && f.times <= 64 && size(f.trace) > page {
			return f
		}
	}
	return nil
}

// smaller puts another trace in the place of a finding's, if it can be made smaller.
func (c *campaign) smaller(w *cell.Cell, f *finding, t *traces.Trace) error {
	small, err := w.ShrinkDeath(t, f.path, c.Hurry)
	if err != nil || size(small) >= size(f.trace) || properties.Identity(small) != f.id {
		return err
	}
	c.mu.Lock()
	f.trace = small
	c.mu.Unlock()
	if err := write(f.path, small); err != nil {
		return err
	}
	return c.picture(w, f, small)
}

// size is how much there is to read.
func size(t *traces.Trace) int { return len(t.Sessions) + len(t.Decisions) }

// known returns the identities of what was found.
func (c *campaign) known() (ids []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.found {
		ids = append(ids, f.id)
	}
	return ids
}

// count adds up, and says whether all that was found was known.
func (c *campaign) count(t *properties.Totals, known []string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.totals.Add(t)
	all := true
	for _, id := range known {
		seen := false
		for _, f := range c.found {
			if f.id == id {
				f.times++
				seen = true
			}
		}
		all = all && seen
	}
	return all
}

// failed writes a failure down before anything else, so that killing the hunt
// loses nothing, and shrinks the first one of its kind.
func (c *campaign) failed(w *cell.Cell, t *traces.Trace, shrink func(*traces.Trace, string, func() bool) (*traces.Trace, error)) error {
	f := c.first(t)
	if f == nil {
		return nil
	}
	raw := *t
	raw.Comments = append(raw.Comments[:len(raw.Comments):len(raw.Comments)], "replay: "+properties.CommandOf(t, f.path))
	if err := write(f.path, &raw); err != nil {
		return err
	}
	if shrink != nil && !properties.Unrepeatable(t) {
		small, err := shrink(t, f.path, c.Hurry)
		if err != nil {
			return err
		}
		if err := write(f.path, small); err != nil {
			return err
		}
		c.mu.Lock()
		f.trace = small
		c.mu.Unlock()
		t = small
	}
	if err := c.picture(w, f, t); err != nil {
		return err
	}
	if c.First {
		c.Halt()
	}
	return nil
}

// first makes a finding of a trace that is the first of its kind, and returns nil if
// it is not, or if there are enough.
func (c *campaign) first(t *traces.Trace) *finding {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := properties.Identity(t)
	for _, f := range c.found {
		if f.id == id {
			f.times++
			return nil
		}
	}
	if len(c.found) == maxFound {
		return nil
	}
	f := &finding{id: id, path: filepath.Join(c.Dir, properties.FileName(t)), trace: t, times: 1}
	c.found = append(c.found, f)
	return f
}

// broken ends the hunt, which cannot go on.
func (c *campaign) broken(err error) {
	c.mu.Lock()
	c.err = err
	c.mu.Unlock()
	c.Halt()
}

// write replaces the file of a trace as a whole.
func write(path string, t *traces.Trace) error { return replace(path, t.AppendText(nil)) }

// replace replaces a file as a whole.
func replace(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", text, 0o666); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
