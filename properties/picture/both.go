package picture

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"millrace/properties"
	"millrace/sim"
	"millrace/traces"
)

// In says in which of two runs an event is.
type In uint8

// The runs. A picture of one run has all its events in InBoth.
const (
	InBoth  In = iota
	InFirst    // the run that the picture is of
	InOther    // the one beside it
)

// Both draws the run of a failing trace beside the run that becomes of it without the last
// decision that it does not fail without. What both do at the same time is one event. title
// is what the reader calls the trace. An error says that there are no two such runs.
func Both(t *traces.Trace, title string) (*Picture, error) {
	w := properties.WorldOf(t)
	f := w.Replay(t, properties.Options{})
	if f == nil {
		return nil, fmt.Errorf("%s: passes, there is no failure to look beside", title)
	}
	flip := traces.LastFlip(t, func(c *traces.Trace) bool {
		other := w.Replay(c, properties.Options{})
		return other != nil && other.Identity() == f.Identity()
	})
	if flip < 0 {
		return nil, fmt.Errorf("%s: fails without any one of its decisions too: shrink it first", title)
	}
	c := t.Clone()
	c.Decisions, c.Fail = slices.Delete(c.Decisions, flip, flip+1), ""
	first, other := watched(t, title), watched(c, title)
	d := t.Decisions[flip]
	first.Without = fmt.Sprintf("%s %s %d", d.Actor, d.Op, d.Ord)
	first.Ends = "it passes"
	if other.Failed() {
		first.Ends = "it fails in another way: " + other.Rule + ": " + other.What
	}
	first.beside(&other.Picture)
	return &first.Picture, nil
}

// beside merges the events of another run into those of this one: by time, and of those at
// one time as many as can be are one.
func (g *gather) beside(other *Picture) {
	mine, theirs := g.Events, other.Events
	g.Events = make([]Event, 0, len(mine)+len(theirs))
	for len(mine) > 0 || len(theirs) > 0 {
		n := 0
		for n < len(mine) && n < len(theirs) && mine[n].is(theirs[n]) {
			n++
		}
		g.Events = append(g.Events, mine[:n]...)
		if mine, theirs = mine[n:], theirs[n:]; len(mine) == 0 && len(theirs) == 0 {
			return
		}
		at := sim.Time(math.MaxInt64)
		for _, l := range [...][]Event{mine, theirs} {
			if len(l) > 0 {
				at = min(at, l[0].At)
			}
		}
		a, b := until(mine, at), until(theirs, at)
		for _, e := range aligned(mine[:a], theirs[:b]) {
			if e.In == InOther && e.State >= 0 {
				e.State = g.state(other.State(e))
			}
			g.Events = append(g.Events, e)
		}
		mine, theirs = mine[a:], theirs[b:]
	}
}

// until is how many events there are at a time, of those that begin at none before.
func until(events []Event, at sim.Time) (n int) {
	for n < len(events) && events[n].At == at {
		n++
	}
	return n
}

// aligned merges two runs' events so that most are in both. Of very many it does not say
// which are.
func aligned(mine, theirs []Event) (all []Event) {
	i, j := 0, 0
	upTo := func(a, b int) {
		for ; i < a; i++ {
			mine[i].In = InFirst
			all = append(all, mine[i])
		}
		for ; j < b; j++ {
			theirs[j].In = InOther
			all = append(all, theirs[j])
		}
	}
	for _, p := range properties.Align(mine, theirs, Event.is) {
		upTo(p[0], p[1])
		all = append(all, mine[i])
		i, j = i+1, j+1
	}
	upTo(len(mine), len(theirs))
	return all
}

// is says that two events are the same, at the same time; what everything looked like then
// may differ.
func (e Event) is(o Event) bool {
	o.State = e.State
	return e == o
}

// parting is where the two runs of a picture part.
func (p *Picture) parting() int {
	at := slices.IndexFunc(p.Events, func(e Event) bool { return e.In != InBoth })
	if at < 0 {
		return len(p.Events)
	}
	return at
}

// sideBySide prints two runs in two columns, from a little in front of where they part.
func (p *Picture) sideBySide(out io.Writer) error {
	const common, column = 20, (columns - clock - 3) / 2
	var b strings.Builder
	at := p.parting()
	from := max(0, at-common)
	if from > 0 {
		fmt.Fprintf(&b, "%*s %d events are the same in both\n", clock-1, "", from)
	}
	for _, e := range p.Events[from:at] {
		fmt.Fprintf(&b, "%*s %s\n", clock-1, span(e.At), short(e.Text, columns-clock))
	}
	rule := strings.Repeat("-", column)
	fmt.Fprintf(&b, "%*s %s-+-%s\n%*s %-*s | %s\n", clock-1, "", rule, rule,
		clock-1, "", column, "as it is", short("without "+p.Without, column))
	for _, e := range p.Events[at:] {
		left, right := short(e.Text, column), short(e.Text, column)
		switch e.In {
		case InFirst:
			right = ""
		case InOther:
			left = ""
		}
		b.WriteString(strings.TrimRight(fmt.Sprintf("%*s %-*s | %s", clock-1, span(e.At), column, left, right), " ") + "\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}
