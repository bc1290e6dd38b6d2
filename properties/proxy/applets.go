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
	return &watchedApplet{Applet: m.Maker.New(s), w: m.w, label: s.Peer().Label}
}

type watchedApplet struct {
	streamif.Applet
	w     *run
	label uint32
	over  bool
}

// Run implements streamif.Applet.
func (a *watchedApplet) Run(si *streamif.StreamInterface) {
	if a.over {
		a.w.Breach("I69", "applet", "session %d: its applet runs after its end", a.label)
	}
	a.Applet.Run(si)
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
