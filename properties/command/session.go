package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"millrace/sim"
	"millrace/traces"
)

// everyone stands for all workers, or sessions, where one may be chosen.
const everyone = -1

// opened is what a trace file holds: one trace, or one for each worker of a process.
type opened struct {
	path  string
	all   []*traces.Trace
	parts []traces.Part
}

// named returns the path among the arguments of a verb, and sets the session that one of
// them may be.
func named(verb string, args []string, session *int) (path string, err error) {
	switch {
	case verb != "session" && len(args) == 1:
		return args[0], nil
	case verb != "session":
		return "", fmt.Errorf("%s: expected one file", verb)
	case len(args) != 2:
		return "", errors.New("session: expected a number and a file")
	}
	if *session, err = numbered(args[0]); err != nil {
		return "", fmt.Errorf("session: %w", err)
	}
	return args[1], nil
}

// numbered returns the number in a trace of the session that a log calls id.
func numbered(id string) (int, error) {
	n, err := strconv.ParseUint(id, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("expected the log's id of a session, found %q", id)
	}
	return traces.ActorOf(sim.Front, uint32(n)).Num(), nil
}

// open reads a file, and keeps one worker's trace of it if one is chosen.
func open(path string, worker int) (*opened, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	all, err := traces.ParseAll(path, text)
	if err != nil {
		return nil, err
	}
	f := &opened{path: path}
	for i, part := range traces.Split(text) {
		if about := all[i].Recorded; worker == everyone || about != nil && about.Worker == worker {
			f.all, f.parts = append(f.all, all[i]), append(f.parts, part)
		}
	}
	if len(f.all) == 0 {
		return nil, fmt.Errorf("%s: there is no worker %d in it", path, worker)
	}
	return f, nil
}

// each calls do with every trace of the file, and returns the worst of what it returns.
func (f *opened) each(do func(*traces.Trace, traces.Part) int) (worst int) {
	for i, t := range f.all {
		worst = max(worst, do(t, f.parts[i]))
	}
	return worst
}

// only returns the file's trace, if it has one only.
func (f *opened) only() (*traces.Trace, error) {
	if len(f.all) > 1 {
		return nil, fmt.Errorf("%s: it is of %d workers: choose one with -worker", f.path, len(f.all))
	}
	return f.all[0], nil
}

// of returns the steps that are about a session, by their places in a trace.
func of(t *traces.Trace, session int) (list []int) {
	for i := range t.Steps {
		if label, ok := t.Steps[i].Session(); ok && label == session {
			list = append(list, i)
		}
	}
	return list
}

// nobody complains that a session is nowhere.
func (f *opened) nobody(stderr io.Writer, session int) int {
	return complain(stderr, fmt.Errorf("%s: there is no call of session %d in it", f.path, session))
}

// showSession prints the traces with no other calls than those of a session.
func (f *opened) showSession(stdout, stderr io.Writer, session int) int {
	found := false
	f.each(func(t *traces.Trace, _ traces.Part) int {
		list := of(t, session)
		if len(list) == 0 {
			return passed
		}
		found = true
		own, before := t.Clone(), int64(0)
		own.Steps, own.Recorded = own.Steps[:0], nil // which it is no more
		own.Skipped, own.Addresses = 0, nil
		if a := t.AddressOf(session); a != nil {
			own.Addresses = append(own.Addresses, *a)
		}
		for i, next := 0, 0; i < len(t.Steps) && next < len(list); i++ {
			before += t.Steps[i].After
			if i == list[next] {
				s := t.Steps[i]
				s.After, before = before, 0 // the time since the session's last one
				own.Steps = append(own.Steps, s)
				next++
			}
		}
		fmt.Fprint(stdout, own)
		return passed
	})
	if !found {
		return f.nobody(stderr, session)
	}
	return passed
}

// life prints what became of a session: when it began, what it moved, and every call.
func (f *opened) life(stdout, stderr io.Writer, session int) int {
	found := false
	f.each(func(t *traces.Trace, part traces.Part) int {
		list := of(t, session)
		if len(list) == 0 {
			return passed
		}
		found = true
		life(stdout, t, part, f.path, session, list)
		return passed
	})
	if !found {
		return f.nobody(stderr, session)
	}
	return passed
}

// sums is what one side of a session has moved.
type sums struct{ in, out int64 }

func (s *sums) add(step *traces.Step) {
	switch {
	case step.Call.Receives():
		s.in += step.Answer
	case step.Call.Sends():
		s.out += step.Answer
	}
}

func life(out io.Writer, t *traces.Trace, part traces.Part, path string, session int, list []int) {
	at := make([]time.Duration, len(t.Steps)) // since the first step of the trace
	for i, now := 0, time.Duration(0); i < len(t.Steps); i++ {
		now += time.Duration(t.Steps[i].After)
		at[i] = now
	}
	first, last := list[0], list[len(list)-1]
	var client, server sums
	tries := 0
	for _, i := range list {
		switch s := &t.Steps[i]; {
		case s.Actor.Kind() == sim.Front:
			client.add(s)
		case s.Call == traces.CallSocket:
			tries++
		case s.Actor.Kind() == sim.Back:
			server.add(s)
		}
	}
	fmt.Fprintf(out, "session %d", session)
	if t.Recorded != nil {
		fmt.Fprintf(out, " of worker %d, %s", t.Recorded.Worker, t.Recorded.At.Add(at[first]).Format(time.RFC3339Nano))
	}
	if t.Steps[first].Call != traces.CallAccept {
		fmt.Fprint(out, ", without its beginning")
	}
	if a := t.AddressOf(session); a != nil {
		fmt.Fprintf(out, "\n  %s", a)
	}
	fmt.Fprintf(out, "\n  %d calls in %v, attempts to connect: %d\n", len(list), at[last]-at[first], tries)
	fmt.Fprintf(out, "  client: %d bytes received, %d sent\n  server: %d bytes received, %d sent\n\n", client.in, client.out, server.in, server.out)
	lines := part.Lines()
	for _, i := range list {
		s := t.Steps[i]
		s.After = int64(at[i] - at[first])
		fmt.Fprintf(out, "%s:%d\t%s\n", path, lines[i], s.String())
	}
}
