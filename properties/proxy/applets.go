package proxy

import "millrace/streamif"

// watchedMaker counts what it makes: each applet has one session, and is told of its
// end, once.
type watchedMaker struct {
	streamif.Maker
	w *run
}

// New implements streamif.Maker.
func (m *watchedMaker) New(s *streamif.Session) streamif.Applet {
	m.w.applets++
	return &watchedApplet{Applet: m.Maker.New(s), w: m.w, s: s, label: s.Peer().Label}
}

type watchedApplet struct {
	streamif.Applet
	w     *run
	s     *streamif.Session
	label uint32
	over  bool
}

// Run implements streamif.Applet.
func (a *watchedApplet) Run(si *streamif.StreamInterface) {
	if a.over {
		a.w.Breach("I69", "applet", "session %d: its applet runs after its end", a.label)
	}
	a.Applet.Run(si)
	a.offers(si)
}

// End implements streamif.Applet.
func (a *watchedApplet) End(s *streamif.Session) {
	if a.over || s.Peer().Label != a.label {
		a.w.Breach("I69", "applet", "the applet of session %d is told of the end of session %d, and was told before: %v",
			a.label, s.Peer().Label, a.over)
	}
	a.over = true
	a.w.applets--
	a.Applet.End(s)
}

// offers checks that what an applet sees in pieces is all there is: of its output, and of the room
// for its input, where there is a buffer.
func (a *watchedApplet) offers(si *streamif.StreamInterface) {
	out, in := a.s.Req(), a.s.Rep()
	if n := len(si.Output()) + len(si.OutputRest()); n != out.Buf().Out() {
		a.w.Breach("I37", "applet", "session %d: its applet is shown %d bytes of %d", a.label, n, out.Buf().Out())
	}
	if !in.Buf().Allocated() || si.SpaceShut() {
		return
	}
	if n := len(in.Buf().Room(in.Room())) + len(si.SpaceRest()); n != in.Room() {
		a.w.Breach("I37", "applet", "session %d: its applet is offered room for %d bytes, and there is some for %d", a.label, n, in.Room())
	}
}
