package command

import (
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"

	"millrace/properties"
	"millrace/properties/cell"
	"millrace/properties/hunt"
	"millrace/properties/shard"
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
	ways

	mu     sync.Mutex
	totals properties.Totals
	corpus properties.Corpus
	cells  []*cell.Cell // one of each worker
	parts  []*part      // the strategies, if there are several
	// reached are the situations that were, when somebody was last given credit for one, and
	// credited is how many of what was found.
	reached  [len(properties.Reach{})]bool
	credited int
	deaths   uint64
	found    []*finding
	err      error // why the hunt could not go on
}

// finding is one kind of failure.
type finding struct {
	id      string
	path    string
	picture string // beside it; "" if there is none
	trace   *traces.Trace
	times   int
	where   string // in which campaigns, if there are several
}

func newCampaign(p *properties.Program, cfg config, stderr io.Writer) *campaign {
	c := &campaign{program: p, ways: cfg.ways}
	if list, err := strategies(cfg.How); err == nil && len(list) > 1 {
		c.parts = list
	}
	c.Hunt = hunt.New(cfg.Config, "soak", stderr, c.progress)
	return c
}

// claims says that the hunt tries all of something, and not seeds at random.
func (c *campaign) claims() bool { return claims(c.How) }

func claims(how string) bool { return how != "" && how != string(properties.Draws) }

// worker has a cell run one block of worlds after the other.
func (c *campaign) worker() {
	w := &cell.Cell{Program: c.program, Limits: cell.DefaultLimits, Corpus: c.Corpus}
	defer w.Close()
	c.mu.Lock()
	c.cells = append(c.cells, w)
	c.mu.Unlock()
	if c.parts != nil {
		if err := c.several(w); err != nil {
			c.broken(err)
		}
		return
	}
	most := uint64(block)
	if c.claims() {
		most = 1 // a seed has many worlds
	}
	for {
		first, n, ok := c.Block(most)
		if !ok {
			return
		}
		if _, err := c.seeds(w, properties.Strategy(c.How), first, n); err != nil {
			c.broken(err)
			return
		}
	}
}

func (c *campaign) progress(since time.Duration) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	states := uint64(0)
	for _, w := range c.cells {
		states += w.Explored()
	}
	if states > 0 { // of scenarios that are not over, too
		return fmt.Sprintf("%d states  %.0f/s  %d failures", states, float64(states)/since.Seconds(), len(c.found))
	}
	return fmt.Sprintf("%d worlds  %.1fM calls/s  %d failures", c.totals.Worlds, float64(c.totals.Calls)/1e6/since.Seconds(), len(c.found))
}

// seeds runs the worlds of some seeds, and returns in how many of them the cell died.
// Then it begins anew with those in front of the culprit, and with those behind: what
// the dead cell had counted and found is lost, and comes again.
func (c *campaign) seeds(w *cell.Cell, how properties.Strategy, first, n uint64) (deaths int, err error) {
	if n == 0 {
		return 0, nil
	}
	var failing []*traces.Trace
	var known []string
	ask := cell.Seeds{From: first, N: n, Back: c.Back, First: c.First, Share: c.Share, How: how, Small: c.Small, Known: c.known()}
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
		c.count(&totals, nil)
		for _, t := range failing {
			if err := c.failed(w, t, w.Shrink); err != nil {
				return 0, err
			}
		}
		c.count(&properties.Totals{}, known) // the cell knows what was the first of its kind a moment ago
		return 0, nil
	case n == 1:
		return 1, c.died(w, how, first, d)
	}
	culprit, told := first+n/2, uint64(0)
	if d.Seed != nil && *d.Seed >= first && *d.Seed-first < n {
		culprit, told = *d.Seed, 1
		deaths++
		if err := c.died(w, how, culprit, d); err != nil {
			return deaths, err
		}
	}
	for _, p := range [][2]uint64{{first, culprit - first}, {culprit + told, first + n - culprit - told}} {
		more, err := c.seeds(w, how, p[0], p[1])
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
func (c *campaign) died(w *cell.Cell, how properties.Strategy, seed uint64, d *cell.Death) error {
	c.mu.Lock()
	c.deaths++
	c.mu.Unlock()
	w.Limits.Time = min(w.Limits.Time, impatient)
	known := c.count(&properties.Totals{}, []string{d.Identity()})
	f := c.large(d.Identity())
	if known && f == nil {
		return nil
	}
	t, _, err := w.Reconstruct(seed, how, c.Small)
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
		if f.id == id && f.times > 1 && f.times&(f.times-1) == 0 && f.times <= 64 && properties.Size(f.trace) > page {
			return f
		}
	}
	return nil
}

// smaller puts another trace in the place of a finding's, if it can be made smaller.
func (c *campaign) smaller(w *cell.Cell, f *finding, t *traces.Trace) error {
	small, err := w.ShrinkDeath(t, f.path, c.Hurry)
	if err != nil || properties.Size(small) >= properties.Size(f.trace) || properties.Identity(small) != f.id {
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
	for _, k := range c.totals.Kept {
		c.corpus.Add(k)
	}
	c.totals.Kept = nil
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

// write replaces a file as a whole.
func write(path string, t *traces.Trace) error { return shard.Replace(path, t.AppendText(nil)) }
