package properties

import (
	"bytes"

	"millrace/core"
	"millrace/sim"
	"millrace/simfd"
	"millrace/traces"
)

// Peer is a client or a server's end of one connection: it follows a script and
// checks every byte it gets. Its exported fields are for programs to look at, and not
// to be changed.
type Peer struct {
	w      *World
	proc   sim.Proc
	Sock   *simfd.Socket
	wire   Wire
	bare   bare // the wire, if there is nothing special
	Script traces.Script
	pc     int
	Label  uint32 // of the session
	sends  uint32 // the stream it sends
	gets   Stream // what it must get
	left   int64  // of the current act
	until  sim.Time
	Sent   int64
	Got    int64
	drip   int64 // bytes per millisecond, 0 = all there is
	next   sim.Time
	Hold   bool // it reads nothing
	began  bool // the current act
	Fin    bool // it sent its FIN
	First  bool // before it got one
	EOF    bool // it got one
	Rst    bool // it got a RST, or was refused
	Killed bool // it sent a RST
	Done   bool // it closed
	doneAt sim.Time
	heard  []byte // and not yet expected, if it expects anything
	deed   *Conn  // that is not done
	Missed string // what it expected, and will not hear
	extra  []byte // what it heard, and did not expect
	doubt  string // see Conn.Doubtf
	Client bool
	beside *Peer // the next of its session's servers' ends
}

// Agent returns the actor that makes the peer's choices.
func (p *Peer) Agent() *sim.Agent { return p.proc.Agent }

// Gone returns when the peer closed its end; 0 if it has not.
func (p *Peer) Gone() sim.Time { return p.doneAt }

// Wire returns what lies between the peer and its socket.
func (p *Peer) Wire() Wire { return p.wire }

func (p *Peer) free() {
	if p.deed != nil {
		deed := p.deed
		p.deed = nil
		deed.stop()
	}
	if p.wire != nil {
		p.wire.Free()
	}
}

// Ready implements simfd.Peer.
func (p *Peer) Ready() {
	if !p.Done {
		p.w.sim.Wake(&p.proc, p.w.sim.Now())
	}
}

// Run goes on with the script as far as possible.
func (p *Peer) Run() {
	switch {
	case p.Done:
		return
	case p.Sock == nil: // a client's time to connect has come
		p.Sock = p.w.kernel.Dial(p.Label, p)
		p.connect()
		return
	case p.Sock.Failed():
		for p.wire.Up() && p.take(int64(len(p.w.scratch))) > 0 {
			// what came before the RST is still there
		}
		p.Rst = true
		p.close(false)
		return
	case !p.Sock.Connected():
		return
	}
	if p.proc.Agent.Choose(sim.OpPeerRst, 2) != 0 {
		p.close(true)
		return
	}
	if p.proc.Agent.Choose(sim.OpRebooted, 2) != 0 {
		p.over(true)
		p.Sock.Vanish()
		return
	}
	if up, e := p.wire.Ready(); !up {
		if e != 0 {
			p.Rst = true
			p.close(p.wire.Torn())
		}
		return
	}
	if p.wire.Silent() { // it only listens for the end
		for p.take(int64(len(p.w.scratch))) > 0 {
		}
		if p.EOF || p.Rst {
			p.close(false)
		}
		return
	}
	p.read()
	for !p.Done && p.act() {
		p.pc++
		p.began = false
	}
}

// connect gives the peer's connection what lies between.
func (p *Peer) connect() {
	if prog, ok := p.w.prog.(Wirer); ok {
		p.wire = prog.Wire(p)
		return
	}
	p.bare.p = p
	p.wire = &p.bare
}

// read takes what has come, unless the script says otherwise.
func (p *Peer) read() {
	if p.Hold || p.echoing() {
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
		if in := p.Sock.In(); !p.EOF && !p.Rst && (in.Readable() > 0 || in.FinIn() || p.wire.Pending()) {
			p.w.sim.Wake(&p.proc, p.next)
		}
	}
}

func (p *Peer) echoing() bool {
	return p.pc < len(p.Script) && p.Script[p.pc].Verb == traces.Echo
}

// take reads once and checks what it got.
func (p *Peer) take(limit int64) int {
	if p.EOF || p.Rst {
		return 0
	}
	buf := p.w.scratch[:limit]
	n, e := p.wire.Recv(buf)
	switch {
	case e == core.EAGAIN:
		return 0
	case e != 0:
		p.Rst = true
		return 0
	case n == 0:
		p.EOF = true
		return 0
	}
	if ok := p.gets.match(p.Got, buf[:n]); ok < n && !p.w.out[p.Label].Flipped {
		p.w.Breach("I29", "peer", "%s got a wrong byte at offset %d", p.proc.Agent.Actor, p.Got+int64(ok))
	}
	p.Got += int64(n)
	if p.expects() {
		p.heard = append(p.heard, buf[:n]...)
	}
	return n
}

// expects says whether anything is left in the script that the peer has to hear.
func (p *Peer) expects() bool {
	return p.Script[min(p.pc, len(p.Script)):].Has(traces.Expect, traces.Do, traces.Quiet)
}

// expect looks for a text in what was heard.
func (p *Peer) expect(text string) bool {
	if i := bytes.Index(p.heard, []byte(text)); i >= 0 {
		p.heard = p.heard[i+len(text):]
		return true
	}
	if p.EOF || p.Rst {
		p.Missed = text
		p.leave()
	}
	return false
}

// act does what it can of the current act and reports whether it is done.
func (p *Peer) act() bool {
	if p.Rst {
		p.close(false)
		return false
	}
	if p.pc == len(p.Script) {
		if p.EOF || p.gets.Endless {
			p.leave() // nobody waits for the end of an endless stream
		}
		return false
	}
	a := p.Script[p.pc]
	first := !p.began
	p.began = true
	switch a.Verb {
	case traces.Send:
		if first {
			p.left = a.N
		}
		return p.send()
	case traces.Say:
		if first {
			p.left = int64(len(a.Text))
		}
		return p.say(a.Text)
	case traces.Expect:
		return p.expect(a.Text)
	case traces.Do:
		return p.do(a.Text)
	case traces.Quiet:
		p.extra = append(p.extra, p.heard...)
		p.heard = p.heard[:0]
	case traces.Recv:
		return p.Got >= a.N || p.missed()
	case traces.EOF:
		return p.EOF || p.gets.Endless && !p.Fin
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
		p.Hold = true
	case traces.Go:
		p.Hold, p.drip = false, 0
		p.read()
	case traces.Drip:
		p.drip = a.N
	case traces.Urgent:
		if !p.Sock.Out().Marked() { // that byte would be one like any other
			p.Sock.Urgent('!') // where it cannot be sent, it is not
		}
	case traces.Echo:
		return p.echo()
	}
	return true
}

// missed gives up on bytes that cannot come any more.
func (p *Peer) missed() bool {
	if p.EOF {
		p.leave()
	}
	return false
}

func (p *Peer) send() bool {
	return p.put(func() []byte { return sim.Payload(p.sends, p.Sent, int(min(p.left, 1<<16))) })
}

func (p *Peer) say(text string) bool {
	return p.put(func() []byte { return []byte(text[len(text)-int(p.left):]) })
}

// put sends what is left of an act.
func (p *Peer) put(next func() []byte) bool {
	for p.left > 0 {
		if p.Fin {
			return true
		}
		n, e := p.wire.Send(next())
		if e == core.EAGAIN {
			return false
		}
		if e != 0 {
			p.Rst = true
			p.close(false)
			return false
		}
		p.Sent += int64(n)
		p.left -= int64(n)
	}
	return true
}

// echo sends back what it gets, reading no more than it can send.
func (p *Peer) echo() bool {
	for {
		room := min(p.wire.Room(), len(p.w.scratch))
		if room == 0 {
			return false
		}
		n := p.take(int64(room))
		if n == 0 {
			if p.Rst {
				p.close(false)
			}
			return p.EOF
		}
		k, e := p.wire.Send(p.w.scratch[:n])
		if e != 0 || k < n {
			p.Rst = true
			p.close(false)
			return false
		}
		p.Sent += int64(k)
	}
}

// shut half-closes, once everything that is queued has left.
func (p *Peer) shut() bool {
	if !p.Fin && !p.wire.Goodbye() {
		return false
	}
	if !p.Fin {
		p.Fin, p.First = true, !p.EOF
		if !p.wire.Silent() {
			p.Sock.ShutW()
		}
	}
	return true
}

// leave closes, once everything that is queued has left.
func (p *Peer) leave() {
	if p.Fin || p.Rst || p.wire.Goodbye() {
		p.close(false)
	}
}

func (p *Peer) close(rst bool) {
	if p.Done {
		return
	}
	p.over(rst)
	p.Sock.Close(rst)
}

// over takes note that the peer has no connection any more.
func (p *Peer) over(rst bool) {
	p.Done, p.doneAt = true, p.w.sim.Now()
	p.Killed = rst
	if !p.Fin && !rst && !p.Rst {
		p.Fin, p.First = true, !p.EOF
	}
	p.free()
	p.w.sim.Cancel(&p.proc)
}
