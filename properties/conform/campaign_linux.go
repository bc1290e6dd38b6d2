package conform

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"millrace/core/kerneltest"
	"millrace/properties/hunt"
	"millrace/simfd/simulated"
)

// maxFound is how many different differences are kept.
const maxFound = 20

// maxUnsteady is how many scripts are printed that are not deterministic.
const maxUnsteady = 3

// campaign is one hunt for differences.
type campaign struct {
	*hunt.Hunt
	call    string // how this command is called
	mutate  bool   // instead of drawing
	scripts int    // recorded
	lists   [][]*kerneltest.Script
	wrong   []string // in what recorded scripts differ
	unseen  []string // what they allow and Linux did not do

	mu       sync.Mutex
	verdicts [kerneltest.NumVerdicts]int
	steps    int
	shortest int
	longest  int
	tally    kerneltest.Tally
	known    kerneltest.Coverage // by recorded scripts
	drawn    kerneltest.Coverage
	found    []*finding
	unsteady []string
	err      error
}

// finding is one kind of difference.
type finding struct {
	key   string
	path  string // "" as long as it is being shrunk
	diff  string
	times int
}

func newCampaign(call string, cfg hunt.Config, stderr io.Writer) *campaign {
	c := &campaign{call: call}
	c.Hunt = hunt.New(cfg, "conform", stderr, c.progress)
	return c
}

func (c *campaign) progress(since time.Duration) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprintf("%d scripts  %.0f/s  %d differences", c.count(), float64(c.count())/since.Seconds(), len(c.found))
}

// count is how many scripts were drawn.
func (c *campaign) count() (n int) {
	for _, v := range c.verdicts {
		n += v
	}
	return n
}

// recorded runs the recorded scripts on both kernels. Those written by hand come one after
// the other: some show which numbers descriptors get, which others take too.
func (c *campaign) recorded() error {
	var err error
	if c.lists, err = kerneltest.Lists(); err != nil {
		return err
	}
	all := slices.Concat(c.lists...)
	c.scripts = len(all)
	said := make([]answers, len(all))
	byHand := len(c.lists[0])
	for i := range byHand {
		said[i] = c.recall(all[i])
	}
	var wg sync.WaitGroup
	for at := range c.Procs {
		wg.Go(func() {
			for i := byHand + at; i < len(all); i += c.Procs {
				said[i] = c.recall(all[i])
			}
		})
	}
	wg.Wait()
	for _, a := range said {
		if a.err != nil {
			return a.err
		}
		c.wrong, c.unseen = append(c.wrong, a.wrong...), append(c.unseen, a.unseen...)
	}
	return nil
}

// answers are what came of a recorded script.
type answers struct {
	wrong, unseen []string
	err           error
}

// recall runs one.
func (c *campaign) recall(s *kerneltest.Script) (a answers) {
	r, err := linux.Check(s)
	switch {
	case err != nil:
		return answers{err: err}
	case r.Verdict == kerneltest.Differs:
		return answers{wrong: []string{s.Name + "\n" + r.Diff}} // what it shows is not to be relied on
	}
	a.unseen = s.Unseen(r.Right)
	c.mu.Lock()
	defer c.mu.Unlock()
	a.err = c.known.Cover(s, simulated.New())
	return a
}

// worker draws scripts and tries them.
func (c *campaign) worker() {
	for {
		seed, _, ok := c.Next()
		if !ok {
			return
		}
		if err := c.try(seed); err != nil {
			c.mu.Lock()
			c.err = fmt.Errorf("seed %d: %w", seed, err)
			c.mu.Unlock()
			c.Halt()
			return
		}
	}
}

// script is the one of a seed.
func (c *campaign) script(seed uint64) *kerneltest.Script {
	if c.mutate {
		return kerneltest.Mutate(seed, c.lists...)
	}
	return kerneltest.Draw(seed)
}

func (c *campaign) try(seed uint64) error {
	s := c.script(seed)
	r, err := linux.Run(s)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.verdicts[r.Verdict]++
	c.steps += s.Len()
	if c.longest == 0 || s.Len() < c.shortest {
		c.shortest = s.Len()
	}
	c.longest = max(c.longest, s.Len())
	switch r.Verdict {
	case kerneltest.Unsteady:
		c.wavers(seed, r.Diff)
	case kerneltest.Differs:
		return c.differs(seed, &r)
	default:
		c.tally.Add(&r)
	}
	return c.drawn.Cover(s, simulated.New())
}

// wavers notes a script to which Linux does not answer the same each time. The lock is held.
func (c *campaign) wavers(seed uint64, diff string) {
	if len(c.unsteady) < maxUnsteady {
		c.unsteady = append(c.unsteady, fmt.Sprintf("seed %d\n%s", seed, diff))
	}
}

// differs notes a difference, and writes down the first one of its kind when it is
// shrunk. One that does not come back then was the machine's, which had no time for us, and
// nobody could do anything with its file. The lock is held, but for the shrinking.
func (c *campaign) differs(seed uint64, r *kerneltest.Result) error {
	key := r.Key()
	for _, f := range c.found {
		if f.key == key {
			f.times++
			return nil
		}
	}
	if len(c.found) == maxFound {
		return nil
	}
	f := &finding{key: key, diff: r.Diff, times: 1}
	c.found = append(c.found, f)
	c.mu.Unlock()
	least, err := linux.Shrink(r.Under, c.Hurry)
	lasts := least.Verdict == kerneltest.Differs
	if err == nil && lasts {
		f.path, err = least.Add(c.Dir)
	}
	c.mu.Lock()
	if err == nil && !lasts {
		c.found = slices.DeleteFunc(c.found, func(o *finding) bool { return o == f })
		c.verdicts[kerneltest.Differs] -= f.times
		c.verdicts[kerneltest.Unsteady] += f.times
		c.wavers(seed, r.Diff+"\nand then it did not differ\n")
		return nil
	}
	f.diff = least.Diff
	if c.First {
		c.Halt()
	}
	return err
}
