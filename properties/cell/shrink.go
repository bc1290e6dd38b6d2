package cell

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"time"

	"millrace/properties"
	"millrace/traces"
)

// Shrink makes a failing trace small, and writes down in it how to run it from a file
// called path. If the cell dies of one of the smaller ones, it is tried again one by
// one, each of which may be lost.
func (c *Cell) Shrink(t *traces.Trace, path string, hurry func() bool) (*traces.Trace, error) {
	small := t
	var broken error
	done := make(chan struct{})
	go func() { // somebody has to tell it
		for {
			select {
			case <-done:
				return
			case <-time.After(look):
				if hurry() {
					c.Hurry()
					return
				}
			}
		}
	}()
	d, err := c.do(request{Task: shrink, Trace: t.AppendText(nil), Path: path}, func(a reply) {
		small, broken = traces.Parse(path, a.Trace)
	})
	close(done)
	if err == nil {
		err = broken
	}
	if d == nil || err != nil {
		return small, err
	}
	return c.shrinkApart(t, path, hurry)
}

// ShrinkDeath makes the trace of a world small that its cell dies in.
func (c *Cell) ShrinkDeath(t *traces.Trace, path string, hurry func() bool) (*traces.Trace, error) {
	full := c.Limits
	c.Limits.Time = min(c.Limits.Time, impatient)
	defer func() { c.Limits = full }()
	return c.shrinkApart(t, path, hurry)
}

// ShrinkAny is Shrink, or ShrinkDeath, for a trace of which nobody knows yet how it
// fails; nil if it passes.
func (c *Cell) ShrinkAny(t *traces.Trace, path string, hurry func() bool) (*traces.Trace, error) {
	raw := *t
	raw.Fail, raw.Steps, raw.Skipped = "", nil, 0
	run, d, err := c.Replay(&raw, "")
	switch {
	case err != nil:
		return nil, err
	case d != nil:
		raw.Fail = d.String()
		return c.ShrinkDeath(&raw, path, hurry)
	case run.Fail == "":
		return nil, nil
	}
	raw.Fail = run.Fail
	return c.Shrink(&raw, path, hurry)
}

const (
	// impatient is how long a world may take that is no more than a try.
	impatient = time.Second
	// patience is how long shrinking may take that costs a process for each success.
	patience = 30 * time.Second
)

// shrinkApart shrinks with a cell that may die at each try.
func (c *Cell) shrinkApart(t *traces.Trace, path string, hurry func() bool) (*traces.Trace, error) {
	want, begin := properties.Identity(t), time.Now()
	kind, _, _ := strings.Cut(want, " in ") // where a loop was seen may differ from time to time
	last := t.Fail
	var broken error
	fails := func(try *traces.Trace) bool {
		run, d, err := c.Replay(try, "")
		switch {
		case err != nil:
			broken = err
		case d != nil && d.kind() == kind:
			last = want + ": " + d.What
			return true
		case d == nil && properties.Identity(run) == want:
			last, try.Decisions = run.Fail, run.Decisions
			return true
		}
		return false
	}
	tired := func() bool { return broken != nil || hurry() || time.Since(begin) > patience }
	small := traces.Shrink(t, fails, tired)
	small.Fail = last
	return properties.Shrunk(t, small, path, fails, tired), broken
}

// Reconstruct returns the trace of a world of a seed that its cell dies in, from the
// journal that the dying world leaves; nil if this time it does not die.
func (c *Cell) Reconstruct(seed uint64, how properties.Strategy, small properties.Bounds) (*traces.Trace, *Death, error) {
	t, _ := c.Program.Generate(seed)
	lines, d, err := c.journal(func(path string) (*Death, error) {
		return c.do(request{Task: hunt, Seeds: Seeds{From: seed, N: 1, How: how, Small: small}, Journal: path}, func(reply) {})
	})
	if d == nil || err != nil {
		return nil, d, err
	}
	text := t.AppendText(nil)
	for _, l := range lines {
		scenario, other := strings.CutPrefix(l, properties.Scenario)
		switch {
		case l == properties.OtherWorld:
			text = text[:0]
		case other:
			text = append(append(text, scenario...), '\n')
		case strings.HasPrefix(l, "choose "):
			text = append(append(text, l...), '\n')
		}
	}
	if t, err = traces.Parse("journal", text); err != nil {
		return nil, nil, err
	}
	t.Comments = []string{fmt.Sprintf("seed %#x", seed)}
	t.Fail = d.String()
	return t, d, nil
}

// Last returns what the cell did last when it dies of a trace: the steps.
func (c *Cell) Last(t *traces.Trace) (steps []string, d *Death, err error) {
	lines, d, err := c.journal(func(path string) (*Death, error) {
		_, d, err := c.Replay(t, path)
		return d, err
	})
	for _, l := range lines {
		if strings.HasPrefix(l, "+") {
			steps = append(steps, l)
		}
	}
	return steps, d, err
}

// journal has something done with a journal, and returns its lines.
func (c *Cell) journal(do func(path string) (*Death, error)) (lines []string, d *Death, err error) {
	f, err := os.CreateTemp("", "millrace-journal-*")
	if err != nil {
		return nil, nil, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if d, err = do(f.Name()); err != nil {
		return nil, d, err
	}
	in := bufio.NewScanner(f)
	in.Buffer(nil, longestLine)
	for in.Scan() {
		lines = append(lines, in.Text())
	}
	return lines, d, in.Err()
}

// longestLine is more than any line of a journal has: that of a session has all that its peers say.
const longestLine = 1 << 26
