package command

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"millrace/properties"
	"millrace/properties/cell"
	"millrace/properties/picture"
	"millrace/properties/shard"
	"millrace/traces"
)

// formatOf is what a picture is printed as, of what was asked for.
func formatOf(svg, txt bool) picture.Format {
	switch {
	case txt:
		return picture.Text
	case svg:
		return picture.SVG
	}
	return picture.HTML
}

// beside is the name of a file that belongs to a trace: the trace's own with another end.
func beside(path string, as picture.Format) string {
	return strings.TrimSuffix(path, ".trace") + "." + string(as)
}

// draw draws a run into a file, and text without one to stdout.
func draw(stdout, stderr io.Writer, t *traces.Trace, path, out string, as picture.Format, both bool) int {
	var b strings.Builder
	w := cell.Cell{Limits: cell.DefaultLimits}
	defer w.Close()
	fails, err := drawing(&w, &b, t, path, as, both)
	if err != nil {
		return complain(stderr, err)
	}
	code := outcome(stderr)(fails, nil)
	if as == picture.Text && out == "" {
		fmt.Fprint(stdout, b.String())
		return code
	}
	if out == "" {
		out = beside(path, as)
	}
	if err := os.WriteFile(out, []byte(b.String()), 0o666); err != nil {
		return complain(stderr, err)
	}
	fmt.Fprintln(stdout, out)
	return code
}

// drawing draws a world, which is run again, or the steps of what was recorded.
func drawing(w *cell.Cell, out io.Writer, t *traces.Trace, path string, as picture.Format, both bool) (fails bool, err error) {
	if !t.Live {
		return w.Draw(out, t, path, as, both)
	}
	if both {
		return false, fmt.Errorf("%s: a recording has no decision to be without", path)
	}
	p := picture.Recorded(t, path)
	return p.Failed(), p.Print(out, as)
}

// picture puts the picture of a finding beside its trace. What is not the same run twice
// has none: it would be of another run.
func (c *campaign) picture(w *cell.Cell, f *finding, t *traces.Trace) error {
	if properties.Unrepeatable(t) {
		return nil
	}
	var b bytes.Buffer
	if _, err := w.Draw(&b, t, f.path, picture.HTML, false); err != nil {
		return fmt.Errorf("the picture of %s: %w", f.path, err)
	}
	path := beside(f.path, picture.HTML)
	if err := shard.Replace(path, b.Bytes()); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	f.picture = path
	return nil
}
