package cell

import (
	"fmt"
	"io"
	"strings"

	"millrace/properties"
	"millrace/traces"
)

const (
	lastSteps  = 30 // that an explanation shows
	stackLines = 40
)

// Explain runs a trace and prints all there is to say about it, and if the cell dies
// of it, of what. It returns whether it fails. turns is as of properties.Explain.
func (c *Cell) Explain(out io.Writer, t *traces.Trace, path string, turns bool) (failed bool, err error) {
	return c.tell(request{Task: explain, Turns: turns}, out, t, path)
}

// Show runs a trace and prints it with all its steps, and if asked for with its sockets, and
// turns as of properties.Explain; if the cell dies of it, it explains that. It returns whether
// it fails.
func (c *Cell) Show(out io.Writer, t *traces.Trace, path string, sockets, turns bool) (failed bool, err error) {
	return c.tell(request{Task: show, Sockets: sockets, Turns: turns}, out, t, path)
}

func (c *Cell) tell(r request, out io.Writer, t *traces.Trace, path string) (failed bool, err error) {
	var text string
	r.Trace, r.Path = t.AppendText(nil), path
	d, err := c.do(r, func(a reply) { text, failed = a.Text, a.Failed })
	if err != nil {
		return false, err
	}
	if d == nil {
		_, err = io.WriteString(out, text)
		return failed, err
	}
	steps, _, err := c.Last(t)
	if err != nil {
		return true, err
	}
	fmt.Fprintf(out, "%s\n  %s\n  %s: %s\n", d.Identity(), d.What, deadly, properties.Invariant(deadly))
	fmt.Fprintf(out, "\ntrace    %s\nreplay   %s\n", path, properties.CommandOf(t, path))
	for _, comment := range t.Comments {
		fmt.Fprintf(out, "         %s\n", comment)
	}
	steps = properties.Fold(steps)
	fmt.Fprintf(out, "\nlast steps\n  %s\n", strings.Join(steps[max(0, len(steps)-lastSteps):], "\n  "))
	stack := strings.Split(strings.TrimSpace(d.Stack), "\n")
	fmt.Fprintf(out, "\nstack\n  %s\n", strings.Join(stack[:min(len(stack), stackLines)], "\n  "))
	return true, nil
}
