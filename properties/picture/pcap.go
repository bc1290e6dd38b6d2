package picture

import (
	"io"
	"strings"

	"millrace/sim"
)

// pcap prints what clients and servers exchanged with the program as a capture of packets,
// that tools for captures read: one IPv4 flow for each connection, with a handshake, bytes
// (which are all zero), an acknowledgement when they arrive, FIN and RST.
//
//	client of session n   10.1.x.y   n = 256*x + y
//	the program           10.0.0.1
//	server of session n   10.2.x.y
//
// Headers are made up, lengths and times are not: in a run that was simulated bytes are there
// when they arrive, in a recording when the program gets or gives them. Accidents are comments
// on the next packet of their session, the rule that broke is one on the capture.
func (p *Picture) pcap(out io.Writer) error {
	c := capture{flows: map[lineOf]*flow{}, said: map[int][]string{}}
	for _, e := range p.Events {
		c.event(e, p.place(Client) != p.place(Session))
	}
	head := []string{p.Title + ", a run of " + p.Program}
	for _, l := range [...]string{p.Rule, p.What, p.Says} {
		if l != "" {
			head = append(head, l)
		}
	}
	if p.Cut > 0 {
		head = append(head, "events are left out in front")
	}
	return c.write(out, clean(strings.Join(head, "; ")))
}

// lineOf is which connection of a session.
type lineOf struct {
	label int
	back  bool
}

// flow is one connection as packets see it. Direction 0 is that of who asked for it.
type flow struct {
	lineOf
	nth   int // of its line: a session may connect again
	up    bool
	over  bool // it was reset: what comes belongs to nobody
	seq   [2]uint32
	ended [2]bool
}

// The flags of TCP that are used.
const (
	tcpFin = 1 << iota
	tcpSyn
	tcpRst
	tcpPsh
	tcpAck
)

// packet is one, whose payload is zeros.
type packet struct {
	at       sim.Time
	on       lineOf
	nth      int
	dir      int
	flags    byte
	seq, ack uint32
	payload  int
	comment  string
}

// capture collects packets.
type capture struct {
	flows   map[lineOf]*flow
	packets []packet
	said    map[int][]string // comments, for the next packet of a session
}

// event makes packets of what happens between the lanes of a peer and of its socket: of the
// wire where peers are seen, else of socket and program.
func (c *capture) event(e Event, wire bool) {
	if e.Kind == Accident {
		c.said[e.Label] = append(c.said[e.Label], e.Text)
	}
	far := [2]Lane{Front, Back}
	if wire {
		far = [2]Lane{Client, Server}
	}
	on := lineOf{e.Label, e.To == far[1] || e.From == far[1]}
	inward := e.From == far[0] || e.From == far[1]
	if e.Label == nobody || e.From == e.To || !inward && e.To != far[0] && e.To != far[1] {
		return
	}
	if wire == (e.From == Session || e.To == Session) {
		return // of the program's calls and the wire's news, one tells the story
	}
	dir := 0
	if inward == on.back {
		dir = 1
	}
	c.moved(e, c.flow(on, e.Kind == Open && wire), dir)
}

// flow returns the connection that is there now, or the next one.
func (c *capture) flow(on lineOf, anew bool) *flow {
	f := c.flows[on]
	switch {
	case f == nil:
		f = &flow{lineOf: on}
	case anew || f.over || f.ended[0] && f.ended[1]:
		f = &flow{lineOf: on, nth: f.nth + 1}
	}
	c.flows[on] = f
	return f
}

// moved makes packets of what goes one way.
func (c *capture) moved(e Event, f *flow, dir int) {
	back := 1 - dir
	switch e.Kind {
	case Open:
		if f.seq[0] == 0 {
			c.packet(e.At, f, 0, tcpSyn, 1)
		} else if !f.ended[0] {
			c.established(e.At, f)
		}
	case Bytes, Fin:
		if f.ended[dir] || e.Kind == Bytes && e.N == 0 {
			return
		}
		if f.seq[0] == 0 && f.seq[1] == 0 { // it began before the capture did
			f.seq, f.up = [2]uint32{1, 1}, true
		}
		c.established(e.At, f)
		const most = 1 << 15
		for n := e.N; n > 0; n -= most {
			c.packet(e.At, f, dir, tcpPsh|tcpAck, int(min(n, most)))
		}
		if e.Kind == Fin {
			f.ended[dir] = true
			c.packet(e.At, f, dir, tcpFin|tcpAck, 1)
		}
		c.packet(e.At, f, back, tcpAck, 0)
	case Rst:
		if !f.over {
			f.over = true
			c.packet(e.At, f, dir, tcpRst|tcpAck, 0)
		}
	}
}

// established completes the handshake.
func (c *capture) established(at sim.Time, f *flow) {
	if !f.up {
		f.up = true
		c.packet(at, f, 1, tcpSyn|tcpAck, 1)
		c.packet(at, f, 0, tcpAck, 0)
	}
}

// packet adds one that takes some of its direction's numbers: its payload, or one for SYN or FIN.
func (c *capture) packet(at sim.Time, f *flow, dir int, flags byte, takes int) {
	p := packet{at: at, on: f.lineOf, nth: f.nth, dir: dir, flags: flags, seq: f.seq[dir]}
	if flags&tcpAck != 0 {
		p.ack = f.seq[1-dir]
	}
	if flags&(tcpSyn|tcpFin) == 0 {
		p.payload = takes
	}
	f.seq[dir] += uint32(takes)
	p.comment = strings.Join(c.said[f.label], "; ")
	delete(c.said, f.label)
	c.packets = append(c.packets, p)
}
