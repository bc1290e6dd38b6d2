package kerneltest

import "millrace/core"

// sleepers makes a script of its own kind: somebody sleeps in two pollers that know the same,
// mostly exclusively, and it is seen who is woken by what. Nothing is ever full that depends
// on sizes.
func (d *draft) sleepers() {
	us, lst, pipe, event := Actor{Us, 1}, Actor{Listener, 1}, Actor{Tube, 1}, Actor{Counter, 1}
	for _, s := range []Step{{Actor: lst, Verb: Listen}, {Actor: us, Verb: Socket}, {Actor: us, Verb: Connect},
		{Actor: pipe, Verb: Make, Count: 1 + d.below(2)}, {Actor: event, Verb: Make}} {
		d.script.Add(s)
	}
	asked := []Actor{event, event, lst, {Outlet, 1}, {Inlet, 1}, us}
	wishes := []core.Events{core.EvIn, core.EvIn, core.EvOut, core.EvIn | core.EvOut, 0}
	for _, a := range asked {
		if d.often(6) {
			d.script.Add(Step{Actor: a, Verb: Add, Mask: wishes[d.below(len(wishes))] | core.EvExclusive})
		}
	}
	acts := []Step{
		{Verb: Sleep}, {Verb: Sleep}, {Verb: Sleep}, {Verb: Woken}, {Verb: Woken}, {Verb: Level}, {Verb: Edge},
		{Actor: event, Verb: Write, Count: 1}, {Actor: event, Verb: Write, Count: 1}, {Actor: event, Verb: Drain}, {Actor: event, Verb: Drain},
		{Actor: pipe, Verb: Write, Count: page}, {Actor: pipe, Verb: Write, Count: 1}, {Actor: pipe, Verb: Take, Count: page}, {Actor: pipe, Verb: Take, Count: page},
		{Actor: pipe, Verb: CloseRead}, {Actor: pipe, Verb: CloseWrite}, {Actor: Actor{Far, 1}, Verb: Send, Count: 1}, {Actor: Actor{Far, 1}, Verb: Send, Count: 1},
		{Actor: us, Verb: Recv, Count: 2}, {Actor: us, Verb: Recv, Count: 2}, {Actor: Actor{Far, 1}, Verb: ShutW}, {Actor: Actor{Far, 1}, Verb: Reset},
	}
	dialed, accepted := 1, 1
	for range 6 + d.below(maxActs) {
		switch s := d.below(len(acts) + 5); {
		case s < len(acts):
			d.script.Add(acts[s])
		case s == len(acts):
			dialed++
			d.script.Add(Step{Actor: Actor{Far, dialed}, Verb: Dial})
		case s == len(acts)+1 && accepted < dialed:
			accepted++
			d.script.Add(Step{Actor: Actor{Us, accepted}, Verb: Accept})
		default:
			a := asked[d.below(len(asked))]
			d.script.Add(Step{Actor: a, Verb: Del})
			want := wishes[d.below(len(wishes))]
			if d.often(7) {
				want |= core.EvExclusive
			}
			d.script.Add(Step{Actor: a, Verb: Add, Mask: want})
		}
	}
}
