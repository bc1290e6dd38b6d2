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
	"millrace/properties/picture"
	"millrace/traces"
)

const usage = `usage: trace show [-sockets] FILE   with what ss would say of the sockets at the end
       trace show -v FILE              with what there was between the calls, as comments: see replay -v
       trace show -session N FILE      only the calls of one session, by the log's id
       trace session N FILE            the life of one session, call by call
       trace replay FILE               what breaks, what led to it, and the state of everything
       trace replay -v FILE            also which descriptors had their turns, which tasks ran, who woke
                                       them, and which flags changed
       trace shrink [-o OUT] FILE      without -o the result takes FILE's place
       trace draw [-o OUT] FILE        a page to step through the run, FILE.html without -o
       trace draw -svg [-o OUT] FILE   a picture for a report, FILE.svg without -o
       trace draw -txt [-o OUT] FILE   the same for a terminal
       trace draw -both ...            beside the run without the decision that makes it fail
       trace pcap [-o OUT] FILE        a capture of packets, FILE.pcapng without -o
       trace scenario [-o OUT] FILE    a world that tells what a recording does, FILE.scenario.trace without -o
       trace test [-o OUT] FILE        a Go test that runs it again; -program import/path.Name
                                       says where the program is, if it does not

A recording of several workers is shown and replayed whole; -worker N chooses one of them.
`

var traceVerbs = []string{"show", "session", "replay", "shrink", "draw", "pcap", "scenario", "test"}

const (
	passed = 0
	failed = 1
	wrong  = 2
)

// wanted is what the flags behind a verb say.
type wanted struct {
	out, program            string
	sockets, svg, txt, both bool
	turns                   bool
	worker, session         int
}

// flags are those that a verb has.
func (a *wanted) flags(verb string) *flag.FlagSet {
	fs := flag.NewFlagSet(verb, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.IntVar(&a.worker, "worker", everyone, "of a recording of several workers, only this one")
	a.session = everyone
	switch verb {
	case "shrink", "pcap", "scenario":
		fs.StringVar(&a.out, "o", "", "where to write the result")
	case "draw":
		fs.StringVar(&a.out, "o", "", "where to write the picture")
		fs.BoolVar(&a.svg, "svg", false, "a picture for a report")
		fs.BoolVar(&a.txt, "txt", false, "for a terminal")
		fs.BoolVar(&a.both, "both", false, "beside the run that does not fail")
	case "test":
		fs.StringVar(&a.out, "o", "", "the file of the test, in the directory of its package")
		fs.StringVar(&a.program, "program", "", "where the program is: import/path.Name")
	case "replay":
		fs.BoolVar(&a.turns, "v", false, "with the turns and tasks of the loop, and what came of them")
	case "show":
		fs.BoolVar(&a.turns, "v", false, "with the turns and tasks of the loop, and what came of them")
		fs.Func("session", "only the calls of this session", func(id string) (err error) {
			a.session, err = numbered(id)
			return err
		})
		fs.BoolVar(&a.sockets, "sockets", false, "what ss would say of the sockets, where the run ends")
	}
	return fs
}

// Trace shows, replays and shrinks traces, as arguments of a command line say, and
// returns the exit code.
func Trace(args []string, stdout, stderr io.Writer) int {
	stdout, stderr = printable{stdout}, printable{stderr}
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return wrong
	}
	verb, args := args[0], args[1:]
	var a wanted
	fs := a.flags(verb)
	switch err := fs.Parse(args); {
	case verb == "-h" || verb == "-help" || verb == "--help" || verb == "help" || errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return passed
	case !slices.Contains(traceVerbs, verb):
		return complain(stderr, fmt.Errorf("unknown verb %q", verb))
	case err != nil:
		return complain(stderr, err)
	}
	path, err := named(verb, fs.Args(), &a.session)
	if err != nil {
		return complain(stderr, err)
	}
	f, err := open(path, a.worker)
	if err != nil {
		return complain(stderr, err)
	}
	switch {
	case verb == "session":
		return f.life(stdout, stderr, a.session)
	case a.session != everyone:
		return f.showSession(stdout, stderr, a.session)
	case verb == "show":
		return f.each(func(t *traces.Trace, _ traces.Part) int { return show(stdout, stderr, t, path, a.sockets, a.turns) })
	case verb == "replay":
		return f.each(func(t *traces.Trace, part traces.Part) int { return replay(stdout, stderr, t, part, path, a.turns) })
	}
	t, err := f.only()
	if err != nil {
		return complain(stderr, err)
	}
	switch verb {
	case "test":
		return gotest(stdout, stderr, t, path, a.out, a.program)
	case "scenario":
		return scenario(stdout, stderr, t, path, a.out)
	case "pcap":
		return draw(stdout, stderr, t, path, a.out, picture.PCAP, false)
	case "draw":
		return draw(stdout, stderr, t, path, a.out, formatOf(a.svg, a.txt), a.both)
	}
	return shrink(stdout, stderr, t, path, a.out)
}

func complain(stderr io.Writer, err error) int {
	fmt.Fprintln(stderr, "trace:", err)
	return wrong
}

// show prints the text, with the steps of the run if it is a world. With turns, what is
// between the steps of a recording is what there is when it is played.
func show(stdout, stderr io.Writer, t *traces.Trace, path string, sockets, turns bool) int {
	if t.Live {
		if t.Torn != "" {
			fmt.Fprintf(stderr, "%s: torn: %s\n", path, t.Torn)
		}
		if !turns {
			fmt.Fprint(stdout, t)
			return passed
		}
		same, err := properties.ShowPlay(stdout, t)
		return outcome(stderr)(!same, err)
	}
	w := cell.Cell{Limits: cell.DefaultLimits}
	defer w.Close()
	return outcome(stderr)(w.Show(stdout, t, path, sockets, turns))
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
func replay(stdout, stderr io.Writer, t *traces.Trace, part traces.Part, path string, turns bool) int {
	code := passed
	if !t.Live {
		w := cell.Cell{Limits: cell.DefaultLimits}
		defer w.Close()
		if code = outcome(stderr)(w.Explain(stdout, t, path, turns)); code == wrong {
			return code
		}
	}
	if len(t.Steps) == 0 || !t.Live && t.Settings[traces.Workers] > 1 {
		return code
	}
	r, f, err := properties.ExplainPlay(stdout, t, part, path, turns)
	if err != nil {
		return complain(stderr, fmt.Errorf("%s: %w", path, err))
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
