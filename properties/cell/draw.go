package cell

import (
	"fmt"
	"io"
	"strings"

	"millrace/properties"
	"millrace/properties/picture"
	"millrace/traces"
)

// Draw runs a trace and draws it, and if the cell dies of it the steps that came before. It
// returns whether it fails. path is what the reader calls the trace. both: with the run beside it
// that becomes of it without what makes it fail.
func (c *Cell) Draw(out io.Writer, t *traces.Trace, path string, as picture.Format, both bool) (failed bool, err error) {
	var text string
	d, err := c.do(request{Task: draw, Trace: t.AppendText(nil), Path: path, As: as, Both: both}, func(a reply) {
		text, failed = a.Text, a.Failed
	})
	if err != nil {
		return false, err
	}
	if d == nil {
		_, err = io.WriteString(out, text)
		return failed, err
	}
	p, err := c.last(t, path, d)
	if err != nil {
		return true, err
	}
	return true, p.Print(out, as)
}

// last draws what is known of a run of which the cell died.
func (c *Cell) last(t *traces.Trace, path string, d *Death) (*picture.Picture, error) {
	steps, _, err := c.Last(t)
	if err != nil {
		return nil, err
	}
	run := *t
	run.Steps, run.Fail = nil, ""
	text := run.AppendText(nil)
	if len(steps) > 0 {
		text = append(text, strings.Join(steps, "\n")+"\n"...)
	}
	known, err := traces.Parse(path, text)
	if err != nil {
		return nil, fmt.Errorf("what a lost run left: %w", err)
	}
	known.Fail = d.String()
	p := picture.Recorded(known, path)
	p.Says = properties.Invariant(deadly)
	return p, nil
}
