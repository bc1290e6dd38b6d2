package picture

import (
	"slices"

	"millrace/sim"
)

// Lane is one of the actors' columns.
type Lane uint8

// The lanes, from left to right. Session is the program under test, and is called program where
// there is no Back; its listener is at Front, where clients come.
const (
	Client Lane = iota
	Front
	Session
	Back
	Server
	Poller
	numLanes
)

var laneNames = [numLanes]string{"client", "front", "session", "back", "server", "poller"}

// String returns the lane's name.
func (l Lane) String() string { return laneNames[l] }

// Kind is what an event is.
type Kind uint8

// The kinds.
const (
	Call     Kind = iota // the program asks its kernel, and is answered
	Open                 // a connection begins: the arrow is from who asks for it
	Report               // the poller reports
	Bytes                // bytes move
	Fin                  // the end of a stream travels, or is sent
	Rst                  // a connection is reset
	Deed                 // a peer does something
	Choice               // a decision that only shapes the run
	Accident             // a decision that is a fault
	Breach               // the rule that broke
	numKinds
)

var kindNames = [numKinds]string{"call", "open", "report", "bytes", "fin", "rst", "peer", "choice", "accident", "breach"}

// String returns the kind's name.
func (k Kind) String() string { return kindNames[k] }

// nobody is the session of what concerns all of them.
const nobody = -1

// Event is an arrow from a lane to another, or a mark on one if both are the same.
type Event struct {
	At       sim.Time // nanoseconds since the run began
	From, To Lane
	Label    int // of the session; -1 if it is none's
	Kind     Kind
	N        int64 // bytes that move
	In       In    // which of two runs
	Text     string
	State    int32 // which of the Picture's states; -1 = it is not known
}

// Picture is a run as a list of events.
type Picture struct {
	Title   string   // what the reader calls the trace
	Program string   // its name
	Trace   string   // the scenario, the decisions, and what goes wrong
	Rule    string   // the identity of what broke; "" if nothing did
	What    string   // one sentence of what happened
	Says    string   // one sentence of what the rule says
	Without string   // the decision that a second run is without; "" = there is one run
	Ends    string   // how that one ends
	Lanes   []Lane   // that there are, from left to right
	Events  []Event  // oldest first
	Cut     int      // events that were left out in front of the first
	Lines   []string // of which states consist: a name, a colon and a value
	States  [][]int32
}

// head is what stands above a lane. A program that connects to nobody is a program, and no
// session between two.
func (p *Picture) head(l Lane) string {
	if l == Session && !slices.Contains(p.Lanes, Back) {
		return "program"
	}
	return l.String()
}

// Failed says whether a rule broke.
func (p *Picture) Failed() bool { return p.Rule != "" }

// State returns the lines of an event's state; none if it is not known. The slice is the
// caller's.
func (p *Picture) State(e Event) (lines []string) {
	if e.State < 0 {
		return nil
	}
	for _, n := range p.States[e.State] {
		lines = append(lines, p.Lines[n])
	}
	return lines
}

// maxEvents is how many events a picture has: of a longer run, the last ones.
const maxEvents = 150_000

// gather collects events, and says once what many states have in common.
type gather struct {
	Picture
	lines  map[string]int32
	states map[string]int32
}

func (g *gather) add(e Event) {
	if g.Events = append(g.Events, e); len(g.Events) >= 2*maxEvents {
		g.trim()
	}
}

// trim forgets all but the last events, and the states that none of these has.
func (g *gather) trim() {
	over := len(g.Events) - maxEvents
	if over <= 0 {
		return
	}
	g.Cut += over
	g.Events = append(g.Events[:0], g.Events[over:]...)
	before := g.Picture
	g.Lines, g.States, g.lines, g.states = nil, nil, nil, nil
	for i, e := range g.Events {
		if e.State >= 0 {
			g.Events[i].State = g.state(before.State(e))
		}
	}
}

// state returns the number of the state that consists of some lines.
func (g *gather) state(lines []string) int32 {
	if g.lines == nil {
		g.lines, g.states = map[string]int32{}, map[string]int32{}
	}
	ids := make([]int32, len(lines))
	key := make([]byte, 0, 4*len(lines))
	for i, l := range lines {
		n, known := g.lines[l]
		if !known {
			n = int32(len(g.Lines))
			g.lines[l] = n
			g.Lines = append(g.Lines, l)
		}
		ids[i] = n
		key = append(key, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
	}
	n, known := g.states[string(key)]
	if !known {
		n = int32(len(g.States))
		g.states[string(key)] = n
		g.States = append(g.States, ids)
	}
	return n
}
