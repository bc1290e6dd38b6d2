package properties

import (
	"fmt"
	"slices"
	"strings"

	"millrace/traces"
)

// shrinkSteps is how many steps of worlds shrinking may cost: some seconds.
const shrinkSteps = 20_000_000

// endlessSteps is how many they may cost where the failure is that a world has no end. Each try
// that goes on takes all of its steps then, and by the twentieth little is left to be taken away
// but the last digits of how long it goes on.
const endlessSteps = 8_000_000

// bubbled is how much more a step costs of a world whose threads are goroutines.
const bubbled = 20

// enough is how many steps a candidate is given first where the failure is that a world
// has no end: most do end, and those that do not cost all of theirs at each try.
const enough = 4000

// Shrink makes a failing trace small: it keeps failing in the same way. The result
// says in its comments what it is and how to run it from a file called path. stop,
// unless nil, says when to be content with what there is. What is returned fails in a
// new world, from its text, or says that it does not.
func Shrink(t *traces.Trace, path string, stop func() bool) *traces.Trace {
	if Unrepeatable(t) {
		return t // of another world there is nothing to take away
	}
	s := &shrinking{w: WorldOf(t), want: Identity(t), stop: stop}
	if s.w.program.Together && slices.Contains(awaited, s.want) {
		s.words = talkOf(t)
	}
	small := traces.Shrink(t, s.fails, s.tired)
	if s.fails(small) {
		small.Fail = s.last.Line()
	}
	small = Shrunk(t, small, path, s.fails, s.tired)
	s.fails(small)
	if f := s.w.unlike(small); f != nil {
		small.Fail = f.Line()
	}
	return small
}

// Shrunk writes down in a trace that was shrunk from another one what it is, and how to
// run it from a file called path.
func Shrunk(from, small *traces.Trace, path string, fails func(*traces.Trace) bool, tired func() bool) *traces.Trace {
	small.Comments = append(others(from.Comments), history(from, small))
	if !tired() {
		if i := traces.LastFlip(small, fails); i >= 0 {
			small.Comments = append(small.Comments, without+flip(small, i)+" it passes")
		}
	}
	small.Comments = append(small.Comments, replayed+of(from).Command(path))
	return small
}

// shrinking is what one shrinking knows.
type shrinking struct {
	w     *World
	want  string // the identity
	last  *Failure
	spent uint64
	stop  func() bool
	words string // that all peers say and expect, if they have to stay
	gist  string // of what the program, or a deed, said itself; see there
}

// own are the identities of failures that are told in words of the program's, or of a deed's: each of
// all that may go wrong has the same.
var own = []string{"I73 deed", "I73 program", "deed peer", "simnet program"}

// gist is what such words have in common when the same goes wrong elsewhere: without numbers, and
// without what is quoted.
func gist(what string) string {
	var b strings.Builder
	for i, part := range strings.Split(what, `"`) {
		if i%2 == 0 {
			b.WriteString(strings.Map(func(r rune) rune {
				if r >= '0' && r <= '9' {
					return -1
				}
				return r
			}, part))
		}
	}
	return b.String()
}

// awaited are the identities of failures of which somebody has not heard what he waits for. Where
// sessions have to do with each other he may do so since another one said less.
var awaited = []string{"I40 peer", "I73 peer", "I73 client", "I73 deed", "I73 program", "deed peer"}

// talkOf is all that peers say, expect, and do.
func talkOf(t *traces.Trace) string {
	var all strings.Builder
	for _, s := range t.Sessions {
		for _, script := range [...]traces.Script{s.Client, s.Server} {
			for _, a := range script {
				switch a.Verb {
				case traces.Hold, traces.Go, traces.Drip, traces.Wait:
				default:
					fmt.Fprintf(&all, "%s,", traces.Script{a})
				}
			}
			all.WriteByte('\n')
		}
	}
	return all.String()
}

// fails runs a candidate. One that fails in the same way gets the decisions that were
// taken: without those that nobody asked for, and with their times.
func (s *shrinking) fails(c *traces.Trace) bool {
	if s.words != "" && talkOf(c) != s.words {
		return false
	}
	if s.want == noEnd && c.Settings[traces.Steps] > enough {
		short := *c
		short.Settings[traces.Steps] = enough
		if !s.run(&short) {
			return false
		}
	}
	if !s.run(c) {
		return false
	}
	c.Decisions = slices.Clone(s.w.Decisions())
	return true
}

// run says whether a trace fails in the same way.
func (s *shrinking) run(t *traces.Trace) bool {
	f := s.w.Replay(t, Options{})
	s.spent += s.w.sim.Steps()
	if s.w.program.Within != nil {
		s.spent += bubbled * (s.w.sim.Steps() + 10)
	}
	if f == nil || f.Identity() != s.want {
		return false
	}
	if slices.Contains(own, s.want) {
		if s.gist == "" {
			s.gist = gist(f.What)
		} else if gist(f.What) != s.gist {
			return false
		}
	}
	s.last = f
	return true
}

func (s *shrinking) tired() bool {
	most := uint64(shrinkSteps)
	if s.want == noEnd {
		most = endlessSteps
	}
	return s.spent > most || s.stop != nil && s.stop()
}

const shrunk = "shrunk from "

// history says how large the trace was, and how large it is; and how large each of those
// was that were shrunk before, and perhaps changed, to have this one.
func history(from, small *traces.Trace) string {
	sizes := ""
	for _, c := range from.Comments {
		if before, ok := strings.CutPrefix(c, shrunk); ok {
			sizes = strings.TrimSuffix(before, " lines")
		}
	}
	was, is := fmt.Sprint(Lines(from)), fmt.Sprint(Lines(small))
	switch {
	case sizes == "":
		sizes = was + " to " + is
	case !strings.HasSuffix(sizes, " "+was):
		sizes += " to " + was + " to " + is
	case was != is:
		sizes += " to " + is
	}
	return shrunk + sizes + " lines"
}

// others returns the comments that shrinking does not write itself.
func others(comments []string) (list []string) {
	for _, c := range comments {
		if !strings.HasPrefix(c, shrunk) && !strings.HasPrefix(c, without) && !strings.HasPrefix(c, replayed) {
			list = append(list, c)
		}
	}
	return list
}

func flip(t *traces.Trace, i int) string {
	d := t.Decisions[i]
	return fmt.Sprintf("%s %s %d", d.Actor, d.Op, d.Ord)
}
