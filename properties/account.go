package properties

import (
	"fmt"

	"millrace/sim"
)

// Account is what worlds did, with a name for whatever was counted: it can be written down
// and read by a build that has other counters.
type Account struct {
	Totals
	// Faults are accidents, Shape the rest of what is drawn of a run, and Situations what the
	// program's campaigns are for.
	Faults, Shape, Situations []Count
}

// Count is how often something happened.
type Count struct {
	Name string
	N    uint64
	Met  bool // it may happen: if N is 0, something is not looked at
	Due  bool // and somebody said so, who is held to it
}

// Account gives the counters of totals their names.
func (p *Program) Account(t *Totals) *Account {
	a := &Account{Totals: *t}
	for op := range sim.NumOps {
		met := p.Met(op) && (op != sim.OpAccept || !p.Dials || p.Meets != nil) // who dials may call himself
		c := Count{op.String(), t.Fired[op], met, met && p.Meets != nil}
		if op.Fault() {
			a.Faults = append(a.Faults, c)
		} else {
			a.Shape = append(a.Shape, c)
		}
	}
	for i, name := range p.Situations {
		a.Situations = append(a.Situations, Count{name, t.Reach[i], true, true})
	}
	return a
}

// Add adds what other worlds of the same build and program did. It is an error, and nothing
// is added, if they counted something else.
func (a *Account) Add(o *Account) error {
	mine, others := a.lists(), o.lists()
	for i := range mine {
		if len(*mine[i]) != len(*others[i]) {
			return fmt.Errorf("%d counters cannot be added to %d", len(*others[i]), len(*mine[i]))
		}
		for j, c := range *others[i] {
			if here := (*mine[i])[j]; here.Name != c.Name {
				return fmt.Errorf("a counter of %q cannot be added to one of %q", c.Name, here.Name)
			}
		}
	}
	a.Totals.Add(&o.Totals)
	for i := range mine {
		for j, c := range *others[i] {
			(*mine[i])[j].N += c.N
		}
	}
	return nil
}

func (a *Account) lists() [3]*[]Count { return [...]*[]Count{&a.Faults, &a.Shape, &a.Situations} }

// Never lists the situations that were not reached, and what may happen and did not.
func (a *Account) Never() []string { return a.without(func(c Count) bool { return c.Met }) }

// Missed are those of Never that the program's author has promised: its situations, and of
// accidents those that its Meets names. That a program has but one connection at a time, so that
// reports never have an order, is nobody's fault.
func (a *Account) Missed() []string { return a.without(func(c Count) bool { return c.Due }) }

// without lists what may be, of those that count, and never was.
func (a *Account) without(counts func(Count) bool) (never []string) {
	for _, l := range [...]struct {
		prefix string
		counts []Count
	}{{"", a.Situations}, {"fault ", a.Shape}, {"fault ", a.Faults}} {
		for _, c := range l.counts {
			if c.N == 0 && counts(c) {
				never = append(never, l.prefix+c.Name)
			}
		}
	}
	return never
}
