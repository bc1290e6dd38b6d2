package properties

import "millrace/traces"

// Play plays the steps of a trace, as captured on either kernel, and has its program
// looked at after every round as in a world. So a run in production is held to the same
// properties as one in simulation, after the fact. The error says why the trace cannot
// be played.
func Play(t *traces.Trace) (*traces.Replay, *Failure, error) {
	p, err := traces.NewPlayer(t)
	if err != nil {
		return nil, nil, err
	}
	look := func() *Failure { return nil }
	if of := Lookup(t.Program); of != nil && of.Played != nil {
		look = of.Played(p.Running())
	}
	var first *Failure
	for p.Round() && first == nil {
		first = look()
	}
	r, err := p.Result()
	return r, first, err
}
