package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"millrace/properties"
	"millrace/sim"
)

// quietly is how often a hunt whose output goes to a file says that it is alive.
const quietly = time.Minute

// progress shows that the hunt is alive: a terminal sees one line that changes, a
// file one more line now and then.
func (c *campaign) progress() {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := time.Since(c.start)
	before, after := "\r", " "
	if !c.terminal {
		if t < c.said+quietly {
			return
		}
		c.said = t
		before, after = "", "\n"
	}
	fmt.Fprintf(c.stderr, "%s%6.0fs  %d worlds  %.1fM calls/s  %d failures%s", before,
		t.Seconds(), c.totals.Worlds, float64(c.totals.Calls)/1e6/t.Seconds(), len(c.found), after)
}

func (c *campaign) clear() {
	if c.terminal {
		fmt.Fprintf(c.stderr, "\r%60s\r", "")
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

// report prints what the hunt did and what it found.
func (c *campaign) report(w io.Writer) {
	t := &c.totals
	secs := c.took.Seconds()
	rate := func(n uint64) string { return fmt.Sprintf("%d (%.0f/s)", n, float64(n)/secs) }
	if c.interrupted {
		fmt.Fprintf(w, "interrupted       after %s\n", c.took.Round(time.Second))
	}
	fmt.Fprintf(w, "seeds             %d to %d\n", c.cfg.seed, c.cfg.seed+max(t.Worlds, 1)-1)
	fmt.Fprintf(w, "worlds            %s\n", rate(t.Worlds))
	fmt.Fprintf(w, "steps             %s\n", rate(t.Steps))
	fmt.Fprintf(w, "descriptor calls  %s\n", rate(t.Calls))
	fmt.Fprintf(w, "sessions          %s\n", rate(t.Sessions))
	virtual := time.Duration(t.Virtual / 1e6)
	fmt.Fprintf(w, "virtual time      %s, %.0f times real time\n", (virtual * 1e6).Round(time.Second), float64(t.Virtual)/float64(c.took))
	c.faults(w)
	if never := t.Reach.Never(&t.Fired); len(never) > 0 {
		fmt.Fprintf(w, "never reached     %s\n", strings.Join(never, "\n                  "))
	} else {
		fmt.Fprintln(w, "never reached     nothing: every situation and every fault occurred")
	}
	fmt.Fprintf(w, "failures          %d different\n", len(c.found))
	slices.SortFunc(c.found, func(a, b *finding) int { return strings.Compare(a.name, b.name) })
	for _, f := range c.found {
		path := filepath.Join(c.cfg.dir, f.name)
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
