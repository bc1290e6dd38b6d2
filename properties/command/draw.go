package command

import (
	"fmt"
	"io"
	"os"
	"strings"

	"millrace/properties/cell"
	"millrace/properties/picture"
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
func draw(stdout, stderr io.Writer, t *traces.Trace, path, out string, as picture.Format) int {
	var b strings.Builder
	w := cell.Cell{Limits: cell.DefaultLimits}
	defer w.Close()
	fails, err := drawing(&w, &b, t, path, as)
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
func drawing(w *cell.Cell, out io.Writer, t *traces.Trace, path string, as picture.Format) (fails bool, err error) {
	if !t.Live {
		return w.Draw(out, t, path, as)
	}
	p := picture.Recorded(t, path)
	return p.Failed(), p.Print(out, as)
}
