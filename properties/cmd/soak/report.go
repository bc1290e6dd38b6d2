package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"millrace/properties"
	"millrace/sim"
)

// report prints what the hunt did and what it found.
func (c *campaign) report(w io.Writer) {
	t := &c.totals
	secs := c.Took.Seconds()
	rate := func(n uint64) string { return fmt.Sprintf("%d (%.0f/s)", n, float64(n)/secs) }
	if c.Interrupted {
		fmt.Fprintf(w, "interrupted       after %s\n", c.Took.Round(time.Second))
	}
	fmt.Fprintf(w, "seeds             %d to %d\n", c.Seed, c.Seed+max(t.Worlds, 1)-1)
	fmt.Fprintf(w, "worlds            %s\n", rate(t.Worlds))
	fmt.Fprintf(w, "steps             %s\n", rate(t.Steps))
	fmt.Fprintf(w, "descriptor calls  %s\n", rate(t.Calls))
	fmt.Fprintf(w, "sessions          %s\n", rate(t.Sessions))
	virtual := time.Duration(t.Virtual / 1e6)
	fmt.Fprintf(w, "virtual time      %s, %.0f times real time\n", (virtual * 1e6).Round(time.Second), float64(t.Virtual)/float64(c.Took))
	c.faults(w)
	if never := t.Reach.Never(&t.Fired); len(never) > 0 {
		fmt.Fprintf(w, "never reached     %s\n", strings.Join(never, "\n                  "))
	} else {
		fmt.Fprintln(w, "never reached     nothing: every situation and every fault occurred")
	}
	fmt.Fprintf(w, "failures          %d different\n", len(c.found))
	slices.SortFunc(c.found, func(a, b *finding) int { return strings.Compare(a.name, b.name) })
	for _, f := range c.found {
		path := filepath.Join(c.Dir, f.name)
		fmt.Fprintf(w, "\n%d times: %s\n%s    %s\n", f.times, f.trace.Fail, indent(f.trace.String()), properties.Command(path))
	}
}

// faults prints the counters of everything that was injected, three to a line.
func (c *campaign) faults(w io.Writer) {
	head := "faults"
	for op := range sim.NumOps {
		if op%3 == 0 {
			fmt.Fprintf(w, "%-18s", head)
			head = ""
		}
		fmt.Fprintf(w, "%-12s %-10d ", op, c.totals.Fired[op])
		if op%3 == 2 || op == sim.NumOps-1 {
			fmt.Fprintln(w)
		}
	}
}

func indent(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n    ") + "\n"
}
