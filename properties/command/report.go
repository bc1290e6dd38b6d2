package command

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"millrace/properties"
)

// report prints what the hunt did and what it found. With -first that is all that was
// asked for: what the hunt did is of interest only if it found nothing.
func (c *campaign) report(w io.Writer) {
	if !c.First || len(c.found) == 0 {
		c.statistics(w)
	}
	failures(w, c.found)
	if c.First && len(c.found) > 0 {
		fmt.Fprintf(w, "\nfound after       %d worlds, %.3fs of processor time\n", c.totals.Worlds+c.deaths, float64(c.totals.Spent)/1e9)
	}
}

// failures lists what was found.
func failures(w io.Writer, list []*finding) {
	groups := causes(list)
	fmt.Fprintf(w, "failures          %d different", len(list))
	if len(groups) < len(list) {
		fmt.Fprintf(w, ", of perhaps %d causes", len(groups))
	}
	fmt.Fprintln(w)
	for _, g := range groups {
		for i, f := range g {
			command := properties.CommandOf(f.trace, f.path)
			if f.picture != "" {
				command += "\n    picture " + f.picture
			}
			if i == 0 {
				fmt.Fprintf(w, "\n%s: %s\n%s    %s\n", f.often(), f.trace.Fail, indent(properties.Brief(f.trace).String()), command)
				continue
			}
			if i == 1 {
				fmt.Fprintf(w, "  and with %s in common:\n", properties.Cause(f.trace))
			}
			fmt.Fprintf(w, "    %s: %s\n    %s\n", f.often(), f.trace.Fail, command)
		}
	}
}

// often says how often something was found.
func (f *finding) often() string {
	if f.times == 0 {
		return "in a range that is not finished" + f.where
	}
	return fmt.Sprintf("%d times%s", f.times, f.where)
}

// causes returns findings in groups that have a cause in common, as far as that can be
// told, each with the smallest first, and the group with the smallest first. It sorts them.
func causes(list []*finding) (groups [][]*finding) {
	slices.SortFunc(list, func(a, b *finding) int {
		return cmp.Or(cmp.Compare(properties.Size(a.trace), properties.Size(b.trace)), cmp.Compare(a.id, b.id))
	})
	place := map[string]int{}
	for _, f := range list {
		cause := properties.Cause(f.trace)
		at, known := place[cause]
		if !known {
			at = len(groups)
			place[cause] = at
			groups = append(groups, nil)
		}
		groups[at] = append(groups[at], f)
	}
	return groups
}

func (c *campaign) statistics(w io.Writer) {
	if c.Interrupted {
		fmt.Fprintf(w, "interrupted       after %s\n", c.Took.Round(time.Second))
	}
	t := &c.totals
	seeds := t.Worlds
	if claim := &t.Claim; c.claims() {
		seeds = claim.Scenarios + claim.Large + claim.Small.Scenarios + claim.Small.Large + claim.Small.GivenUp + t.Guided
	}
	if c.parts != nil {
		fmt.Fprintf(w, "seeds             %s\n", c.shares())
	} else {
		fmt.Fprintf(w, "seeds             %s\n", c.Tried(seeds+c.deaths))
	}
	if t.Guided > 0 {
		fmt.Fprintf(w, "new               %d things were seen that no world of a corpus shows; %d worlds show them all\n", c.corpus.Seen(), c.corpus.Worlds())
	}
	story{c.program.Account(&c.totals), c.deaths, c.Took, false, c.claims()}.tell(w)
}

// story is what worlds did, and the time that it took.
type story struct {
	*properties.Account
	deaths uint64
	took   time.Duration
	cpu    bool // of processors, and not of everybody
	claims bool // they say what they tried
}

// enough is how many worlds reach everything that can be reached.
const enough = 50_000

// missed lists what was not reached in as many worlds as should do, and was promised.
func (s story) missed() []string {
	if s.Worlds < enough || s.claims {
		return nil
	}
	return s.Missed()
}

// untried says why a hunt that is to try all of something has tried nothing, which is no reason
// to believe that there is nothing to find; "" if it has tried something.
func (s story) untried() string {
	switch opaque := s.Claim.Small.Opaque; {
	case !s.claims || s.Worlds > 0 || s.deaths > 0:
		return ""
	case opaque != "":
		return "nobody can look into " + opaque + ", so no state is known to be the same as another one; -strategy seeds, nth, pairs and guided need no states"
	}
	return "no scenario is as small as that takes"
}

func (s story) tell(w io.Writer) {
	second, real := "s", "real time"
	if s.cpu {
		second, real = "s of CPU", "CPU time"
	}
	rate := func(n uint64) string {
		return fmt.Sprintf("%d (%.0f/%s)", n, float64(n)/s.took.Seconds(), second)
	}
	fmt.Fprintf(w, "worlds            %s\n", rate(s.Worlds))
	if claim := s.Claim.String(); claim != "" {
		fmt.Fprintf(w, "tried             %s\n", claim)
	}
	fmt.Fprintf(w, "run twice         %d\n", s.Again)
	fmt.Fprintf(w, "spared            %s\n", s.Judged())
	fmt.Fprintf(w, "compared          %d sessions to which only harmless things happened, with those of a world in which nothing does\n", s.Compared)
	fmt.Fprintf(w, "hash of all       %016x\n", s.Hash)
	fmt.Fprintf(w, "steps             %s\n", rate(s.Steps))
	fmt.Fprintf(w, "descriptor calls  %s\n", rate(s.Calls))
	fmt.Fprintf(w, "sessions          %s\n", rate(s.Sessions))
	virtual := time.Duration(s.Virtual / 1e6)
	fmt.Fprintf(w, "virtual time      %s, %.0f times %s\n", (virtual * 1e6).Round(time.Second), float64(s.Virtual)/float64(s.took), real)
	if s.deaths > 0 {
		fmt.Fprintf(w, "lost              %d worlds from which no process came back\n", s.deaths)
	}
	table(w, "faults", s.Faults)
	table(w, "schedule, shape", s.Shape)
	if s.claims {
		return // it says what it tried, and looks nowhere else
	}
	if never := s.Never(); len(never) > 0 {
		verdict := ""
		if missed := s.missed(); len(missed) > 0 {
			verdict = "\n                  in so many worlds that is a failure: " + strings.Join(missed, ", ")
		}
		fmt.Fprintf(w, "never reached     %s%s\n", strings.Join(never, "\n                  "), verdict)
	} else {
		fmt.Fprintln(w, "never reached     nothing: every situation and every fault occurred")
	}
}

// table prints counters, three to a line.
func table(w io.Writer, head string, counts []properties.Count) {
	for n, c := range counts {
		fired := fmt.Sprint(c.N)
		if c.N == 0 && !c.Met {
			fired = "-" // it cannot happen to the program, or nobody asked for it
		}
		if n%3 == 0 {
			if n > 0 {
				fmt.Fprintln(w)
			}
			fmt.Fprintf(w, "%-18s", head)
			head = ""
		}
		fmt.Fprintf(w, "%-12s %-10s ", c.Name, fired)
	}
	fmt.Fprintln(w)
}

func indent(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n    ") + "\n"
}
