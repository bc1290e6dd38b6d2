package properties

import "millrace/core"

// Wire is what lies between a peer and its socket: nothing, or handshakes that come
// before the data, and a cipher around it. Whoever has one makes it (see Wirer), and it
// goes wrong there. A wire uses its peer's socket, and makes its peer's choices.
type Wire interface {
	// Ready goes on with what comes before the data, and says whether that may flow. An
	// error says that it never will.
	Ready() (bool, core.Errno)
	// Up says that data may flow, without going on.
	Up() bool
	// Silent: the peer says no more, and only listens for the end. Torn: with an error
	// of Ready, which the peer itself made, so that it closes with a RST.
	Silent() bool
	Torn() bool
	// Recv and Send are a socket's.
	Recv(p []byte) (int, core.Errno)
	Send(p []byte) (int, core.Errno)
	// Room is how much Send takes now. If that is nothing, the peer is told when it is
	// more.
	Room() int
	// Pending says that there may be something to read without the socket saying so.
	Pending() bool
	// Goodbye sends the end of the stream that the layer has, once, and says whether the
	// FIN may follow.
	Goodbye() bool
	// Ended says that the peer ended its stream, as far as there is more to that than a
	// FIN. Short: the other end's FIN came without that.
	Ended() bool
	Short() bool
	// Free ends the wire's life. It may be called twice.
	Free()
}

// bare is a wire that is a socket and nothing else.
type bare struct{ p *Peer }

func (x *bare) Ready() (bool, core.Errno)       { return true, 0 }
func (x *bare) Up() bool                        { return true }
func (x *bare) Silent() bool                    { return false }
func (x *bare) Torn() bool                      { return false }
func (x *bare) Recv(b []byte) (int, core.Errno) { return x.p.Sock.Recv(b) }
func (x *bare) Send(b []byte) (int, core.Errno) { return x.p.Sock.Send(b, false) }
func (x *bare) Pending() bool                   { return false }
func (x *bare) Goodbye() bool                   { return true }
func (x *bare) Ended() bool                     { return x.p.Fin }
func (x *bare) Short() bool                     { return false }
func (x *bare) Free()                           {}
func (x *bare) Room() int                       { return RoomOf(x.p) }

// RoomOf is Wire.Room of a wire that sends as it is.
func RoomOf(p *Peer) int {
	room := p.Sock.Out().Free()
	if room == 0 {
		p.Sock.Send(p.w.scratch[:1], false) // to be told when there is some
	}
	return room
}
