package picture

import (
	"fmt"
	"strings"

	"millrace/core"
	"millrace/properties"
	"millrace/sim"
	"millrace/traces"
)

// Simulated runs a trace again and draws what happens, with its end: the rule that breaks,
// if one does. title is what the reader calls the trace.
func Simulated(t *traces.Trace, title string) *Picture { return &watched(t, title).Picture }

// watched runs a trace with a viewer.
func watched(t *traces.Trace, title string) *viewer {
	w := properties.WorldOf(t)
	v := &viewer{w: w, asked: map[sim.Actor]core.Wish{}}
	v.begin(t, title)
	v.Lanes = []Lane{Client, Front, Session, Poller}
	if p := properties.Lookup(t.Program); p.Servers || p.Dials {
		v.Lanes = []Lane{Client, Front, Session, Back, Server, Poller}
	}
	w.Replay(t, properties.Options{Record: 1, Watch: v})
	v.Stepped()
	v.trim()
	return v
}

// viewer watches a world. What peers and streams did shows in what they are: it
// remembers what they were.
type viewer struct {
	gather
	w       *properties.World
	asked   map[sim.Actor]core.Wish // of the poller
	clients []seen
	servers []seen
	text    string // that the call moves which comes next
	over    bool   // something broke: what comes is how a run is cleared away
}

// seen is what a peer's end was like when it was last looked at.
type seen struct {
	sent                 int64
	arrived, came        int64 // at the program, and at the peer
	there, up            bool
	fin, rst, eof, done  bool
	finThere, rstArrived bool
}

var (
	_ properties.Watcher  = (*viewer)(nil)
	_ properties.Listener = (*viewer)(nil)
)

func (v *viewer) now() sim.Time { return v.w.Sim().Now() - sim.Epoch }

// Decided implements properties.Watcher.
func (v *viewer) Decided(d sim.Decision) {
	if v.broke() {
		return
	}
	kind := Choice
	if d.Op.Fault() {
		kind = Accident
	}
	lane := laneOf(d.Actor)
	v.at(Event{From: lane, To: lane, Label: labelOf(d.Actor), Kind: kind, Text: strings.TrimSpace(traces.Line(d))})
}

// Moved implements properties.Listener.
func (v *viewer) Moved(text string) { v.text = text }

// Called implements properties.Watcher.
func (v *viewer) Called(s traces.Step) {
	if v.broke() {
		return
	}
	e := ofStep(s, 0)
	e.Text += v.text
	polled(v.asked, s)
	if e.Label != nobody {
		v.session(e.Label)
	}
	v.at(e)
}

// Stepped implements properties.Watcher.
func (v *viewer) Stepped() {
	if !v.broke() {
		v.look()
	}
}

// broke says that a rule broke, and draws that if it is news.
func (v *viewer) broke() bool {
	f := v.w.Failed()
	if f == nil || v.over {
		return v.over
	}
	v.over = true
	v.look()
	lane := laneOf(v.w.Sim().Running())
	if lane != Client && lane != Server { // a delivery breaks nothing
		lane = Session
	}
	v.fail(f.Line(), properties.Invariant(f.ID), lane, v.now())
	return true
}

// look looks at whom the last step may have changed.
func (v *viewer) look() { v.session(labelOf(v.w.Sim().Running())) }

// at adds what happens now, with the state of its session.
func (v *viewer) at(e Event) {
	e.At, e.State = v.now(), -1
	if e.Label >= 0 && e.Label < len(v.w.Clients()) {
		e.State = v.state(v.sight(e.Label))
	}
	v.add(e)
}

// session looks at what became of a session's peers, or of everybody if it is nobody's.
func (v *viewer) session(label int) {
	clients, servers := v.w.Clients(), v.w.ServerEnds()
	for len(v.clients) < len(clients) {
		v.clients = append(v.clients, seen{})
	}
	for len(v.servers) < len(servers) {
		v.servers = append(v.servers, seen{})
	}
	for i := range clients {
		if label == nobody || i == label {
			v.peer(&clients[i], &v.clients[i], Client, Front)
		}
	}
	for i, p := range servers {
		if label == nobody || int(p.Label) == label {
			v.peer(p, &v.servers[i], Server, Back)
		}
	}
}

// peer adds what became of one peer, and of the streams to it and from it.
func (v *viewer) peer(p *properties.Peer, was *seen, far, near Lane) {
	if p.Sock == nil {
		return
	}
	who, label := p.Agent().Actor.String(), int(p.Label)
	moves := func(from, to Lane, k Kind, n int64, text string) {
		v.at(Event{From: from, To: to, Label: label, Kind: k, N: n, Text: who + " " + text})
	}
	add := func(from, to Lane, k Kind, text string) { moves(from, to, k, 0, text) }
	once := func(was *bool, is bool, from, to Lane, k Kind, text string) {
		if is && !*was {
			*was = true
			add(from, to, k, text)
		}
	}
	out, in, near0 := p.Sock.Out(), p.Sock.In(), p.Sock.Other()
	if far == Client {
		once(&was.there, true, far, near, Open, "connects")
	} else {
		once(&was.there, true, near, far, Open, "is connected to")
	}
	if n := p.Sent - was.sent; n > 0 {
		was.sent = p.Sent
		add(far, far, Deed, fmt.Sprintf("sends %d", n))
	}
	once(&was.fin, p.Fin, far, far, Fin, "sends FIN")
	once(&was.rst, p.Killed, far, far, Rst, "sends RST")
	if now := out.Read() + int64(out.Unread()); now > was.arrived {
		moves(far, near, Bytes, now-was.arrived, fmt.Sprintf("%d bytes arrive", now-was.arrived))
		was.arrived = now
	}
	once(&was.finThere, out.FinIn(), far, near, Fin, "FIN arrives")
	once(&was.rstArrived, p.Killed && near0.Failed(), far, near, Rst, "RST arrives")
	if now := in.Read() + int64(in.Unread()); now > was.came {
		moves(near, far, Bytes, now-was.came, fmt.Sprintf("gets %d bytes", now-was.came))
		was.came = now
	}
	once(&was.eof, in.FinIn(), near, far, Fin, "gets FIN")
	once(&was.up, p.Rst || p.Sock.Failed(), near, far, Rst, "gets RST")
	once(&was.done, p.Done, far, far, Deed, "is done")
}
