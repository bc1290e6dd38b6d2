package properties

import (
	"fmt"
	"strings"

	"millrace/traces"
)

// replayed is what the comment begins with that says how to see a failure again.
const replayed = "replay: "

// without is what that one begins with which names the decision that made it fail.
const without = "without "

// Command is what to type to run a trace of the program again.
func (p *Program) Command(path string) string { return p.Replays + " " + shellWord(path) }

// hunt is what to type to run the worlds of some seeds again, one after the other: each of
// them twice if that is asked for.
func (p *Program) hunt(seed, n uint64, twice bool) string {
	prefix, more := "-", " -procs 1"
	if p.tested {
		prefix, more = "-millrace.", ""
	}
	if twice {
		more = fmt.Sprintf(" %sagain 1", prefix) + more
	}
	return fmt.Sprintf("%s%s %sseed %d %sseeds %d", p.Hunts, more, prefix, seed, prefix, n)
}

// Call says what to type in front of the path of a trace, and of the flags of a hunt, if
// the program itself does not say it. tested: they are those of a test.
func (p *Program) Call(replays, hunts string, tested bool) {
	if p.nameless {
		p.Replays, p.Hunts, p.tested = replays, hunts, tested
	}
}

// CommandOf is what to type to see the failure of a trace again that lies at path: its
// own command if it has one, since one that does not come back in a new world is not
// seen by running it.
func CommandOf(t *traces.Trace, path string) string {
	for _, c := range t.Comments {
		if command, ok := strings.CutPrefix(c, replayed); ok && Unrepeatable(t) {
			return command
		}
	}
	return of(t).Command(path)
}

// Unrepeatable says that a trace's failure is that it is not the same run twice.
func Unrepeatable(t *traces.Trace) bool { return strings.HasPrefix(t.Fail, unrepeatable+" ") }

// Identity is the part of a trace's fail line that two failures must share to be the
// same.
func Identity(t *traces.Trace) string {
	id, _, _ := strings.Cut(t.Fail, ":")
	return id
}

// Cause is what failures have in common that one mistake makes: the invariant, and
// the kind of the accident without which they would not be. The states in which it
// shows may be many.
func Cause(t *traces.Trace) string {
	id, _, _ := strings.Cut(t.Fail, " ")
	for _, c := range t.Comments {
		if what, ok := strings.CutPrefix(c, without); ok {
			if words := strings.Fields(what); len(words) > 1 {
				return id + ", and not without " + words[0][:1] + " " + words[1]
			}
		}
	}
	return id
}

// FileName returns a name for the trace of a failure: the same for all failures of one
// identity of a program. In front is the program's, but for that of traces that do not say it.
func FileName(t *traces.Trace) string {
	name := Identity(t)
	if t.Program != "" && t.Program != traces.DefaultProgram {
		name = t.Program + " " + name
	}
	return plain(name) + ".trace"
}

// plain is the beginning of a text as a part of a file's name.
func plain(s string) string {
	clean := func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '-'
	}
	s = strings.Trim(strings.Map(clean, s), "-")
	return s[:min(len(s), 80)]
}

// Lines is how long a trace is without its comments.
func Lines(t *traces.Trace) int { return strings.Count(t.String(), "\n") - len(t.Comments) }

// Size is how much there is to read in a trace.
func Size(t *traces.Trace) int { return len(t.Sessions) + len(t.Decisions) }

// oneLine keeps the beginning of a text that may be a stack.
func oneLine(s string) string {
	return cut(strings.Join(strings.Fields(s), " "), 300)
}
