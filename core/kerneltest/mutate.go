package kerneltest

import (
	"math/rand/v2"
	"slices"
)

// Mutate makes a script out of others, at random, the same for the same seed and the
// same others: lines are taken away, repeated, exchanged and put in from elsewhere, and
// the beginning of one goes on as another ends. What was recorded to show one thing is
// near what nobody thought of. What the answers would depend on sizes for is left out,
// as in what is drawn. The others come in several lists, of which each is as likely.
func Mutate(seed uint64, others ...[]*Script) *Script {
	m := mutation{below: rand.New(rand.NewPCG(seed, 1)).IntN, others: others}
	for {
		steps := m.steps()
		for range 1 + m.below(8) {
			steps = m.change(steps)
		}
		if s := sound(m.looks(steps[:min(len(steps), maxMutant)])); s.Len() > 0 {
			return s
		}
	}
}

// maxMutant is how many lines a mutant has at most: it must not grow with each look.
const maxMutant = 80

// mutation is the making of one script.
type mutation struct {
	below  func(n int) int
	others [][]*Script
}

// steps returns those of any script, at times with other names.
func (m *mutation) steps() []Step {
	var all []Step
	conns, pipes := 0, 0
	if m.below(2) == 1 {
		conns, pipes = m.below(dozen), m.below(dozen)
	}
	list := m.others[m.below(len(m.others))]
	for _, l := range list[m.below(len(list))].lines {
		if l.step == nil {
			continue
		}
		s := *l.step
		s.Answer = ""
		switch s.Actor.Kind {
		case Us, Far, Twin:
			s.Actor.N = shifted(s.Actor.N, conns)
		case Tube, Outlet, Inlet, Counter:
			s.Actor.N = shifted(s.Actor.N, pipes)
		}
		if s.Pipe > 0 {
			s.Pipe = shifted(s.Pipe, pipes)
		}
		all = append(all, s)
	}
	return all
}

// dozen is how many of a kind mutants give names to.
const dozen = 12

func shifted(n, by int) int { return (n-1+by)%dozen + 1 }

// change makes one change.
func (m *mutation) change(steps []Step) []Step {
	if len(steps) == 0 {
		return m.steps()
	}
	at, from := m.below(len(steps)), m.below(len(steps))
	switch m.below(6) {
	case 0: // taken away
		return slices.Delete(steps, at, min(len(steps), at+1+m.below(3)))
	case 1: // exchanged
		steps[at], steps[from] = steps[from], steps[at]
		return steps
	case 2: // repeated
		return slices.Insert(steps, at, steps[from])
	case 3: // the same by the other end, or of another connection
		s := &steps[at]
		if s.Actor.Kind == Us || s.Actor.Kind == Far {
			if turned := (Actor{other(s.Actor.Kind), s.Actor.N}); m.below(2) == 1 && has(s.Verb, turned.Kind) {
				s.Actor = turned
			} else {
				s.Actor.N = 1 + m.below(3)
			}
		}
		return steps
	}
	more := m.steps()
	if len(more) == 0 {
		return steps
	}
	from = m.below(len(more))
	if m.below(2) == 1 { // put in
		return slices.Insert(steps, at, more[from:min(len(more), from+1+m.below(4))]...)
	}
	return append(steps[:at], more[from:]...)
}

// looks adds some.
func (m *mutation) looks(steps []Step) []Step {
	var all []Step
	for _, s := range steps {
		all = append(all, s)
		for m.below(5) == 4 {
			look := []Step{{Verb: Level}, {Verb: Edge}, {Verb: Oneshot}, {Actor: Actor{Us, max(1, s.Actor.N)}, Verb: Poll, Mask: All}}
			all = append(all, look[m.below(len(look))])
		}
	}
	return all
}

// has says whether such an actor has a verb.
func has(v Verb, k Kind) bool { return slices.Contains(verbs[v].who, k) }

// sound makes a script of steps, without those whose answers mean nothing: what depends
// on sizes; who is accepted out of turn, and so has another one's name; numbers, which
// others take at the same time, and registrations that they find; sleepers, who look sooner or later.
func sound(steps []Step) *Script {
	s := &Script{Name: "mutant"}
	var z sizes
	var waits []int // who dialed and was not accepted
	listens, shut := false, false
	var parted [maxActors + 1]bool
	for _, step := range steps {
		after := z
		numbered := step.Verb == Sleep || step.Verb == Number || step.Verb == Dup && parted[step.Actor.N]
		outOfTurn := step.Verb == Accept && !slices.Equal(waits[:min(1, len(waits))], []int{step.Actor.N})
		if numbered || outOfTurn || !after.step(step) {
			continue
		}
		parted[step.Actor.N] = parted[step.Actor.N] || step.Verb == Close || step.Verb == Reset
		switch {
		case step.Verb == Listen:
			listens = !shut
		case step.Actor.Kind == Listener && step.Verb == Close:
			listens, shut, waits = false, false, nil
		case step.Actor.Kind == Listener && (step.Verb == ShutR || step.Verb == ShutRW):
			listens, shut, waits = false, shut || listens, nil
		case step.Verb == Dial && listens && !z.here[Far][step.Actor.N]:
			waits = append(waits, step.Actor.N)
		case step.Verb == Accept:
			waits = waits[1:]
		}
		z = after
		s.Add(step)
	}
	return s
}
