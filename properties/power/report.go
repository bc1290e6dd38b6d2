package power

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Report is all that was measured.
type Report struct {
	Settings   string // that figures must have in common to be compared
	Uncompiled int    // mutants that were drawn and left out
	Summary    []Row
	Rules      []Row     // the mutants by the rule that made them
	Results    []*Result // each mistake
	Unknown    []string  // keys of which the file of survivors says something, and that did not survive, or are no more
}

// Row is what there is to say of some mistakes together.
type Row struct {
	Of       string // a list, or the rule of mutants
	Strategy string
	Mistakes int
	Found    int     // at least once
	Alone    int     `json:",omitempty"` // by no other strategy that was measured
	Runs     int     // campaigns
	Hits     int     // those that found something
	Worlds   float64 // to the first failure: the median of the medians of what was found
	CPU      float64 // likewise, in seconds
	Lines    float64 // of the shrunk trace, likewise
	Rules    []Count `json:",omitempty"` // that were the first to be broken, the most frequent one first
	Told     int     `json:",omitempty"` // by the tests of the packages
}

// Count is how many mistakes were found by a rule.
type Count struct {
	Rule     string
	Mistakes int
}

// counts sorts numbers of mistakes by rule.
func counts(of map[string]int) (list []Count) {
	for rule, n := range of {
		list = append(list, Count{rule, n})
	}
	slices.SortFunc(list, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Mistakes, a.Mistakes), strings.Compare(a.Rule, b.Rule))
	})
	return list
}

// Figures are those of a mistake and one strategy.
type Figures struct {
	Runs, Hits          int
	Worlds, CPU, Lines  float64 // medians; 0 = in less than half of the campaigns, or not known
	Rule, Failure, Else string  // of the first that was found; why there is none
}

// figures adds up the campaigns of a strategy.
func (r *Result) figures(strategy string) (f Figures) {
	var worlds, cpu, lines []float64
	for _, run := range r.Runs {
		if run.Strategy != strategy {
			continue
		}
		f.Runs++
		switch {
		case run.Found:
			f.Hits++
			worlds, cpu, lines = known(worlds, float64(run.Worlds)), known(cpu, run.CPU), known(lines, float64(run.Lines))
			if f.Rule == "" {
				f.Rule, f.Failure = run.Rule, run.Failure
			}
		case run.Late:
			f.Else = "took too long"
		case run.Broken != "":
			f.Else = "soak broke down: " + run.Broken
		}
	}
	f.Worlds, f.CPU, f.Lines = median(worlds, f.Runs), median(cpu, f.Runs), median(lines, f.Runs)
	return f
}

// known adds a figure, which is 0 if nobody knows it.
func known(values []float64, v float64) []float64 {
	if v == 0 {
		return values
	}
	return append(values, v)
}

// median is the one of n values, of which those that are not there are larger than the
// others; 0 if the median is one of them.
func median(values []float64, n int) float64 {
	slices.Sort(values)
	switch at := n / 2; {
	case n == 0 || at >= len(values):
		return 0
	case n%2 == 1:
		return values[at]
	default:
		return (values[at-1] + values[at]) / 2
	}
}

// finders is how many strategies found it.
func (r *Result) finders() (n int) {
	found := map[string]bool{}
	for _, run := range r.Runs {
		if run.Found {
			found[run.Strategy] = true
		}
	}
	return len(found)
}

// survived says that no campaign found it.
func (r *Result) survived() bool { return r.finders() == 0 }

// compare finds out whether a survivor's worlds are those without it, which the control had: then
// nothing can be seen in them, and no rule would help.
func (r *Result) compare(results []*Result) {
	if !r.survived() || r.List == listControl {
		return
	}
	for _, c := range results {
		for _, run := range r.Runs {
			if c.List != listControl || run.Hash == "" {
				continue
			}
			if without := c.run(run); without != nil && without.Hash != "" {
				same := without.Hash == run.Hash && (r.Same == nil || *r.Same)
				r.Same = &same
			}
		}
	}
}

// line is what there is to say when it is measured.
func (r *Result) line() string {
	verdict := "survives"
	for _, run := range r.Runs {
		if run.Found {
			verdict = fmt.Sprintf("%s, %d worlds, %d lines", run.Rule, run.Worlds, run.Lines)
			break
		}
	}
	return r.ID + ": " + verdict
}

// report puts the results together with what is known of survivors.
func (c *config) report(results []*Result, uncompiled int) (*Report, error) {
	rep := &Report{Settings: c.settings(), Uncompiled: uncompiled, Results: results}
	explained, err := readSurvivors(c.survivors)
	for _, r := range results {
		r.compare(results)
		if why, ok := explained[r.Name]; ok && r.List == listMechanical && r.survived() {
			r.Class, r.Why = why.class, why.why
			delete(explained, r.Name)
		}
	}
	for key := range explained {
		if c.only == "" && !c.survived && c.sample == 0 {
			rep.Unknown = append(rep.Unknown, key)
		}
	}
	slices.Sort(rep.Unknown)
	for _, list := range append([]string{listControl}, c.lists...) {
		rep.Summary = append(rep.Summary, c.rows(results, list, func(r *Result) bool { return r.List == list })...)
	}
	var rules []string
	for _, r := range results {
		if r.Rule != "" && !slices.Contains(rules, r.Rule) {
			rules = append(rules, r.Rule)
		}
	}
	slices.Sort(rules)
	for _, rule := range rules {
		rep.Rules = append(rep.Rules, c.rows(results, rule, func(r *Result) bool { return r.Rule == rule })...)
	}
	return rep, err
}

// rows adds up some results, by strategy.
func (c *config) rows(results []*Result, of string, in func(*Result) bool) (rows []Row) {
	for _, strategy := range c.strategies {
		row := Row{Of: of, Strategy: strategy}
		var worlds, cpu, lines []float64
		rules := map[string]int{}
		for _, r := range results {
			if !in(r) {
				continue
			}
			f := r.figures(strategy)
			row.Mistakes++
			row.Runs += f.Runs
			row.Hits += f.Hits
			if f.Hits > 0 {
				row.Found++
				if len(c.strategies) > 1 && r.finders() == 1 {
					row.Alone++
				}
				rules[f.Rule]++
			}
			worlds, cpu, lines = known(worlds, f.Worlds), known(cpu, f.CPU), known(lines, f.Lines)
			if r.Told != nil && *r.Told {
				row.Told++
			}
		}
		row.Rules = counts(rules)
		row.Worlds, row.CPU, row.Lines = median(worlds, len(worlds)), median(cpu, len(cpu)), median(lines, len(lines))
		if row.Mistakes > 0 {
			rows = append(rows, row)
		}
	}
	return rows
}

// write prints the table, and writes it as JSON if that is asked for.
func (rep *Report) write(c *config, out io.Writer) error {
	_, err := io.WriteString(out, rep.markdown(c))
	if c.json != "" {
		err = errors.Join(err, writeJSON(c.json, rep))
	}
	return err
}

// survivors returns the mutants that survived, by place.
func (rep *Report) survivors() (list []*Result) {
	for _, r := range rep.Results {
		if r.List == listMechanical && r.survived() {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b *Result) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.Name, b.Name))
	})
	return list
}
