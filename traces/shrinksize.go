package traces

import (
	"slices"

	"millrace/sim"
)

// sizes makes everything smaller that is left: settings, scripts, values.
func (s *shrinker) sizes() {
	s.settings()
	s.together()
	for i := range s.best.Sessions {
		s.shorten(s.best.Sessions[i].At, func(t *Trace, v int64) { t.Sessions[i].At = v })
		s.link(func(t *Trace) *Link { return &t.Sessions[i].Front })
		s.link(func(t *Trace) *Link { return &t.Sessions[i].Back })
		s.script(func(t *Trace) *Script { return &t.Sessions[i].Client })
		s.script(func(t *Trace) *Script { return &t.Sessions[i].Server })
	}
	for i := 0; i < len(s.best.Decisions); i++ {
		d := s.best.Decisions[i]
		// A value with a name is not a size: "refused" is not a small "late".
		if d.Op.ValueName(d.Val) == "" {
			s.lower(int64(d.Val), 1, func(t *Trace, v int64) { setValue(t, d, int(v)) })
		}
	}
}

// setValue gives a decision another value. Its place may have moved: which decisions
// are taken at all can depend on the value.
func setValue(t *Trace, of sim.Decision, v int) {
	for i := range t.Decisions {
		if d := &t.Decisions[i]; d.Actor == of.Actor && d.Op == of.Op && (d.Ord == of.Ord || unplaced(*d) && d.At == of.At) {
			d.Val = v
		}
	}
}

// settings puts back to the default what need not be special.
func (s *shrinker) settings() {
	def := s.best.program().Default()
	if s.best.Settings == def || s.try(func(t *Trace) { t.Settings = def }) {
		return
	}
	for p := range def {
		if s.best.Settings[p] != def[p] {
			s.try(func(t *Trace) { t.Settings[p] = def[p] })
		}
	}
}

// link makes a connection like all others, if it need not be special.
func (s *shrinker) link(of func(*Trace) *Link) {
	if *of(s.best) == (Link{}) || s.try(func(t *Trace) { *of(t) = Link{} }) {
		return
	}
	for i, v := range *of(s.best) {
		if v != 0 {
			s.try(func(t *Trace) { of(t)[i] = 0 })
		}
	}
}

// together halves all numbers of bytes at once: what one peer sends another may
// wait for, so that neither can be made smaller alone.
func (s *shrinker) together() {
	for {
		smaller := false
		edit := func(t *Trace) {
			for i := range t.Sessions {
				for _, script := range [...]Script{t.Sessions[i].Client, t.Sessions[i].Server} {
					for j := range script {
						if a := &script[j]; verbInfo[a.Verb].arg == 'n' && a.N > 1 {
							a.N /= 2
							smaller = true
						}
					}
				}
			}
		}
		if edit(s.best.Clone()); !smaller || !s.try(edit) {
			return
		}
	}
}

// script drops acts and makes the arguments of the others smaller.
func (s *shrinker) script(of func(*Trace) *Script) {
	s.drop(func() int { return len(*of(s.best)) }, func(t *Trace, from, to int) {
		*of(t) = slices.Delete(*of(t), from, to)
	})
	for j, a := range *of(s.best) {
		set := func(t *Trace, v int64) { (*of(t))[j].N = v }
		switch verbInfo[a.Verb].arg {
		case 'n':
			s.lower(a.N, 1, set)
		case 't':
			s.shorten(a.N, set)
		}
	}
}
