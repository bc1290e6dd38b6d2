package kerneltest

import (
	"slices"
	"strconv"
	"strings"

	"millrace/core"
)

// freedoms are the ways in which Widen lets kernels differ, and what a kernel may
// do with each.
var freedoms = [...]struct {
	what string
	ways []string
}{
	freeSend:  {"send into what was full", []string{"all", "a part", "EAGAIN"}},
	freeOut:   {"OUT where a window may open", []string{"there", "not there"}},
	freeEdge:  {"an edge where a window may open", []string{"due", "not due"}},
	freeShot:  {"a one shot where a window may open", []string{"due", "not due"}},
	freePlace: {"the place in a report", []string{"as simulated", "another"}},
}

const (
	freeSend = iota
	freeOut
	freeEdge
	freeShot
	freePlace
	numFreedoms
	maxWays = 3
)

// Tally counts what the kernel that is right did where it was free.
type Tally [numFreedoms][maxWays]int

// Add counts what was seen in one trial, which has to be one without a difference.
func (t *Tally) Add(r *Result) {
	sets := r.Under.Widen()
	for i, l := range sets.lines {
		if l.step != nil && l.step.Answer != r.Under.lines[i].step.Answer {
			t.count(*l.step, r.Under.lines[i].step.Answer, r.Right.lines[i].step.Answer)
		}
	}
}

// count is one answer, got, to a step whose answers are a set, and under that of
// the kernel on trial.
func (t *Tally) count(s Step, under, got string) {
	switch s.Verb {
	case Send, Writev, SpliceOut:
		way := 1
		if got == core.EAGAIN.String() {
			way = 2
		} else if got == strconv.Itoa(s.Count) {
			way = 0
		}
		t[freeSend][way]++
		return
	case Poll:
		t[freeOut][b2i(!hasOut(got))]++
		return
	}
	lines := reportLines(got)
	for _, want := range reportLines(s.Answer) {
		want, free := strings.CutPrefix(want, anywhere)
		name, events := splitLine(want)
		is := ""
		if at := lineOf(lines, name); at >= 0 {
			_, is = splitLine(lines[at])
		}
		switch {
		case !free:
		case s.Verb == Edge && events == anything:
			t[freeEdge][b2i(is == "")]++
		case s.Verb == Oneshot && events == anything:
			t[freeShot][b2i(is == "")]++
		case strings.Contains(events, perhaps):
			t[freeOut][b2i(!hasOut(is))]++
		}
	}
	t[freePlace][b2i(!slices.Equal(names(under), names(got)))]++
}

func hasOut(events string) bool {
	return slices.Contains(strings.Split(events, "|"), core.EvOut.String())
}

// names are whose lines a report has, in its order.
func names(report string) (all []string) {
	for _, l := range reportLines(report) {
		name, _ := splitLine(l)
		all = append(all, name)
	}
	return all
}

// Unseen lists the answers that a recorded script allows by name and that the kernel
// that is right did not give.
func (s *Script) Unseen(right *Script) (lines []string) {
	for i, l := range s.lines {
		if l.step == nil {
			continue
		}
		step := *l.step
		step.Answer = ""
		for _, set := range strings.Split(l.step.Answer, orElse) {
			if !allows(set, right.lines[i].step.Answer) {
				lines = append(lines, s.Name+": "+step.String()+" = "+set)
			}
		}
	}
	return lines
}

// Seen prints what was seen how often, a line for each freedom.
func (t *Tally) Seen() (lines []string) {
	for what, f := range freedoms {
		var ways []string
		for way, name := range f.ways {
			ways = append(ways, name+" "+strconv.Itoa(t[what][way]))
		}
		lines = append(lines, f.what+": "+strings.Join(ways, ", "))
	}
	return lines
}

// Never lists what is allowed and was never seen.
func (t *Tally) Never() (lines []string) {
	for what, f := range freedoms {
		for way, name := range f.ways {
			if t[what][way] == 0 {
				lines = append(lines, f.what+": "+name)
			}
		}
	}
	return lines
}
