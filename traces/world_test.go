package traces_test

import (
	"millrace/core"
	"millrace/sim"
	"millrace/simfd"
	"millrace/simpoller"
	"millrace/streamif"
	. "millrace/traces"
	"millrace/traces/proxytrace"
)

// world is the least that a proxy needs to run in: a kernel, a poller, clients
// that send up bytes, half-close and wait for the end, and servers that send
// down bytes and do the same.
type world struct {
	sim      sim.World
	kernel   simfd.Kernel
	poller   simpoller.Poller
	loop     *core.Loop
	proxy    *streamif.Proxy
	rec      *Recorder
	agent    sim.Agent
	worker   sim.Proc
	up, down int
}

// runWorld runs some sessions to their end and returns the recording.
func runWorld(set Settings, sessions, up, down int, src sim.Source, keep int) (*Trace, *Recorder) {
	w := &world{up: up, down: down, rec: NewRecorder(core.Time(sim.Epoch), keep)}
	w.sim.Reset(src)
	w.poller.Reset(&w.sim, &w.kernel, set[Poller] == Edge, w.wake)
	link := (&Trace{Settings: set}).Link(0, true)
	w.kernel.Reset(&w.sim, simfd.Params{
		Files: int(set[Files]), Queue: int(set[Queue]), Front: link, Back: link,
	}, &w.poller, w)
	w.agent.Init(sim.Worker, &w.sim.Choices)
	w.worker.Init(w, &w.agent)
	lst := w.kernel.Listen()
	w.loop = core.NewLoop(w.rec.Poller(&w.poller), int(set[proxytrace.Events]), core.Time(sim.Epoch))
	w.proxy = streamif.New(proxytrace.Config(&set), w.loop, w.rec.Dialer(&w.kernel), nil)
	w.proxy.Listen(w.rec.Listener(lst))
	for i := range sessions {
		p := &testPeer{w: w, label: uint32(i), stream: sim.Upstream(uint32(i)), left: up}
		p.proc.Init(p, w.kernel.ClientAgent(p.label))
		w.sim.Wake(&p.proc, w.sim.Now()+sim.Time(i)*sim.Millisecond)
	}
	w.wake()
	for w.sim.Step() {
	}
	w.rec.Stop()
	w.proxy.Stop()
	t := &Trace{Settings: set, Decisions: w.sim.Choices.Taken}
	w.rec.Fill(t)
	return t, w.rec
}

func (w *world) wake() { w.sim.Wake(&w.worker, w.sim.Now()) }

// Run is one round of the proxy.
func (w *world) Run() {
	w.loop.Budget = core.TaskBudget
	if w.agent.Choose(sim.OpTaskDelay, 2) != 0 {
		w.loop.Budget = 0
		w.rec.Delay()
	}
	w.loop.Step()
	if w.poller.Pending() {
		w.wake()
	} else if d := w.loop.Deadline(); d != 0 {
		w.sim.Wake(&w.worker, sim.Time(d))
	}
}

// Served implements simfd.Network.
func (w *world) Served(label uint32, s *simfd.Socket) simfd.Peer {
	p := &testPeer{w: w, label: label, sock: s, stream: sim.Downstream(label), left: w.down}
	p.proc.Init(p, w.kernel.ServerAgent(label))
	return p
}

type testPeer struct {
	w      *world
	proc   sim.Proc
	sock   *simfd.Socket
	label  uint32
	stream uint32
	sent   int64
	left   int
	fin    bool
	done   bool
}

// Ready implements simfd.Peer.
func (p *testPeer) Ready() {
	if !p.done {
		p.w.sim.Wake(&p.proc, p.w.sim.Now())
	}
}

// Run goes on as far as possible.
func (p *testPeer) Run() {
	if p.sock == nil {
		p.sock = p.w.kernel.Dial(p.label, p)
		return
	}
	if !p.done && p.sock.Connected() && p.proc.Agent.Choose(sim.OpPeerRst, 2) != 0 {
		p.close(true)
	}
	if p.done || !p.sock.Connected() && !p.sock.Failed() {
		return
	}
	over := p.read()
	for p.left > 0 && !over {
		n, e := p.sock.Send(sim.Payload(p.stream, p.sent, p.left), false)
		if e == core.EAGAIN {
			return
		}
		over = e != 0
		p.sent += int64(n)
		p.left -= n
	}
	if p.left == 0 && !p.fin {
		p.fin = true
		p.sock.ShutW()
	}
	if over {
		p.close(false)
	}
}

// read takes all there is and says whether that was all.
func (p *testPeer) read() bool {
	var buf [4096]byte
	for {
		n, e := p.sock.Recv(buf[:])
		if e == core.EAGAIN {
			return false
		}
		if n == 0 {
			return true
		}
	}
}

func (p *testPeer) close(rst bool) {
	p.done = true
	p.sock.Close(rst)
	p.w.sim.Cancel(&p.proc)
}
