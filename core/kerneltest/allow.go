package kerneltest

import (
	"slices"
	"strconv"
	"strings"
)

// allows says whether an answer is in a set of answers, in the notation that the
// package comment has.
func allows(set, answer string) bool {
	for _, one := range strings.Split(set, orElse) {
		if one == answer || inRange(one, answer) || reports(one, answer) {
			return true
		}
	}
	return false
}

// orElse stands between the answers of a set, span between the ends of a range.
const (
	orElse = " or "
	span   = ".."
)

func inRange(set, answer string) bool {
	from, to, ok := strings.Cut(set, span)
	low, errLow := strconv.Atoi(from)
	high, errHigh := strconv.Atoi(to)
	n, err := strconv.Atoi(answer)
	return ok && errLow == nil && errHigh == nil && err == nil && low <= n && n <= high
}

// Marks in a report: a line that may stand anywhere, an event that may be
// missing, and a line of which nothing is known.
const (
	anywhere = "~"
	perhaps  = "?"
	anything = "*"
)

// reports says whether a report, which may be the answer of a poll, is in a set.
func reports(set, answer string) bool {
	if !strings.ContainsAny(set, anywhere+perhaps) {
		return false
	}
	lines := reportLines(answer)
	var fixed []string
	for _, want := range reportLines(set) {
		want, free := strings.CutPrefix(want, anywhere)
		if !free {
			fixed = append(fixed, want)
			continue
		}
		name, events := splitLine(want)
		got := ""
		if at := lineOf(lines, name); at >= 0 {
			_, got = splitLine(lines[at])
			lines = slices.Delete(lines, at, at+1)
		}
		if !eventsIn(events, got) {
			return false
		}
	}
	for _, want := range fixed {
		name, events := splitLine(want)
		got := ""
		if lineOf(lines, name) == 0 {
			_, got = splitLine(lines[0])
			lines = lines[1:]
		}
		if !eventsIn(events, got) {
			return false
		}
	}
	return len(lines) == 0
}

// reportLines splits a report; "-" has no lines.
func reportLines(s string) []string {
	if s == noEvents {
		return nil
	}
	return strings.Fields(s)
}

// noEvents is how an empty set of events prints, and an empty report.
const noEvents = "-"

// splitLine splits us:IN|OUT. The answer of a poll has no name.
func splitLine(l string) (name, events string) {
	if before, after, ok := strings.Cut(l, ":"); ok {
		return before, after
	}
	return "", l
}

// lineOf returns where a name's line is; -1 if there is none.
func lineOf(lines []string, name string) int {
	return slices.IndexFunc(lines, func(l string) bool { is, _ := splitLine(l); return is == name })
}

// eventsIn says whether events are those of a set such as IN|OUT?; got is empty if
// there are none.
func eventsIn(set, got string) bool {
	if set == anything {
		return true
	}
	have := strings.Split(got, "|")
	if got == "" {
		have = nil
	}
	for _, want := range strings.Split(set, "|") {
		name, optional := strings.CutSuffix(want, perhaps)
		if at := slices.Index(have, name); at >= 0 {
			have = slices.Delete(have, at, at+1)
		} else if !optional {
			return false
		}
	}
	return len(have) == 0
}
