package properties

import (
	"millrace/core"
	"millrace/datalayer"
	"millrace/sim"
	"millrace/simfd"
	"millrace/streamif"
	"millrace/traces"
)

// peer is a client or a server's end of one connection: it follows a script and
// checks every byte it gets.
type peer struct {
	w      *World
	proc   sim.Proc
	sock   *simfd.Socket
	wire   wire
	script traces.Script
	pc     int
	label  uint32
	sends  uint32 // the stream it sends
	gets   stream // the stream it must get
	left   int64  // of the current act
	until  sim.Time
	sent   int64
	got    int64
	drip   int64 // bytes per millisecond, 0 = all there is
	next   sim.Time
	hold   bool
	began  bool // the current act
	fin    bool // it sent its FIN
	first  bool // before it got one
	eof    bool // it got one
	rst    bool // it got a RST, or was refused
	killed bool // it sent a RST
	done   bool
	client bool
}

// stream is what a peer must get: a payload, or what chargen makes.
type stream struct {
	id      uint32
	chargen bool
}

// match returns how many bytes of p are right at an offset.
func (s stream) match(offset int64, p []byte) int {
	if !s.chargen {
		return sim.Match(s.id, offset, p)
	}
	for i := range p {
		if p[i] != streamif.Char(offset+int64(i)) {
			return i
		}
	}
	return len(p)
}

// Ready implements simfd.Peer.
func (p *peer) Ready() {
	if !p.done {
		p.w.sim.Wake(&p.proc, p.w.sim.Now())
	}
}

// Run goes on with the script as far as possible.
func (p *peer) Run() {
	switch {
	case p.done:
		return
	case p.sock == nil: // a client's time to connect has come
		p.sock = p.w.kernel.Dial(p.label, p)
		p.connect(p.w.clientWire(p.label))
		return
	case p.sock.Failed():
		for p.wire.up && p.take(int64(len(p.w.scratch))) > 0 {
			// what came before the RST is still there
		}
		p.rst = true
		p.close(false)
		return
	case !p.sock.Connected():
		return
	}
	if p.proc.Agent.Choose(sim.OpPeerRst, 2) != 0 {
		p.close(true)
		return
	}
	if up, e := p.wire.ready(); !up {
		if e != 0 {
			p.rst = true
			p.close(p.wire.silent && p.wire.how == sim.OpShakeReset)
		}
		return
	}
	if p.wire.silent { // it only listens for the end
		for p.take(int64(len(p.w.scratch))) > 0 {
		}
		if p.eof || p.rst {
			p.close(false)
		}
		return
	}
	p.read()
	for !p.done && p.act() {
		p.pc++
		p.began = false
	}
}

// connect gives the peer's connection a beginning and an end of its own.
func (p *peer) connect(head []byte, c datalayer.Cipher, header bool) {
	p.wire = wire{w: p.w, label: p.label, sock: p.sock, agent: p.proc.Agent}
	for _, a := range p.script {
		p.wire.echoes = p.wire.echoes || a.Verb == traces.Echo
	}
	p.wire.lay(head, c, header)
}

// read takes what has come, unless the script says otherwise.
func (p *peer) read() {
	if p.hold || p.echoing() {
		return
	}
	limit := int64(1) << 40
	if p.drip > 0 {
		if p.w.sim.Now() < p.next {
			p.w.sim.Wake(&p.proc, p.next)
			return
		}
		limit = p.drip
	}
	for limit > 0 && p.take(min(limit, int64(len(p.w.scratch)))) > 0 {
		if p.drip > 0 {
			break
		}
	}
	if p.drip > 0 {
		p.next = p.w.sim.Now() + sim.Millisecond
		if in := p.sock.In(); !p.eof && !p.rst && (in.Readable() > 0 || in.FinIn() || p.wire.pending()) {
			p.w.sim.Wake(&p.proc, p.next)
		}
	}
}

func (p *peer) echoing() bool {
	return p.pc < len(p.script) && p.script[p.pc].Verb == traces.Echo
}

// take reads once and checks what it got.
func (p *peer) take(limit int64) int {
	if p.eof || p.rst {
		return 0
	}
	buf := p.w.scratch[:limit]
	n, e := p.wire.recv(buf)
	switch {
	case e == core.EAGAIN:
		return 0
	case e != 0:
		p.rst = true
		return 0
	case n == 0:
		p.eof = true
		return 0
	}
	if ok := p.gets.match(p.got, buf[:n]); ok < n && !p.w.out[p.label].Flipped {
		p.w.breach("I29", "peer", "%s got a wrong byte at offset %d", p.proc.Agent.Actor, p.got+int64(ok))
	}
	p.got += int64(n)
	return n
}

// act does what it can of the current act and reports whether it is done.
func (p *peer) act() bool {
	if p.rst {
		p.close(false)
		return false
	}
	if p.pc == len(p.script) {
		if p.eof || p.gets.chargen {
			p.leave() // nobody waits for the end of an endless stream
		}
		return false
	}
	a := p.script[p.pc]
	first := !p.began
	p.began = true
	switch a.Verb {
	case traces.Send:
		if first {
			p.left = a.N
		}
		return p.send()
	case traces.Recv:
		return p.got >= a.N || p.missed()
	case traces.EOF:
		return p.eof || p.gets.chargen && !p.fin
	case traces.ShutW:
		return p.shut()
	case traces.Close:
		p.leave()
		return false
	case traces.Reset:
		p.close(true)
		return false
	case traces.Wait:
		if first {
			p.until = p.w.sim.Now() + sim.Time(a.N)
		}
		if p.w.sim.Now() < p.until {
			p.w.sim.Wake(&p.proc, p.until)
			return false
		}
	case traces.Hold:
		p.hold = true
	case traces.Go:
		p.hold, p.drip = false, 0
		p.read()
	case traces.Drip:
		p.drip = a.N
	case traces.Urgent:
		p.sock.Urgent() // where it cannot be sent, it is not
	case traces.Echo:
		return p.echo()
	}
	return true
}

// missed gives up on bytes that cannot come any more.
func (p *peer) missed() bool {
	if p.eof {
		p.leave()
	}
	return false
}

func (p *peer) send() bool {
	for p.left > 0 {
		if p.fin {
			return true
		}
		n, e := p.wire.send(sim.Payload(p.sends, p.sent, int(min(p.left, 1<<16))))
		if e == core.EAGAIN {
			return false
		}
		if e != 0 {
			p.rst = true
			p.close(false)
			return false
		}
		p.sent += int64(n)
		p.left -= int64(n)
	}
	return true
}

// echo sends back what it gets, reading no more than it can send.
func (p *peer) echo() bool {
	for {
		room := min(p.sock.Out().Free(), len(p.w.scratch))
		if p.wire.cipher != nil && p.wire.flush() == 0 && p.wire.room() {
			room = len(p.w.scratch) // it takes whatever it is given
		} else if p.wire.cipher != nil {
			return false // and the flush is told when there is room
		}
		if room == 0 {
			p.sock.Send(p.w.scratch[:1], false) // to be told when there is some
			return false
		}
		n := p.take(int64(room))
		if n == 0 {
			if p.rst {
				p.close(false)
			}
			return p.eof
		}
		k, e := p.wire.send(p.w.scratch[:n])
		if e != 0 || k < n {
			p.rst = true
			p.close(false)
			return false
		}
		p.sent += int64(k)
	}
}

// shut half-closes, once everything that is queued has left.
func (p *peer) shut() bool {
	if !p.fin && !p.wire.goodbye() {
		return false
	}
	if !p.fin {
		p.fin, p.first = true, !p.eof
		if !p.wire.silent {
			p.sock.ShutW()
		}
	}
	return true
}

// leave closes, once everything that is queued has left.
func (p *peer) leave() {
	if p.fin || p.rst || p.wire.goodbye() {
		p.close(false)
	}
}

func (p *peer) close(rst bool) {
	if p.done {
		return
	}
	p.done = true
	p.killed = rst
	if !p.fin && !rst && !p.rst {
		p.fin, p.first = true, !p.eof
	}
	p.sock.Close(rst)
	p.wire.free()
	p.w.sim.Cancel(&p.proc)
}
