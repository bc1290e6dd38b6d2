package traces

import "slices"

// What a script expects is the answer to what was said before, and the end it waits for
// may be the answer to its own. A peer that says less and expects the same waits for what
// nobody owes it: that fails, in the same words as what is looked for, and means nothing. Nor is a
// text made shorter: which part of the answer goes with a part of the question only the protocol knows.

// question is what a peer waits for, and what that may follow from: what it had said
// itself, and all that the other one says. Payload is said to whoever expects a text; who
// talks, and waits for the end, has it from a text, or from its own end.
type question struct{ expected, own, other string }

// questions returns what a session's peers wait for, and why.
func questions(s *Session) (list []question) {
	for _, p := range [...]struct{ script, other Script }{{s.Client, s.Server}, {s.Server, s.Client}} {
		for i, a := range p.script {
			switch a.Verb {
			case Expect:
				list = append(list, question{"text " + a.Text, p.script[:i].said(Say, Send), p.other.said(Say, Send)})
			case Quiet: // all that came must have been expected
				list = append(list, question{"no more " + p.script[:i].said(Expect), p.script[:i].said(Say, Send), p.other.said(Say, Send)})
			case EOF:
				if !p.script.Has(Say) {
					continue // whoever judges such a session sees what it waits for
				}
				list = append(list, question{"end", p.script[:i].said(Say, ShutW), p.other.said(Say)})
			}
		}
	}
	return list
}

// said is all that a script says in these ways.
func (s Script) said(verbs ...Verb) string {
	return slices.DeleteFunc(slices.Clone(s), func(a Act) bool { return !slices.Contains(verbs, a.Verb) }).String()
}

// talked says whether a scenario's servers have a protocol, or are all that a client has: then
// a script that is empty, which stands for echo, is no smaller one. Who gets its own bytes back
// from such a server is right to fail. It is asked of the whole scenario, once: what is left of
// a script when its words are gone does not show them.
func talked(t *Trace) bool {
	return t.program().Client || slices.ContainsFunc(t.Sessions, func(s Session) bool { return s.Server.Has(Do, Say, Expect) })
}

// echoes says whether a server became the default.
func echoes(before, after *Trace) bool {
	if len(before.Sessions) != len(after.Sessions) {
		return false // whole sessions went
	}
	for i := range after.Sessions {
		if len(after.Sessions[i].Server) == 0 && len(before.Sessions[i].Server) > 0 {
			return true
		}
	}
	return false
}

// answers says whether in an edited scenario who waits for something still says all that
// it had said before, and is told by the other one all that it had been.
func answers(before, after *Trace) bool {
	if len(before.Sessions) != len(after.Sessions) {
		return true // whole sessions went
	}
	for i := range after.Sessions {
		b, a := &before.Sessions[i], &after.Sessions[i]
		if slices.Equal(b.Client, a.Client) && slices.Equal(b.Server, a.Server) {
			continue
		}
		known := questions(b)
		for _, q := range questions(a) {
			if !slices.Contains(known, q) {
				return false
			}
		}
	}
	return true
}
