package command

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"millrace/properties"
	"millrace/properties/cell"
	"millrace/traces"
)

const usage = `usage: trace show [-sockets] FILE   with what ss would say of the sockets at the end
       trace replay FILE
       trace shrink [-o OUT] FILE      without -o the result takes FILE's place
       trace draw [-o OUT] FILE        a page to step through the run, FILE.html without -o
       trace draw -svg [-o OUT] FILE   a picture for a report, FILE.svg without -o
       trace draw -txt [-o OUT] FILE   the same for a terminal
       trace test [-o OUT] FILE        a Go test that runs it again; -program import/path.Name
                                       says where the program is, if it does not
`

var traceVerbs = []string{"show", "replay", "shrink", "draw", "test"}

const (
	passed = 0
	failed = 1
	wrong  = 2
)

// Trace shows, replays and shrinks traces, as arguments of a command line say, and
// returns the exit code.
func Trace(args []string, stdout, stderr io.Writer) int {
	stdout, stderr = printable{stdout}, printable{stderr}
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return wrong
	}
	verb, args := args[0], args[1:]
	fs := flag.NewFlagSet(verb, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	out, sockets, svg, txt := new(string), new(bool), new(bool), new(bool)
	program := new(string)
	switch verb {
	case "shrink":
		out = fs.String("o", "", "where to write the result; the file itself if empty")
	case "draw":
		out = fs.String("o", "", "where to write the picture")
		svg = fs.Bool("svg", false, "a picture for a report")
		txt = fs.Bool("txt", false, "for a terminal")
	case "test":
		out = fs.String("o", "", "the file of the test, in the directory of its package")
		program = fs.String("program", "", "where the program is: import/path.Name")
	case "show":
		sockets = fs.Bool("sockets", false, "what ss would say of the sockets, where the run ends")
	}
	switch err := fs.Parse(args); {
	case verb == "-h" || verb == "-help" || verb == "--help" || verb == "help" || errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return passed
	case !slices.Contains(traceVerbs, verb):
		return complain(stderr, fmt.Errorf("unknown verb %q", verb))
	case err != nil:
		return complain(stderr, err)
	case fs.NArg() != 1:
		return complain(stderr, fmt.Errorf("%s: expected one file", verb))
	}
	path := fs.Arg(0)
	text, err := os.ReadFile(path)
	if err != nil {
		return complain(stderr, err)
	}
	t, err := traces.Parse(path, text)
	if err != nil {
		return complain(stderr, err)
	}
	switch verb {
	case "show":
		return show(stdout, stderr, t, path, *sockets)
	case "replay":
		return replay(stdout, stderr, t, path)
	case "test":
		return gotest(stdout, stderr, t, path, *out, *program)
	case "draw":
		return draw(stdout, stderr, t, path, *out, formatOf(*svg, *txt))
	}
	return shrink(stdout, stderr, t, path, *out)
}

func complain(stderr io.Writer, err error) int {
	fmt.Fprintln(stderr, "trace:", err)
	return wrong
}

// show prints the text, with the steps of the run if it is a world.
func show(stdout, stderr io.Writer, t *traces.Trace, path string, sockets bool) int {
	if t.Live {
		fmt.Fprint(stdout, t)
		return passed
	}
	w := cell.Cell{Limits: cell.DefaultLimits}
	defer w.Close()
	return outcome(stderr)(w.Show(stdout, t, path, sockets))
}

// outcome turns what a cell says of a trace into an exit code.
func outcome(stderr io.Writer) func(fails bool, err error) int {
	return func(fails bool, err error) int {
		switch {
		case err != nil:
			return complain(stderr, err)
		case fails:
			return failed
		}
		return passed
	}
}

// replay simulates a world, and plays steps where there are any, and they are one worker's.
func replay(stdout, stderr io.Writer, t *traces.Trace, path string) int {
	code := passed
	if !t.Live {
		w := cell.Cell{Limits: cell.DefaultLimits}
		defer w.Close()
		if code = outcome(stderr)(w.Explain(stdout, t, path)); code == wrong {
			return code
		}
	}
	if len(t.Steps) == 0 || !t.Live && t.Settings[traces.Workers] > 1 {
		return code
	}
	r, f, err := properties.Play(t)
	if err != nil {
		return complain(stderr, fmt.Errorf("%s: %w", path, err))
	}
	fmt.Fprintf(stdout, "%s: played: %s\n", path, r)
	if r.Breach != nil {
		fmt.Fprintf(stdout, "  %s: %s\n", r.Breach.ID, properties.Invariant(r.Breach.ID))
	}
	if f != nil {
		fmt.Fprintf(stdout, "after step %d: %s\n  %s: %s\n", r.Steps, f, f.ID, properties.Invariant(f.ID))
	}
	if !r.Same() || f != nil {
		return failed
	}
	return code
}

func shrink(stdout, stderr io.Writer, t *traces.Trace, path, out string) int {
	if t.Live {
		return complain(stderr, fmt.Errorf("%s: only the trace of a world can be shrunk: this one has no decisions to drop", path))
	}
	w := cell.Cell{Limits: cell.DefaultLimits}
	defer w.Close()
	if out == "" {
		out = path
	}
	small, err := w.ShrinkAny(t, out, func() bool { return false })
	switch {
	case err != nil:
		return complain(stderr, err)
	case small == nil:
		return complain(stderr, fmt.Errorf("%s: passes, there is nothing to shrink", path))
	}
	if err := os.WriteFile(out, small.AppendText(nil), 0o666); err != nil {
		return complain(stderr, err)
	}
	fmt.Fprint(stdout, small)
	return passed
}

// printable is a terminal, or something like one: what a file from somewhere makes us
// print must not tell it what to do.
type printable struct{ w io.Writer }

// Write implements io.Writer. Control characters become their Go escapes.
func (p printable) Write(b []byte) (int, error) {
	var safe strings.Builder
	for _, r := range string(b) {
		if r != '\n' && r != '\t' && !strconv.IsPrint(r) {
			safe.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		} else {
			safe.WriteRune(r)
		}
	}
	if _, err := io.WriteString(p.w, safe.String()); err != nil {
		return 0, err
	}
	return len(b), nil
}
