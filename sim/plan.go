package sim

// Question is a choice that came up: who asked for what, for which time, and of how many
// answers.
type Question struct {
	Actor Actor
	Op    Op
	Ord   uint32
	N     int
}

// Accident is one answer that is not benign.
type Accident struct {
	Question
	Val int
}

// Plan is the source of a run in which the accidents of a list strike, each where it says,
// and nothing else. It writes down what else could have gone wrong.
type Plan struct {
	Accidents []Accident
	// Survey, unless nil, gets each question whose answer may be a fault, and that comes
	// behind the last of the accidents.
	Survey *[]Question
}

// Choose implements Source.
func (p Plan) Choose(a Actor, op Op, ord uint32, n int) int {
	for i := range p.Accidents {
		if c := &p.Accidents[i]; c.Actor == a && c.Op == op && c.Ord == ord {
			if p.Survey != nil {
				*p.Survey = (*p.Survey)[:0]
			}
			return min(c.Val, n-1)
		}
	}
	if p.Survey != nil && op.Fault() {
		*p.Survey = append(*p.Survey, Question{a, op, ord, n})
	}
	return 0
}

// Answers appends the answers to a question that are accidents worth trying: each that has
// a name, and of numbers the least, half, and all but one.
func (q Question) Answers(list []Accident) []Accident {
	named := opInfo[q.Op].values != nil
	for v := 1; v < q.N; v++ {
		if named || v == 1 || v == q.N/2 || v == q.N-1 {
			list = append(list, Accident{q, v})
		}
	}
	return list
}
