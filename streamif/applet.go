package streamif

// Applet is an endpoint without a connection: it consumes its stream
// interface's output and produces its input, in place. It may keep what it likes
// from one run to the next: there is one for each session.
type Applet interface {
	// Run is called from the session, whenever there may be something to do.
	Run(si *StreamInterface)
	// End is called once when the session is over, however it ended, and then
	// nothing more. s is valid during the call, to be looked at only; what the
	// applet did not take is lost.
	End(s *Session)
}

// Maker makes the applets of a proxy's sessions.
type Maker interface {
	// New returns the applet of a session, right before its first run: its client
	// is through all handshakes, and s can tell who it is. s is to be looked at
	// only, and may be kept until End. Whether New allocates is its own affair.
	New(s *Session) Applet
}

// Output returns the oldest bytes meant for the applet; empty if there are none.
// They are one piece of a ring: what is behind its end is OutputRest.
func (si *StreamInterface) Output() []byte {
	if !si.out().buf.Allocated() {
		return nil
	}
	return si.out().buf.Output()
}

// OutputRest returns the bytes that follow those of Output, without taking any:
// for an applet that has to see more than the first piece to decide. With Output it
// is all there is so far. Empty if there are no others.
func (si *StreamInterface) OutputRest() []byte {
	if !si.out().buf.Allocated() {
		return nil
	}
	return si.out().buf.OutputRest()
}

// Consumed says that the applet is done with the first n bytes of Output and
// OutputRest.
func (si *StreamInterface) Consumed(n int) {
	if n > 0 {
		si.out().buf.Drop(n)
		si.out().gone(n)
	}
}

// Space returns where the applet may write its next bytes; empty if it must
// wait until it is run again. It is one piece of a ring: where it goes on is
// SpaceRest.
func (si *StreamInterface) Space() []byte {
	in := si.in()
	if in.flags.Any(ShutR) || !in.acquire() {
		return nil
	}
	in.flags &^= Granted
	return in.buf.Room(in.Room())
}

// SpaceRest returns where the applet may write on once it has filled what Space
// returned last, without saying so in between. Empty if that was all.
func (si *StreamInterface) SpaceRest() []byte {
	in := si.in()
	if in.flags.Any(ShutR) || !in.buf.Allocated() {
		return nil
	}
	return in.buf.RoomRest(in.Room())
}

// Produced says that the applet wrote n bytes at the start of Space and SpaceRest.
func (si *StreamInterface) Produced(n int) {
	if n > 0 {
		si.in().buf.Append(n)
		si.in().received(n)
	}
}

// OutputShut says that no more Output will come.
func (si *StreamInterface) OutputShut() bool { return si.out().flags.Any(ShutW) }

// SpaceShut says that nobody wants what the applet produces any more.
func (si *StreamInterface) SpaceShut() bool { return si.in().flags.Any(ShutR) }

// Finish ends the applet's stream: what it produced so far is all. To what was cut
// short there is no complete answer.
func (si *StreamInterface) Finish() {
	if si.out().flags.Any(Truncated) {
		si.in().flags |= Truncated
	}
	si.read0()
}

// runApplet gives the applet its turn and tells the other side what it did.
func (si *StreamInterface) runApplet() {
	if !si.IsApplet() || si.state != EST {
		return
	}
	a := si.s.setAside()
	if a.applet == nil {
		a.applet = si.s.proxy.cfg.Applet.New(si.s)
	}
	si.flags &^= SIRead | SIWrote
	a.applet.Run(si)
	si.in().giveBack()
	moved := si.flags & (SIRead | SIWrote)
	si.flags &^= SIRead | SIWrote
	if moved == 0 {
		si.arm()
		return
	}
	if moved.Any(SIWrote) {
		si.out().prod().chkRcv()
	}
	if moved.Any(SIRead) {
		si.in().cons().chkSnd()
	}
	si.arm()
	si.s.wake() // until it moves no more
}

// endApplet tells the applet, if one was made, that its session is over.
func (s *Session) endApplet() {
	if a := s.aside; a != nil && a.applet != nil {
		applet := a.applet
		a.applet = nil
		applet.End(s)
	}
}

// Echo sends back whatever it gets. It remembers nothing, so that one value serves
// all sessions.
type Echo struct{}

// New implements Maker.
func (e Echo) New(*Session) Applet { return e }

// End has nothing to give back.
func (Echo) End(*Session) {}

// Run moves what fits. An echo that nobody wants swallows the rest: waiting for
// space that never comes would keep the session for ever.
func (Echo) Run(si *StreamInterface) {
	if si.SpaceShut() {
		Discard{}.Run(si)
		return
	}
	for len(si.Output()) > 0 {
		n := copy(si.Space(), si.Output())
		if n == 0 {
			return
		}
		si.Produced(n)
		si.Consumed(n)
	}
	if si.OutputShut() {
		si.Finish()
	}
}

// Discard swallows whatever it gets.
type Discard struct{}

// New implements Maker.
func (d Discard) New(*Session) Applet { return d }

// End has nothing to give back.
func (Discard) End(*Session) {}

// Run drops all there is.
func (Discard) Run(si *StreamInterface) {
	for len(si.Output()) > 0 {
		si.Consumed(len(si.Output()))
	}
	if si.OutputShut() {
		si.Finish()
	}
}

// Chargen sends characters for as long as its client takes them and does not
// half-close, and swallows what it gets.
type Chargen struct{}

// New implements Maker.
func (c Chargen) New(*Session) Applet { return c }

// End has nothing to give back.
func (Chargen) End(*Session) {}

// Chars is the length of what Chargen repeats.
const Chars = '~' - ' ' + 1

// Char is the byte that Chargen sends at an offset.
func Char(offset int64) byte { return ' ' + byte(uint64(offset)%Chars) }

// Run fills the space there is.
func (Chargen) Run(si *StreamInterface) {
	Discard{}.Run(si)
	for p := si.Space(); len(p) > 0; p = si.Space() {
		offset, _ := si.in().Bytes()
		c := Char(offset)
		for i := range p {
			p[i] = c
			if c++; c > '~' {
				c = ' '
			}
		}
		si.Produced(len(p))
		if si.in().Blocked() {
			return
		}
	}
}
