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

// waits is how many texts a peer waits for at most in a row without a word of its own, and what its
// last word is: who does not answer each heartbeat any more, or does not take its leave, is silent for
// as long as the program has patience.
func (s Script) waits() (most int, last string) {
	row := 0
	for i, a := range s {
		switch a.Verb {
		case Expect:
			row++
			most = max(most, row)
		case Send, Say, Do:
			row, last = 0, s[i:i+1].String()
		}
	}
	return most, last
}

// unheard says whether in an edited script somebody says nothing while more happens than before, or
// for ever behind another word than its last one.
func unheard(before, after Script) bool {
	most, last := before.waits()
	more, word := after.waits()
	_, endless := after.silence()
	return more > most || endless && word != last
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
			if is, ever := p[1].silence(); is > was || ever && !never || unheard(p[0], p[1]) {
				return true
			}
		}
	}
	return false
}
