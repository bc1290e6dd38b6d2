package properties

import (
	"slices"

	"millrace/sim"
	"millrace/traces"
)

// mutant is a world that is going to be another one: a scenario, which stays as it is, the
// decisions, and what was asked in the run in which they were taken.
type mutant struct {
	p         *Program
	r         *sim.Rand
	t         *traces.Trace
	asked     []sim.Question
	decisions []sim.Decision
}

// mostChanges is how many changes are made at once at most.
const mostChanges = 4

// mutate returns the decisions of another world like this one: one is added, removed, or
// moved to another place where the same can be decided; a piece of another world's comes
// in; or all that comes behind a moment is drawn anew.
func (m *mutant) mutate(other *traces.Trace) []sim.Decision {
	m.decisions = slices.Clone(m.t.Decisions)
	for range 1 + m.r.Intn(mostChanges) {
		switch m.r.Intn(8) {
		case 0, 1:
			m.add()
		case 2:
			m.remove()
		case 3:
			m.move()
		case 4, 5:
			m.splice(other)
		default:
			m.redraw()
		}
	}
	return m.decisions
}

// question picks something that was asked, of which all kinds are alike: what is asked all
// the time would be all that there is otherwise. Not ok if there is nothing of this kind.
func (m *mutant) question(ok func(sim.Question) bool) (q sim.Question, found bool) {
	var ops [sim.NumOps]int
	kinds := 0
	for _, q := range m.asked {
		if ok(q) {
			if ops[q.Op] == 0 {
				kinds++
			}
			ops[q.Op]++
		}
	}
	if kinds == 0 {
		return q, false
	}
	kind, op := m.r.Intn(kinds), sim.Op(0)
	for ; ops[op] == 0 || kind > 0; op++ {
		kind -= b2i(ops[op] > 0)
	}
	n := m.r.Intn(ops[op])
	for _, q := range m.asked {
		if q.Op == op && ok(q) {
			if n == 0 {
				return q, true
			}
			n--
		}
	}
	return q, false
}

// answer draws what is not benign, and may be all there is to choose from.
func (m *mutant) answer(q sim.Question) sim.Decision {
	d := sim.Decision{Actor: q.Actor, Op: q.Op, Ord: q.Ord}
	switch {
	case q.Op.Victim():
		who := sim.Of(m.r, sim.Front, sim.Back, sim.Front, sim.Back, sim.Listener)
		if who != sim.Listener {
			who |= sim.Actor(m.r.Intn(len(m.t.Sessions)))
		}
		d.Val = int(who)
	case m.r.Intn(2) == 0:
		d.Val = sim.Of(m.r, 1, q.N/2, q.N-1)
	default:
		d.Val = 1 + m.r.Intn(q.N-1)
	}
	d.Val = max(1, d.Val)
	return d
}

// asks says whether there is anything to choose at a question.
func asks(may *sim.Rates) func(q sim.Question) bool {
	return func(q sim.Question) bool { return may[q.Op] != 0 && (q.N > 1 || q.Op.Victim()) }
}

func (m *mutant) add() {
	may := m.p.may(m.t)
	if q, ok := m.question(asks(&may)); ok {
		m.decisions = append(m.decisions, m.answer(q))
	}
}

func (m *mutant) remove() {
	if n := len(m.decisions); n > 0 {
		i := m.r.Intn(n)
		m.decisions = slices.Delete(m.decisions, i, i+1)
	}
}

func (m *mutant) move() {
	if len(m.decisions) == 0 {
		return
	}
	d := &m.decisions[m.r.Intn(len(m.decisions))]
	if q, ok := m.question(func(q sim.Question) bool { return q.Op == d.Op && q.Actor.Kind() == d.Actor.Kind() }); ok {
		d.Actor, d.Ord = q.Actor, q.Ord
	}
}

// mostSpliced is how long a piece of another world is.
const mostSpliced = 12

// splice takes a piece of another world, with its sessions as those that there are here.
func (m *mutant) splice(other *traces.Trace) {
	if len(other.Decisions) == 0 {
		return
	}
	may, n := m.p.may(m.t), sim.Actor(len(m.t.Sessions))
	here := func(a sim.Actor) sim.Actor {
		if (site{kind: a.Kind()}).ofSession() {
			return a.Kind() | sim.Actor(a.Num())%n
		}
		return a
	}
	from := m.r.Intn(len(other.Decisions))
	for _, d := range other.Decisions[from:min(len(other.Decisions), from+1+m.r.Intn(mostSpliced))] {
		if may[d.Op] == 0 {
			continue
		}
		d.Actor = here(d.Actor)
		if d.Op.Victim() {
			d.Val = int(here(sim.Actor(d.Val)))
		}
		m.decisions = append(m.decisions, d)
	}
}

// redraw draws anew all that was asked behind a moment, at rates of its own.
func (m *mutant) redraw() {
	if len(m.asked) == 0 {
		return
	}
	src := sim.Seeded{Seed: sim.Mix(uint64(m.r.Intn(1 << 62))), Rates: m.p.rates(m.r, m.t.Clone())}
	type key struct {
		who sim.Actor
		op  sim.Op
		ord uint32
	}
	late := map[key]bool{}
	behind := m.asked[m.r.Intn(len(m.asked)):]
	for _, q := range behind {
		late[key{q.Actor, q.Op, q.Ord}] = true
	}
	m.decisions = slices.DeleteFunc(m.decisions, func(d sim.Decision) bool { return late[key{d.Actor, d.Op, d.Ord}] })
	for _, q := range behind {
		if src.Rates[q.Op] == 0 {
			continue
		}
		if q.Op.Victim() {
			q.N++
		}
		if v := src.Choose(q.Actor, q.Op, q.Ord, q.N); v != 0 {
			d := m.answer(q)
			if !q.Op.Victim() {
				d.Val = v
			}
			m.decisions = append(m.decisions, d)
		}
	}
}
