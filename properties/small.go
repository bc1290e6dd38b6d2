package properties

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"millrace/traces"
)

// Small is what was tried of small worlds: all orders and all accidents.
type Small struct {
	Sessions  int    // in each
	Accidents int    // at most, in each
	Scenarios uint64 // all of it was tried
	States    uint64
	Failures  uint64 // worlds that failed
	Large     uint64 // scenarios that were not begun, or in which is what nobody can look into
	GivenUp   uint64 // scenarios that were given up: at a bound, or since one failure was enough
	Unended   uint64 // states of these
	Opaque    string // what nobody can look into, of those scenarios that have such a thing
}

func (s *Small) add(o *Small) {
	s.Sessions, s.Accidents = max(s.Sessions, o.Sessions), max(s.Accidents, o.Accidents)
	s.Scenarios += o.Scenarios
	s.States += o.States
	s.Failures += o.Failures
	s.Large += o.Large
	s.GivenUp += o.GivenUp
	s.Unended += o.Unended
	s.Opaque = cmp.Or(s.Opaque, o.Opaque)
}

// String says it in a sentence, "" if nothing is claimed.
func (s *Small) String() string {
	if s.Scenarios+s.Large+s.GivenUp == 0 {
		return ""
	}
	count := func(n uint64, what string) string {
		if n != 1 {
			what += "s"
		}
		return fmt.Sprintf("%d %s", n, what)
	}
	var but []string
	if s.Large > 0 {
		but = append(but, count(s.Large, "scenario")+" left out")
	}
	if s.GivenUp > 0 {
		but = append(but, fmt.Sprintf("%s given up behind %s", count(s.GivenUp, "scenario"), count(s.Unended, "state")))
	}
	complete := "complete"
	if len(but) > 0 {
		complete += " but for " + strings.Join(but, " and ")
	}
	text := fmt.Sprintf("%s, %s, all orders of %s: %s, %s, %s", count(uint64(s.Sessions), "session"), count(uint64(s.Accidents), "accident"),
		count(s.Scenarios, "scenario"), count(s.States, "state"), complete, count(s.Failures, "failure"))
	if s.Opaque != "" {
		text += "; nobody can look into " + s.Opaque
	}
	return text
}

// Bounds say how much is tried of small worlds.
type Bounds struct {
	Sessions  int           // of a scenario, the first ones; at least 1
	Accidents int           // in a run, at most; up to 6
	States    int           // a scenario with more is given up; up to MostStates
	Time      time.Duration // so is one that takes longer than that, of real time; 0 = none does
}

// DefaultBounds are those of a scenario that takes some seconds.
var DefaultBounds = Bounds{Sessions: 1, Accidents: 1, States: 50_000}

// MostStates is what the memory of a process is enough for that has a gibibyte: see states.
const MostStates = 30_000_000

// Wrong says what is wrong with bounds, "" if nothing is.
func (b *Bounds) Wrong() string {
	switch {
	case b.Sessions < 1:
		return fmt.Sprintf("%d sessions: expected 1 or more", b.Sessions)
	case b.Accidents < 0 || b.Accidents > maxLeft:
		return fmt.Sprintf("%d accidents: expected up to %d", b.Accidents, maxLeft)
	case b.States < 1 || b.States > MostStates:
		return fmt.Sprintf("%d states: expected 1 to %d, which take 0.8 GB", b.States, MostStates)
	case b.Time < 0:
		return fmt.Sprintf("%s for a scenario: expected 0, which is as long as it takes, or more", b.Time)
	}
	return ""
}

// over says that a scenario is given up: so many states were found since.
func (b *Bounds) over(states int, since time.Time) bool {
	return states >= b.States || b.Time > 0 && states%1024 == 0 && time.Since(since) > b.Time
}

// fewBytes is what a peer sends, and waits for, at most at a time in a small world.
const fewBytes = 3

// reduce leaves the first sessions of a scenario, which say little.
func reduce(t *traces.Trace, sessions int) {
	t.Sessions = t.Sessions[:min(sessions, len(t.Sessions))]
	for i := range t.Sessions {
		for _, script := range [...]traces.Script{t.Sessions[i].Client, t.Sessions[i].Server} {
			for j := range script {
				if v := script[j].Verb; v == traces.Send || v == traces.Recv {
					script[j].N = min(script[j].N, fewBytes)
				}
			}
		}
	}
}
