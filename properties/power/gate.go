package power

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// A gate is a text of lines: the settings that figures must have been measured with, what share
// of each list has to be found, and each mistake that has to be.
//
//	settings lists=core seeds=50000 runs=5 ...
//	share core seeds 139 of 140
//	found seeds core: writing is not wanted after a short write

// gateText is what the gate of a report looks like.
func gateText(rep *Report, c *config) string {
	var b strings.Builder
	fmt.Fprintf(&b, "settings %s\n", rep.Settings)
	for _, r := range rep.Summary {
		if r.Of != listControl {
			fmt.Fprintf(&b, "share %s %s %d of %d\n", r.Of, r.Strategy, r.Found, r.Mistakes)
		}
	}
	for _, strategy := range c.strategies {
		for _, r := range rep.Results {
			if r.figures(strategy).Hits > 0 {
				fmt.Fprintf(&b, "found %s %s\n", strategy, r.ID)
			}
		}
	}
	return b.String()
}

// pass says whether a report passes the gate, and tells what does not. With nothing to pass it
// does.
func (c *config) pass(rep *Report, stderr io.Writer) (bool, error) {
	if c.gate == "" {
		return true, nil
	}
	if c.writeGate {
		return true, write(c.gate, []byte(gateText(rep, c)))
	}
	text, err := os.ReadFile(c.gate)
	if err != nil {
		return false, err
	}
	lost, gone, err := compare(string(text), rep)
	if err != nil {
		return false, fmt.Errorf("%s: %w", c.gate, err)
	}
	for _, l := range lost {
		fmt.Fprintln(stderr, "power: lost:", l)
	}
	if gone > 0 {
		fmt.Fprintf(stderr, "power: %d mistakes of the gate are no more, or are not drawn any more: the code has changed, write it again\n", gone)
	}
	return len(lost) == 0, nil
}

// compare returns what a gate has and a report has not, and how many mistakes of the gate are
// not among those that were measured: a mutant goes with the code that it is of.
func compare(gate string, rep *Report) (lost []string, gone int, err error) {
	measured := map[string]*Result{}
	for _, r := range rep.Results {
		measured[r.ID] = r
	}
	for line := range strings.Lines(gate) {
		line = strings.TrimSpace(line)
		kind, rest, _ := strings.Cut(line, " ")
		switch kind {
		case "settings":
			if rest != rep.Settings {
				return nil, 0, fmt.Errorf("it is of %s, and this was measured with %s", rest, rep.Settings)
			}
		case "share":
			var list, strategy string
			var found, of int
			if _, err := fmt.Sscanf(rest, "%s %s %d of %d", &list, &strategy, &found, &of); err != nil {
				return nil, 0, fmt.Errorf("%q: %w", line, err)
			}
			if fallen := share(rep, list, strategy, found, of); fallen != "" {
				lost = append(lost, fallen)
			}
		case "found":
			strategy, id, _ := strings.Cut(rest, " ")
			if r := measured[id]; r == nil {
				gone++
			} else if r.figures(strategy).Hits == 0 {
				lost = append(lost, id+", with "+strategy)
			}
		default:
			return nil, 0, fmt.Errorf("%q: expected settings, share or found", line)
		}
	}
	return lost, gone, nil
}

// share says how the share found is smaller than it was, if it is.
func share(rep *Report, list, strategy string, found, of int) string {
	for _, r := range rep.Summary {
		if r.Of == list && r.Strategy == strategy {
			if r.Found*of < found*r.Mistakes {
				return fmt.Sprintf("%d of %d %s mistakes are found with %s, where it were %d of %d", r.Found, r.Mistakes, list, strategy, found, of)
			}
			return ""
		}
	}
	return fmt.Sprintf("no %s mistake was hunted for with %s", list, strategy)
}
