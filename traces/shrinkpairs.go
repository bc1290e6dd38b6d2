package traces

import "slices"

// fewLines is how many lines may be left when pairs of them are tried.
const fewLines = 24

// twos takes out what goes only together: two decisions, a session and a decision,
// an act of the client's and the server's that waits for it.
func (s *shrinker) twos() {
	if len(s.best.Decisions)+len(s.best.Sessions) > fewLines {
		return
	}
	for i := len(s.best.Decisions) - 1; i > 0; i-- {
		for j := i - 1; j >= 0 && i < len(s.best.Decisions); j-- {
			s.try(func(t *Trace) {
				t.Decisions = slices.Delete(t.Decisions, i, i+1)
				t.Decisions = slices.Delete(t.Decisions, j, j+1)
			})
		}
	}
	for i := len(s.best.Decisions) - 1; i >= 0; i-- {
		for k := len(s.best.Sessions) - 1; k >= 0 && i < len(s.best.Decisions); k-- {
			s.try(func(t *Trace) {
				t.Decisions = slices.Delete(t.Decisions, i, i+1)
				cutSessions(t, k, k+1)
			})
		}
	}
	for k := range s.best.Sessions {
		s.dialogue(k)
	}
}

// dialogue takes an act out of both scripts of a session at once.
func (s *shrinker) dialogue(k int) {
	both := func() *Session { return &s.best.Sessions[k] }
	for i := len(both().Client) - 1; i >= 0; i-- {
		for j := len(both().Server) - 1; j >= 0 && i < len(both().Client); j-- {
			s.try(func(t *Trace) {
				x := &t.Sessions[k]
				x.Client, x.Server = slices.Delete(x.Client, i, i+1), slices.Delete(x.Server, j, j+1)
			})
		}
	}
}

// shortScripts are what a peer may do instead of something longer.
var shortScripts = []Script{
	{}, {{Verb: Close}}, {{Verb: Send, N: 1}}, {{Verb: EOF}, {Verb: Close}}, {{Verb: Send, N: 1}, {Verb: Close}},
	{{Verb: Send, N: 1}, {Verb: EOF}, {Verb: Close}}, {{Verb: Send, N: 1}, {Verb: ShutW}, {Verb: EOF}, {Verb: Close}},
}

// exchange gives less for more: a shorter script for a script, and a pause somewhere
// for a decision, or for a whole session that does nothing but let time pass.
func (s *shrinker) exchange() {
	for k := range s.best.Sessions {
		for _, of := range [...]func(*Trace) *Script{
			func(t *Trace) *Script { return &t.Sessions[k].Client },
			func(t *Trace) *Script { return &t.Sessions[k].Server },
		} {
			for _, short := range shortScripts {
				if len(short) < len(*of(s.best)) && s.try(func(t *Trace) { *of(t) = slices.Clone(short) }) {
					break
				}
			}
		}
	}
	if len(s.best.Decisions)+len(s.best.Sessions) > fewLines {
		return
	}
	for i := len(s.best.Decisions) - 1; i >= 0; i-- {
		s.pause(func(t *Trace) { t.Decisions = slices.Delete(t.Decisions, i, i+1) })
		i = min(i, len(s.best.Decisions))
	}
	for k := len(s.best.Sessions) - 1; k >= 0 && len(s.best.Sessions) > 1; k-- {
		s.pause(func(t *Trace) { cutSessions(t, k, k+1) })
	}
}

// pause tries an edit with a pause of some length in one of the scripts.
func (s *shrinker) pause(edit func(t *Trace)) {
	for _, span := range [...]int64{1e6, 100e6, 3e9} {
		for k := range s.best.Sessions {
			for _, client := range [...]bool{true, false} {
				script := func(t *Trace) *Script {
					if k >= len(t.Sessions) {
						return new(Script)
					}
					if client {
						return &t.Sessions[k].Client
					}
					return &t.Sessions[k].Server
				}
				for at := 0; at <= len(*script(s.best)); at++ {
					if s.try(func(t *Trace) {
						edit(t)
						if acts := script(t); at <= len(*acts) {
							*acts = slices.Insert(*acts, at, Act{Verb: Wait, N: span})
						}
					}) {
						return
					}
				}
			}
		}
	}
}
