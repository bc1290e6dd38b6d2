package properties

import (
	"millrace/sim"
	"millrace/traces"
)

// Seer is a program that tells what its state is like, one number for each side of what
// goes on in it: its states and flags, and about how much is held where. Who hunts for
// what is new looks there. Of a program that is no Seer, the kernel's side of its sockets
// says so much.
type Seer interface {
	See(tell func(who sim.Actor, like uint64))
}

// Sights are what is seen of the states that a run goes through: after each round, and for
// each side, a number that is made of
//
//	what the state is like   see Seer
//	the last report          of the poller about it in this round
//	the last answer          to the last call there: which, and whether it was an error, and
//	                         which, or nothing, a part, or all of what was asked for
//
// and a number for each situation that was reached (Program.Situations).
type Sights struct {
	Seen    []uint64 // in the order in which they were seen, some of them often
	heardOf []hearsay
	round   uint64
	tell    func(who sim.Actor, like uint64)
}

// hearsay is what was last said to an actor.
type hearsay struct {
	who            sim.Actor
	round          uint64
	report, answer uint64
}

// begin forgets the run before.
func (s *Sights) begin() {
	s.Seen, s.heardOf, s.round = s.Seen[:0], s.heardOf[:0], 0
	if s.tell == nil {
		s.tell = s.told
	}
}

// of returns what was said to an actor in this round.
func (s *Sights) of(who sim.Actor) *hearsay {
	for i := range s.heardOf {
		if h := &s.heardOf[i]; h.who == who {
			if h.round != s.round {
				*h = hearsay{who: who, round: s.round}
			}
			return h
		}
	}
	s.heardOf = append(s.heardOf, hearsay{who: who, round: s.round})
	return &s.heardOf[len(s.heardOf)-1]
}

// heard takes note of a call and its answer, or of a line of a report.
func (s *Sights) heard(step *traces.Step) {
	h := s.of(step.Actor)
	if step.Call == traces.CallEvent {
		h.report = uint64(step.Arg)
		return
	}
	amount := uint64(0)
	switch {
	case step.Err != 0:
		amount = uint64(step.Err)<<2 | 3
	case step.Answer > 0:
		amount = 1
	}
	h.answer = uint64(step.Call)<<32 | amount
}

// told makes a sight of one side of what goes on.
func (s *Sights) told(who sim.Actor, like uint64) {
	h := s.of(who)
	s.Seen = append(s.Seen, sim.Mix(sim.Mix(like^uint64(who.Kind()))^h.report<<48^h.answer))
}

// look sees what there is after a round.
func (s *Sights) look(w *World) {
	if p, ok := w.prog.(Seer); ok {
		p.See(s.tell)
	} else {
		for num := range w.kernel.Numbers() {
			if sock := w.kernel.FD(num); sock != nil {
				in, out := sock.In(), sock.Out()
				held := Rough(in.Readable(), in.Link().RcvBuf) | Rough(out.Queued(), out.Link().SndBuf)<<4
				s.told(w.kernel.Agent(num).Actor, uint64(w.kernel.Events(num))<<8|held)
			}
		}
	}
	s.round++
}

// Rough is how much of a place is taken, roughly: nothing, something, or all.
func Rough(held, room int) uint64 { return uint64(b2i(held > 0) + b2i(held > 0 && held >= room)) }

// situations adds a sight for each situation that a run has reached, of which counts are
// given from before it and behind it.
func (s *Sights) situations(before, after *Reach) {
	for i := range after {
		if after[i] != before[i] {
			s.Seen = append(s.Seen, sim.Mix(uint64(i)|1<<63))
		}
	}
}
