package properties

import (
	"cmp"
	"fmt"

	"millrace/traces"
)

// Small is what was tried of small worlds: all orders and all accidents.
type Small struct {
	Sessions  int    // in each
	Accidents int    // at most, in each
	Scenarios uint64 // all of it was tried
	States    uint64
	Failures  uint64 // worlds that failed
	Large     uint64 // scenarios that were given up, or not begun
	Opaque    string // what nobody can look into, of those scenarios that have such a thing
}

func (s *Small) add(o *Small) {
	s.Sessions, s.Accidents = max(s.Sessions, o.Sessions), max(s.Accidents, o.Accidents)
	s.Scenarios += o.Scenarios
	s.States += o.States
	s.Failures += o.Failures
	s.Large += o.Large
	s.Opaque = cmp.Or(s.Opaque, o.Opaque)
}

// String says it in a sentence, "" if nothing is claimed.
func (s *Small) String() string {
	if s.Scenarios+s.Large == 0 {
		return ""
	}
	count := func(n uint64, what string) string {
		if n != 1 {
			what += "s"
		}
		return fmt.Sprintf("%d %s", n, what)
	}
	complete := "complete"
	if s.Large > 0 {
		complete = fmt.Sprintf("complete but for %s left out, or given up", count(s.Large, "scenario"))
	}
	text := fmt.Sprintf("%s, %s, all orders of %s: %s, %s, %s", count(uint64(s.Sessions), "session"), count(uint64(s.Accidents), "accident"),
		count(s.Scenarios, "scenario"), count(s.States, "state"), complete, count(s.Failures, "failure"))
	if s.Opaque != "" {
		text += "; nobody can look into " + s.Opaque
	}
	return text
}

// fewBytes is what a peer sends, and waits for, at most at a time in a small world.
const fewBytes = 3

// reduce leaves the first session of a scenario, which says little.
func reduce(t *traces.Trace) {
	t.Sessions = t.Sessions[:min(1, len(t.Sessions))]
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
