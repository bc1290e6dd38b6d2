package properties

import "millrace/traces"

// Play plays the steps of a trace, as captured on either kernel, and looks at
// every session after every round as a world does. So a run in production is
// held to the same properties as one in simulation, after the fact. The error
// says why the trace cannot be played.
func Play(t *traces.Trace) (*traces.Replay, *Failure, error) {
	p, err := traces.NewPlayer(t)
	if err != nil {
		return nil, nil, err
	}
	seen := map[uint32]*sessionSeen{}
	var first *Failure
	for p.Round() && first == nil {
		for _, s := range p.Proxy().Sessions() {
			label := s.Peer().Label
			if seen[label] == nil {
				seen[label] = new(sessionSeen)
			}
			var both [2]side
			sides(&both, s, seen[label])
			for i := range both {
				if f := both[i].look(); f != nil && first == nil {
					first = f
				}
			}
		}
	}
	r, err := p.Result()
	return r, first, err
}
