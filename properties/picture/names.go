package picture

import (
	"millrace/sim"
)

// laneOf is where an actor is.
func laneOf(a sim.Actor) Lane {
	switch a.Kind() {
	case sim.Client:
		return Client
	case sim.Front, sim.Listener:
		return Front
	case sim.Back:
		return Back
	case sim.Server, sim.Origin:
		return Server
	case sim.PollerOf:
		return Poller
	}
	return Session
}

// labelOf is whose session an actor is part of.
func labelOf(a sim.Actor) int {
	switch a.Kind() {
	case sim.Client, sim.Front, sim.Back, sim.Server:
		return a.Num()
	}
	return nobody
}
