package properties

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"millrace/sim"
	"millrace/traces"
)

// Strategy is how the worlds of a seed are chosen.
type Strategy string

// The strategies. Draws looks everywhere now and then. Singles, Pairs and All claim
// something: that each accident was tried that can strike a scenario alone, or each pair of
// kinds of them, or each alone in each order in which things can happen. Guided goes on from
// where there was something new to see.
const (
	Draws   Strategy = "seeds"      // one world, in which accidents strike at random
	Singles Strategy = "nth"        // a scenario in which nothing happens, and then each accident once, alone, wherever it can
	Pairs   Strategy = "pairs"      // and then two of them, once for each two kinds
	Guided  Strategy = "guided"     // some thousand worlds, most of them made of one that showed something new
	All     Strategy = "exhaustive" // the first sessions of a scenario, with few bytes: all orders, and all accidents, within Bounds
)

// Strategies lists them.
var Strategies = []Strategy{Draws, Singles, Pairs, Guided, All}

// OtherWorld is the line of a journal behind which it is another world's: a seed may have
// many. The lines of its scenario follow, each behind Scenario.
const (
	OtherWorld = "; another world"
	Scenario   = "; "
)

// another says in the journal, if there is one, that another world begins.
func (w *World) another(t *traces.Trace) {
	if w.Journal == nil {
		return
	}
	scenario := *t
	scenario.Decisions, scenario.Fail = nil, ""
	text := OtherWorld + "\n"
	for line := range strings.Lines(scenario.String()) {
		text += Scenario + line
	}
	if _, err := io.WriteString(w.Journal, text); err != nil {
		w.Breach("journal", "world", "%v", err)
	}
}

// maxQuestions bounds a scenario of which all accidents are tried. Larger ones show little
// that smaller ones do not, and there are many of those.
const (
	maxQuestions = 3000
	maxForPairs  = 300
)

// Claim is what was tried of scenarios, all of it.
type Claim struct {
	Scenarios uint64
	Large     uint64 // and left out
	Places    uint64 // questions whose answer could be an accident
	Singles   uint64 // accidents, each alone
	Kinds     uint64 // pairs of kinds, of which the second strikes behind the first
	Small     Small
}

func (c *Claim) add(o *Claim) {
	c.Scenarios += o.Scenarios
	c.Large += o.Large
	c.Places += o.Places
	c.Singles += o.Singles
	c.Kinds += o.Kinds
	c.Small.add(&o.Small)
}

// String says it in a sentence, "" if nothing is claimed.
func (c *Claim) String() string {
	if c.Scenarios+c.Large == 0 {
		return c.Small.String()
	}
	s := fmt.Sprintf("all %d single accidents, at %d places, of %d scenarios", c.Singles, c.Places, c.Scenarios)
	if c.Kinds > 0 {
		s += fmt.Sprintf("; all %d pairs of kinds of them, each once", c.Kinds)
	}
	if c.Large > 0 {
		s += fmt.Sprintf("; %d scenarios were too large", c.Large)
	}
	return s
}

// Try runs the worlds of a seed, tells the failing traces, and says whether to go on after
// one. What is told may be the same failure many times.
func (w *World) Try(how Strategy, seed uint64, tell func(*traces.Trace) (more bool)) {
	switch how {
	case Draws, "":
		if t := w.Hunt(seed); t != nil {
			tell(t)
		}
		return
	case Guided:
		w.guided(seed, tell)
		return
	}
	t, _ := w.program.Generate(seed)
	t.Comments = []string{fmt.Sprintf("seed %#x", seed)}
	if how == All {
		reduce(t, w.Bounds.Sessions)
		w.Exhaust(t, w.Bounds.Accidents, tell)
	} else {
		w.Each(t, how == Pairs, tell)
	}
	w.totals.Hash += sim.Mix(seed)
}

// Each runs a scenario, whose own decisions do not count: as it is, and then once for each
// accident that can strike it, and if asked for with two of them. It tells the failing
// traces, and says whether to go on after one.
func (w *World) Each(t *traces.Trace, pairs bool, tell func(*traces.Trace) (more bool)) {
	n := nth{w: w, t: t, tell: tell, tried: map[pair]bool{}, may: w.program.may(t)}
	n.run(pairs)
}

// may says what can happen in a scenario of the program: 0 is what cannot.
func (p *Program) may(t *traces.Trace) (rates sim.Rates) {
	for op := range sim.NumOps {
		rates[op] = uint16(b2i(p.Met(op)))
	}
	if p.Temper != nil {
		p.Temper(t, &rates)
	}
	return rates
}

// nth tries the accidents of one scenario.
type nth struct {
	w     *World
	t     *traces.Trace
	tell  func(*traces.Trace) bool
	over  bool
	may   sim.Rates // 0 = not in such a scenario
	tried map[pair]bool
	quiet []quiet // the stories where nothing happens
	asked []sim.Question
}

// pair is two kinds of accidents, of which the second strikes behind the first: which, to
// what kind of actor, and whether both are of one session.
type pair struct {
	first, then species
	same        bool
}

// species is a kind of accident. The least of a number, half, and all but one are three: code
// that is wrong by one has a fault at one of them only.
type species struct {
	op   sim.Op
	val  int // one of those that have names; or how many of the three are no more than this
	what sim.Actor
}

func speciesOf(a sim.Accident) species {
	k := species{op: a.Op, what: a.Actor.Kind()}
	switch {
	case a.Op.Victim():
	case a.Op.ValueName(a.Val) != "":
		k.val = a.Val
	default:
		k.val = b2i(a.Val > 1) + b2i(a.Val > a.N/2)
	}
	return k
}

// run tries all of it. The claim is made only if it got to the end.
func (n *nth) run(pairs bool) {
	n.w.still(n.t, true, n.w.Journal)
	n.quiet, n.w.quiet = slices.Clone(n.w.quiet), n.w.quiet[:0]
	places := n.world()
	if len(places) > maxQuestions || pairs && len(places) > maxForPairs {
		n.w.totals.Claim.Large++
		return
	}
	claim := Claim{Scenarios: 1, Places: uint64(len(places))}
	for _, a := range answers(places) {
		if n.over {
			return
		}
		behind := n.world(a)
		claim.Singles++
		if pairs {
			claim.Kinds += n.pairs(a, behind)
		}
	}
	if !n.over {
		n.w.totals.Claim.add(&claim)
	}
}

// pairs has a second accident strike behind the first, if no two of such kinds have.
func (n *nth) pairs(a sim.Accident, behind []sim.Question) (tried uint64) {
	for _, b := range answers(behind) {
		p := pair{speciesOf(a), speciesOf(b), a.Actor.Num() == b.Actor.Num()}
		if n.over || n.tried[p] {
			continue
		}
		n.tried[p] = true
		n.world(a, b)
		tried++
	}
	return tried
}

func answers(places []sim.Question) (list []sim.Accident) {
	for _, q := range places {
		list = q.Answers(list)
	}
	return list
}

// world runs the scenario with some accidents, and returns what else could have gone wrong
// behind the last of them. Where all of them are harmless, sessions are compared with those
// of the world where there was none.
func (n *nth) world(planned ...sim.Accident) (places []sim.Question) {
	w := n.w
	if len(planned) > 0 && !slices.ContainsFunc(planned, func(a sim.Accident) bool { return grave(sim.Decision{Op: a.Op, Val: a.Val}) }) {
		w.quiet = append(w.quiet, n.quiet...)
	}
	n.asked = n.asked[:0]
	w.another(n.t)
	f := w.Run(n.t, sim.Plan{Accidents: planned, Survey: &n.asked}, Options{Journal: w.Journal})
	w.totals.Hash += sim.Mix(w.hash)
	for _, q := range n.asked {
		if n.may[q.Op] != 0 {
			places = append(places, q)
		}
	}
	if f != nil {
		t := *n.t
		t.Decisions = slices.Clone(w.Decisions())
		t.Fail = f.Line()
		n.over = n.over || !n.tell(&t)
	}
	return places
}
