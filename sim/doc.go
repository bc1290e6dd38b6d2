// Package sim is a world of actors, links, time and choices. It knows nothing of
// proxies: any event loop can be put into it.
//
// # Determinism
//
// The same scenario and the same source of choices give the same run, byte for
// byte: in any process, on any machine, with any number of threads. Nothing here
// looks at a clock, starts a goroutine, iterates a map or draws a random number
// that is not a function of the seed.
//
// # Choices
//
// Whatever the program under test does not decide itself (who runs next, how many
// bytes a read returns, whether a connection is refused) is one call:
//
//	Agent.Choose(op, n) -> 0..n-1
//
// 0 is always the benign choice, so a source that only says 0 is a healthy
// network. A choice is keyed by who asks (the actor), what for (the op) and how
// often that actor asked for that before (the ordinal), not by its place in one
// stream of random numbers. Taking one event out of a run therefore leaves the
// choices of all others alone, and a run is told by its choices that are not 0:
//
//	f0 short-read 3 = 17       the front socket of session 0, its 4th read: 17
//	p0 spurious 7 = b0         its poller, at its 8th wait: reports b0 for nothing
//
// Where one of several is to be chosen, Agent.Pick writes down who it was: a place in
// a list would mean somebody else as soon as one of the others is taken out.
//
// What is asked, of how many, when, and what the answers led to is the run's Hash.
// Sources: Seeded (a hash of seed and key, with a rate per op), Script (a list of
// such lines), Exhaust (every sequence, for small worlds). A test may bring its
// own: rapid does.
//
// # Time and order
//
// World keeps processes in a heap ordered by (time, rank, order of arrival). The
// rank is a choice: always 0 is first come first served, a fresh one per
// activation is a uniform shuffle of what is due, and one that stays with an
// actor and changes rarely is a priority schedule with change points (PCT). A Lineup asks
// instead who of those that are due runs first, for who wants all orders, each once.
//
// # Links
//
// Stream is one direction of a connection: bytes written, bytes arrived, bytes
// read, and between them latency, bandwidth, segments, stalls, a window, FIN and
// RST. What is lost, or whose acknowledgement is, is sent again, later each time, until its
// sender gives up; a RST that is lost is not. A Vigil is for who has nothing to send.
package sim
