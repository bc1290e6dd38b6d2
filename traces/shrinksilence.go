package traces

import "slices"

// A program that ends a connection on which nothing happens for too long may do so to a peer
// that says less than it did: what it said between two pauses, or its end. That fails as a
// connection does that is ended for no reason, and means nothing. Nobody here knows how long too
// long is, but what was said in the first place was said in time.

// silence is how long a peer says nothing at most, by its own script, and whether it never says
// its end. Of who does not talk that does not count: whoever judges such a peer sees it.
func (s Script) silence() (most int64, endless bool) {
	now := int64(0)
	for _, a := range s {
		switch a.Verb {
		case Wait:
			now += a.N
			most = max(most, now)
		case Send, Say, Urgent, Do:
			now = 0
		case ShutW, Close, Reset, Echo:
			return most, false
		}
	}
	return most, s.Has(Say, Expect, Do)
}

// quieter says whether in an edited scenario a peer is silent for longer than before.
func quieter(before, after *Trace) bool {
	if len(before.Sessions) != len(after.Sessions) {
		return false // whole sessions went
	}
	for i := range after.Sessions {
		b, a := &before.Sessions[i], &after.Sessions[i]
		for _, p := range [...][2]Script{{b.Client, a.Client}, {b.Server, a.Server}} {
			if slices.Equal(p[0], p[1]) {
				continue
			}
			was, never := p[0].silence()
			if is, ever := p[1].silence(); is > was || ever && !never {
				return true
			}
		}
	}
	return false
}
