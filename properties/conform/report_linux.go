package conform

import (
	"fmt"
	"io"
	"strings"

	"millrace/core/kerneltest"
	"millrace/real/loopback"
	"millrace/sim"
)

// report prints what the hunt did and what it found.
func (c *campaign) report(w io.Writer) {
	if c.Interrupted {
		fmt.Fprintf(w, "interrupted       after %s\n", c.Took.Round(1e9))
	}
	drawn := c.count()
	fmt.Fprintf(w, "kernel            %s\n", loopback.Kernel())
	fmt.Fprintf(w, "recorded          %d scripts, %d answered otherwise\n", c.scripts, len(c.wrong))
	fmt.Fprintf(w, "seeds             %s\n", c.Tried(uint64(drawn)))
	fmt.Fprintf(w, "drawn             %d scripts (%.0f/s) of %d to %d lines, %d in all\n",
		drawn, float64(drawn)/c.Took.Seconds(), c.shortest, c.longest, c.steps)
	fmt.Fprintf(w, "needed patience   %d: something was still under way at the first look\n", c.verdicts[kerneltest.Late])
	fmt.Fprintf(w, "not deterministic %d: Linux did not repeat its answers\n", c.verdicts[kerneltest.Unsteady])
	c.behaviours(w)
	list(w, "free to do", c.tally.Seen())
	list(w, "but never seen", append(append(c.tally.Never(), c.unseen...), "what campaigns inject beyond that: "+faults()))
	fmt.Fprintf(w, "differences       %d different\n", len(c.found))
	for _, s := range c.unsteady {
		fmt.Fprintf(w, "\nnot deterministic: %s", s)
	}
	for _, s := range c.wrong {
		fmt.Fprintf(w, "\nnot as recorded: %s", s)
	}
	for _, f := range c.found {
		fmt.Fprintf(w, "\n%d times: %s\n\n%s\n    %s %s\n", f.times, f.key, f.diff, c.call, f.path)
	}
}

// behaviours prints how much of a kernel the scripts show.
func (c *campaign) behaviours(w io.Writer) {
	fmt.Fprintf(w, "behaviours        %-16s recorded   drawn, besides\n", "")
	known, more := 0, 0
	for _, g := range kerneltest.Groups() {
		k, m := c.known.Count(g), c.drawn.Besides(&c.known, g)
		fmt.Fprintf(w, "%18s%-16s %8d %8d\n", "", g, k, m)
		known, more = known+k, more+m
	}
	fmt.Fprintf(w, "%18s%-16s %8d %8d\n", "", "all", known, more)
}

// list prints lines behind a head.
func list(w io.Writer, head string, lines []string) {
	for _, l := range lines {
		fmt.Fprintf(w, "%-18s%s\n", head, l)
		head = ""
	}
}

// faults are the answers that worlds may give and that no run here did: the
// simulated kernel was told not to, and Linux would have differed.
func faults() string {
	var names []string
	for op := range sim.NumOps {
		if op != sim.OpConnect && op != sim.OpPipeSize {
			names = append(names, op.String())
		}
	}
	return strings.Join(names, " ")
}
