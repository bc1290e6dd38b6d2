package properties

import (
	"fmt"
	"strings"

	"millrace/sim"
)

// Outcome is how a session ended for its two peers.
type Outcome struct {
	// Up and Down are bytes the peers sent and got: client to server and back.
	UpSent, UpGot, DownSent, DownGot int64
	// How the streams ended for the client and for the last server's end.
	ClientEOF, ClientRst, ServerEOF, ServerRst bool
	// Flipped says that a bit of a peer's handshake was turned on its way: what
	// came through may be anything.
	Flipped bool
}

// String prints what two equivalent runs must agree on.
func (o Outcome) String() string {
	return fmt.Sprintf("up %d/%d down %d/%d client eof=%v rst=%v server eof=%v rst=%v",
		o.UpGot, o.UpSent, o.DownGot, o.DownSent, o.ClientEOF, o.ClientRst, o.ServerEOF, o.ServerRst)
}

// Outcomes returns how every session ended. The slice is the world's own.
func (w *World) Outcomes() []Outcome {
	for i := range w.clients {
		c, o := &w.clients[i], &w.out[i]
		o.UpSent, o.DownGot, o.ClientEOF, o.ClientRst = c.Sent, c.Got, c.EOF, c.Rst
	}
	for _, s := range w.servers {
		o := &w.out[s.Label]
		o.DownSent, o.UpGot, o.ServerEOF, o.ServerRst = s.Sent, s.Got, s.EOF, s.Rst
	}
	return w.out
}

// Story prints how a session ended: what the program says of it, and what its peers saw.
func (w *World) Story(label int) string {
	return strings.TrimPrefix(w.told(label)+" "+w.Outcomes()[label].String(), " ")
}

// told is what the program says of the end of a session, "" if nothing.
func (w *World) told(label int) string {
	if p, ok := w.Holder(label).prog.(Teller); ok && !w.kernel.Lost(uint32(label)) {
		return p.Tell(label)
	}
	return ""
}

// Failure is a broken property.
type Failure struct {
	ID    string // the invariant's
	Where string // layer and abstract state: with ID the failure's identity
	What  string // one sentence with the values
	At    sim.Time
}

// Identity is what makes two failures the same.
func (f *Failure) Identity() string { return f.ID + " " + f.Where }

// String prints the failure as the fail line of a trace does.
func (f *Failure) String() string { return f.Identity() + ": " + f.What }

// Line is the same on one line, and not too long: the explanation of a panic is a stack.
func (f *Failure) Line() string { return oneLine(f.String()) }
