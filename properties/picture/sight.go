package picture

import (
	"fmt"

	"millrace/properties"
	"millrace/sim"
)

// sight is what there is to see of a session: its peers, the kernel's sockets, and what the
// program says of it.
func (v *viewer) sight(label int) (lines []string) {
	c := &v.w.Clients()[label]
	lines = append(lines, peerLine("client", c))
	var last *properties.Peer
	for p := range v.w.EndsOf(label) {
		last = p
	}
	if last != nil {
		lines = append(lines, peerLine("server", last))
	}
	lines = v.socket(lines, "front", sim.Front, c)
	lines = v.socket(lines, "back", sim.Back, last)
	if view, can := v.w.Program().(properties.Viewer); can {
		for _, n := range view.View(label) {
			lines = append(lines, n.Name+": "+n.Value)
		}
	}
	return lines
}

// peerLine is how far a peer has got.
func peerLine(name string, p *properties.Peer) string {
	if p.Sock == nil {
		return name + ": has not come"
	}
	at, act := p.Position()
	if act == "" {
		act = "the end"
	}
	line := fmt.Sprintf("%s: at %s (act %d), sent %d, got %d", name, act, at+1, p.Sent, p.Got)
	for _, flag := range [...]struct {
		is   bool
		text string
	}{
		{p.Hold, "reads nothing"}, {p.Fin, "sent FIN"}, {p.EOF, "got FIN"},
		{p.Killed, "sent RST"}, {p.Rst, "got RST"}, {p.Done, "closed"},
	} {
		if flag.is {
			line += ", " + flag.text
		}
	}
	return line
}

// socket adds the kernel's side of one connection, which is the other end of a peer's.
func (v *viewer) socket(lines []string, side string, kind sim.Actor, p *properties.Peer) []string {
	if p == nil || p.Sock == nil {
		return lines
	}
	s := p.Sock.Other()
	line := fmt.Sprintf("%s kernel: %s, recv-q %d, send-q %d", side, s.State(), s.In().Readable(), s.Out().Untaken())
	if num := int(s.Numbers()[0]); num >= 0 {
		line += fmt.Sprintf(", fd %d is %s", num, v.w.Kernel().Events(num))
	}
	lines = append(lines, line)
	if _, says := v.w.Program().(properties.Viewer); says {
		return lines // by itself, and what it believes
	}
	if w, known := v.asked[kind|sim.Actor(p.Label)]; known {
		lines = append(lines, side+" polled: "+w.String())
	}
	return lines
}
