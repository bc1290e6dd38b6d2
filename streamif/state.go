package streamif

import "millrace/core"

// State is where a stream interface is in its life.
type State uint8

// The states, in the order in which a connection goes through them. A
// descriptor is open in CON and EST and in no other.
const (
	INI State = iota // not used yet
	REQ              // wants a server
	TAR              // pauses after a failed attempt
	ASS              // has a server, connects next
	CON              // connecting, or in the handshakes that come before any data
	CER              // the attempt failed
	EST              // connected
	DIS              // just disconnected
	CLO              // done
	numStates
)

var stateNames = [numStates]string{"INI", "REQ", "TAR", "ASS", "CON", "CER", "EST", "DIS", "CLO"}

// String returns the state's three letters.
func (s State) String() string { return stateNames[s] }

// Event is what moves a stream interface from state to state.
type Event uint8

// The events.
const (
	EvAttach Event = iota // an accepted connection or an applet was attached
	EvGreet               // a connection was accepted whose handshakes come first
	EvWant                // the session wants a connection
	EvPick                // a server was chosen
	EvDial                // connect() is under way
	EvUp                  // the connection is established, its handshakes included
	EvFail                // the attempt failed
	EvPause               // wait before the next attempt
	EvAgain               // try the same server again
	EvElse                // try another server
	EvGiveUp              // no connection will come
	EvClose               // the connection was closed
	EvEnd                 // the close was accounted for
	numEvents
)

var eventNames = [numEvents]string{
	"attach", "greet", "want", "pick", "dial", "up", "fail", "pause", "again", "else", "give-up", "close", "end",
}

// String returns the event's name.
func (e Event) String() string { return eventNames[e] }

// transitions lists every legal move; all others are bugs.
var transitions = []struct {
	on   Event
	from []State
	to   State
}{
	{EvAttach, []State{INI}, EST},
	{EvGreet, []State{INI}, CON},
	{EvWant, []State{INI}, REQ},
	{EvPick, []State{REQ}, ASS},
	{EvDial, []State{ASS}, CON},
	{EvUp, []State{CON}, EST},
	{EvFail, []State{ASS, CON}, CER},
	{EvPause, []State{CER}, TAR},
	{EvAgain, []State{CER, TAR}, ASS},
	{EvElse, []State{CER, TAR}, REQ},
	{EvGiveUp, []State{INI, REQ, TAR, CER}, CLO},
	{EvClose, []State{CON, EST}, DIS},
	{EvEnd, []State{DIS}, CLO},
}

const illegal = numStates

// next is transitions as a table.
var next = func() (t [numStates][numEvents]State) {
	for s := range t {
		for e := range t[s] {
			t[s][e] = illegal
		}
	}
	for _, tr := range transitions {
		for _, from := range tr.from {
			t[from][tr.on] = tr.to
		}
	}
	return t
}()

// Next returns the state after an event, and false if the event cannot happen
// in this state.
func Next(s State, e Event) (State, bool) {
	to := next[s][e]
	return to, to != illegal
}

// on takes the stream interface through one event.
func (si *StreamInterface) on(e Event) {
	to := next[si.state][e]
	if to == illegal {
		core.BugOn(true, "I43", "si", "event "+e.String()+" in state "+si.state.String())
	}
	si.state = to
}
