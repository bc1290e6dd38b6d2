package power

import (
	"fmt"
	"strings"
)

// markdown prints the report as tables.
func (rep *Report) markdown(c *config) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# What the hunt finds\n\nMeasured with %s.\n", rep.Settings)
	rep.summary(&b)
	rep.partly(&b, c)
	for _, list := range c.lists {
		if list != listMechanical {
			rep.listed(&b, c, list)
		}
	}
	rep.rules(&b)
	rep.breaches(&b)
	rep.surviving(&b)
	return b.String()
}

func (rep *Report) summary(b *strings.Builder) {
	b.WriteString("\n| mistakes | strategy | found | by it alone | campaigns | worlds | CPU | lines | rules |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range rep.Summary {
		fmt.Fprintf(b, "| %s | %s | %d of %d | %s | %d of %d | %s | %s | %s | %s |\n",
			r.Of, r.Strategy, r.Found, r.Mistakes, figure(float64(r.Alone)), r.Hits, r.Runs, figure(r.Worlds), seconds(r.CPU), figure(r.Lines), frequent(r.Rules))
	}
}

// frequent prints the rules that found the most mistakes, and how many others there are.
func frequent(list []Count) string {
	const most = 3
	var parts []string
	for _, c := range list[:min(most, len(list))] {
		parts = append(parts, fmt.Sprintf("%s %d", c.Rule, c.Mistakes))
	}
	if n := len(list) - most; n > 0 {
		parts = append(parts, fmt.Sprintf("%d others", n))
	}
	if parts == nil {
		return "-"
	}
	return strings.Join(parts, ", ")
}

// partly prints the listed mistakes that some strategy does not find, and after how many worlds
// the others do.
func (rep *Report) partly(b *strings.Builder, c *config) {
	head := fmt.Sprintf("\n## not found by all\n\n| mistake | %s |\n|---|%s\n", strings.Join(c.strategies, " | "), strings.Repeat("---|", len(c.strategies)))
	for _, r := range rep.Results {
		if r.List == listMechanical || r.List == listControl || len(r.Runs) == 0 || r.finders() == len(c.strategies) {
			continue
		}
		b.WriteString(head)
		head = ""
		fmt.Fprintf(b, "| %s |", cell(r.ID))
		for _, strategy := range c.strategies {
			f := r.figures(strategy)
			switch {
			case f.Hits == 0:
				b.WriteString(" - |")
			case f.Worlds == 0:
				fmt.Fprintf(b, " %d of %d |", f.Hits, f.Runs)
			default:
				fmt.Fprintf(b, " %s |", figure(f.Worlds))
			}
		}
		b.WriteString("\n")
	}
}

// listed prints each mistake of a list.
func (rep *Report) listed(b *strings.Builder, c *config, list string) {
	fmt.Fprintf(b, "\n## %s\n\n| mistake | strategy | found | worlds | CPU | lines | rule |\n|---|---|---|---|---|---|---|\n", list)
	for _, r := range rep.Results {
		for _, strategy := range c.strategies {
			f := r.figures(strategy)
			if r.List != list || f.Runs == 0 {
				continue
			}
			rule := f.Failure
			if rule == "" {
				rule = f.Else
			}
			fmt.Fprintf(b, "| %s | %s | %d of %d | %s | %s | %s | %s |\n", cell(r.Name), strategy, f.Hits, f.Runs,
				figure(f.Worlds), seconds(f.CPU), figure(f.Lines), cell(rule))
		}
	}
}

// rules prints the mutants by the rule that made them.
func (rep *Report) rules(b *strings.Builder) {
	if len(rep.Rules) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## mechanical\n\n%d more were drawn and do not compile.\n", rep.Uncompiled)
	if told, asked := rep.told(); asked > 0 {
		fmt.Fprintf(b, "The tests of the packages tell %d of %d.\n", told, asked)
	}
	b.WriteString("\n| rule | strategy | found | worlds | lines |\n|---|---|---|---|---|\n")
	for _, r := range rep.Rules {
		fmt.Fprintf(b, "| %s | %s | %d of %d | %s | %s |\n", r.Of, r.Strategy, r.Found, r.Mistakes, figure(r.Worlds), figure(r.Lines))
	}
}

// breaches prints which rules the mistakes broke that were found.
func (rep *Report) breaches(b *strings.Builder) {
	count := map[string]int{}
	for _, r := range rep.Results {
		for _, run := range r.Runs {
			if run.Found {
				count[run.Rule]++
				break
			}
		}
	}
	rules := counts(count)
	if len(rules) == 0 {
		return
	}
	b.WriteString("\n## what they broke\n\n| rule | mistakes of which it was the first that was broken |\n|---|---|\n")
	for _, c := range rules {
		fmt.Fprintf(b, "| %s | %d |\n", c.Rule, c.Mistakes)
	}
}

// told counts the mutants that the tests of packages tell, and those that they were asked about.
func (rep *Report) told() (told, asked int) {
	for _, r := range rep.Results {
		if r.Told != nil {
			asked++
			if *r.Told {
				told++
			}
		}
	}
	return told, asked
}

// surviving prints the mutants that survived, and what is known of them.
func (rep *Report) surviving(b *strings.Builder) {
	list := rep.survivors()
	if len(list) == 0 {
		return
	}
	classes := map[string]int{}
	for _, r := range list {
		classes[r.Class]++
	}
	fmt.Fprintf(b, "\n## %d survivors\n\n", len(list))
	for _, class := range []string{"equivalent", "unreachable", "oracle", "world", ""} {
		if n := classes[class]; n > 0 {
			name := class
			if name == "" {
				name = "not explained"
			}
			fmt.Fprintf(b, "%s: %d\n", name, n)
		}
	}
	rep.share(b, classes["equivalent"])
	for _, r := range list {
		fmt.Fprintf(b, "\n%s:%d %s: %s\n", r.File, r.Line, r.Func(), r.Rule)
		fmt.Fprintf(b, "\n\t- %s\n\t+ %s\n\n", r.Old, r.New)
		if r.Same != nil {
			b.WriteString(map[bool]string{true: "All worlds are those without it. ", false: "Worlds are others, and no rule objects. "}[*r.Same])
		}
		if r.Told != nil && *r.Told {
			b.WriteString("The tests of the packages tell it. ")
		}
		if r.Class == "" {
			b.WriteString("Nobody has said why.\n")
		} else {
			fmt.Fprintf(b, "%s: %s\n", r.Class, r.Why)
		}
	}
	for _, key := range rep.Unknown {
		fmt.Fprintf(b, "\nIt did not survive, or is no more, or was not drawn: %s\n", key)
	}
}

// share prints what part of the mutants is found with any strategy, of those that differ from the
// proxy in anything that a run can show.
func (rep *Report) share(b *strings.Builder, equivalent int) {
	all, found := 0, 0
	for _, r := range rep.Results {
		if r.List == listMechanical {
			all++
			if !r.survived() {
				found++
			}
		}
	}
	if told := all - equivalent; told > 0 {
		fmt.Fprintf(b, "\nBut for those that are equivalent %d of %d are found, %d%%.\n", found, told, 100*found/told)
	}
}

// Func is the function of a mutant, as its key has it.
func (s *Subject) Func() string {
	_, rest, _ := strings.Cut(s.Name, " ")
	name, _, _ := strings.Cut(rest, " ")
	return name
}

// figure prints a number that is 0 if there is none.
func figure(v float64) string {
	if v == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f", v)
}

// seconds prints a time that is 0 if it is not known.
func seconds(v float64) string {
	switch {
	case v == 0:
		return "-"
	case v < 0.005:
		return "<0.01s"
	}
	return fmt.Sprintf("%.2fs", v)
}

// cell keeps a text within a cell of a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }
