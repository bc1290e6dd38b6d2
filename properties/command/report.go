package command

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"millrace/properties"
	"millrace/sim"
)

// report prints what the hunt did and what it found. With -first that is all that was
// asked for: what the hunt did is of interest only if it found nothing.
func (c *campaign) report(w io.Writer) {
	if !c.First || len(c.found) == 0 {
		c.statistics(w)
	}
	groups := c.causes()
	fmt.Fprintf(w, "failures          %d different", len(c.found))
	if len(groups) < len(c.found) {
		fmt.Fprintf(w, ", of perhaps %d causes", len(groups))
	}
	fmt.Fprintln(w)
	for _, g := range groups {
		for i, f := range g {
			command := properties.CommandOf(f.trace, f.path)
			if f.picture != "" {
				command += "\n    picture " + f.picture
			}
			if i == 0 {
				fmt.Fprintf(w, "\n%d times: %s\n%s    %s\n", f.times, f.trace.Fail, indent(f.trace.String()), command)
				continue
			}
			if i == 1 {
				fmt.Fprintf(w, "  and with %s in common:\n", properties.Cause(f.trace))
			}
			fmt.Fprintf(w, "    %d times: %s\n    %s\n", f.times, f.trace.Fail, command)
		}
	}
}

// causes returns the findings in groups that have a cause in common, as far as that can
// be told, each with the smallest first, and the group with the smallest first.
func (c *campaign) causes() (groups [][]*finding) {
	slices.SortFunc(c.found, func(a, b *finding) int {
		return cmp.Or(cmp.Compare(size(a.trace), size(b.trace)), cmp.Compare(a.id, b.id))
	})
	place := map[string]int{}
	for _, f := range c.found {
		cause := properties.Cause(f.trace)
		at, known := place[cause]
		if !known {
			at = len(groups)
			place[cause] = at
			groups = append(groups, nil)
		}
		groups[at] = append(groups[at], f)
	}
	return groups
}

func (c *campaign) statistics(w io.Writer) {
	t := &c.totals
	secs := c.Took.Seconds()
	rate := func(n uint64) string { return fmt.Sprintf("%d (%.0f/s)", n, float64(n)/secs) }
	if c.Interrupted {
		fmt.Fprintf(w, "interrupted       after %s\n", c.Took.Round(time.Second))
	}
	seeds := t.Worlds
	if claim := &t.Claim; c.claims() {
		seeds = claim.Scenarios + claim.Large
	}
	fmt.Fprintf(w, "seeds             %d to %d\n", c.Seed, c.Seed+max(seeds+c.deaths, 1)-1)
	fmt.Fprintf(w, "worlds            %s\n", rate(t.Worlds))
	if claim := t.Claim.String(); claim != "" {
		fmt.Fprintf(w, "tried             %s\n", claim)
	}
	fmt.Fprintf(w, "run twice         %d\n", t.Again)
	fmt.Fprintf(w, "spared            %s\n", t.Judged())
	fmt.Fprintf(w, "compared          %d sessions to which only harmless things happened, with those of a world in which nothing does\n", t.Compared)
	fmt.Fprintf(w, "hash of all       %016x\n", t.Hash)
	fmt.Fprintf(w, "steps             %s\n", rate(t.Steps))
	fmt.Fprintf(w, "descriptor calls  %s\n", rate(t.Calls))
	fmt.Fprintf(w, "sessions          %s\n", rate(t.Sessions))
	virtual := time.Duration(t.Virtual / 1e6)
	fmt.Fprintf(w, "virtual time      %s, %.0f times real time\n", (virtual * 1e6).Round(time.Second), float64(t.Virtual)/float64(c.Took))
	if c.deaths > 0 {
		fmt.Fprintf(w, "lost              %d worlds from which no process came back\n", c.deaths)
	}
	c.table(w, "faults", sim.Op.Fault)
	c.table(w, "schedule, shape", func(op sim.Op) bool { return !op.Fault() })
	if c.claims() {
		return // it says what it tried, and looks nowhere else
	}
	if never := t.Never(c.program); len(never) > 0 {
		verdict := ""
		if len(c.never()) > 0 {
			verdict = "\n                  in so many worlds that is a failure"
		}
		fmt.Fprintf(w, "never reached     %s%s\n", strings.Join(never, "\n                  "), verdict)
	} else {
		fmt.Fprintln(w, "never reached     nothing: every situation and every fault occurred")
	}
}

// enough is how many worlds reach everything that can be reached.
const enough = 50_000

// never lists what was not reached in as many worlds as should do.
func (c *campaign) never() []string {
	if c.totals.Worlds < enough || c.claims() {
		return nil
	}
	return c.totals.Never(c.program)
}

// table prints the counters of some ops, three to a line.
func (c *campaign) table(w io.Writer, head string, of func(sim.Op) bool) {
	n := 0
	for op := range sim.NumOps {
		if !of(op) {
			continue
		}
		fired := fmt.Sprint(c.totals.Fired[op])
		if c.totals.Fired[op] == 0 && !c.program.Met(op) {
			fired = "-" // it cannot happen to the program, or nobody asked for it
		}
		if n%3 == 0 {
			if n > 0 {
				fmt.Fprintln(w)
			}
			fmt.Fprintf(w, "%-18s", head)
			head = ""
		}
		fmt.Fprintf(w, "%-12s %-10s ", op, fired)
		n++
	}
	fmt.Fprintln(w)
}

func indent(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n    ") + "\n"
}
