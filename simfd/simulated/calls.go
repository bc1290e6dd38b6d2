package simulated

import (
	"millrace/core"
	"millrace/core/kerneltest"
	"millrace/sim"
	"millrace/simfd"
)

// Listen implements kerneltest.Machine.
func (m *Machine) Listen() (kerneltest.Accepter, core.Errno) {
	return accepter{m.kernel.Listen()}, 0
}

// accepter says what simfd's sockets can do.
type accepter struct{ *simfd.Listener }

// Accept implements kerneltest.Accepter.
func (a accepter) Accept() (kerneltest.FD, core.Errno) {
	fd, _, e := a.Listener.Accept()
	if e != 0 {
		return nil, e
	}
	return fd.(*simfd.Socket), 0
}

// Socket implements kerneltest.Machine.
func (m *Machine) Socket(n int, to kerneltest.Target) (kerneltest.FD, core.Errno) {
	m.targets[n] = to
	fd, e := m.kernel.Socket(0, uint32(n))
	if e != 0 {
		return nil, e
	}
	return fd.(*simfd.Socket), 0
}

// Dial implements kerneltest.Machine.
func (m *Machine) Dial(n int) (kerneltest.Peer, core.Errno) {
	return m.kernel.Dial(uint32(n), silent{}), 0
}

// ServerEnd implements kerneltest.Machine.
func (m *Machine) ServerEnd(n int) kerneltest.Peer {
	if end := m.servers[n]; end != nil {
		m.servers[n] = nil // a socket may be connected again
		return end
	}
	return nil
}

// Pipe implements kerneltest.Machine.
func (m *Machine) Pipe(slots int) (core.Tube, core.Errno) {
	m.slots = slots
	p, e := m.kernel.Pipe()
	if e != 0 {
		return nil, e
	}
	return p.(*simfd.Pipe), 0
}

// EventFD implements kerneltest.Machine.
func (m *Machine) EventFD(initial uint32) (core.EventFD, core.Errno) {
	return m.kernel.EventFD(initial)
}

// Pollers implements kerneltest.Machine.
func (m *Machine) Pollers() kerneltest.Pollers {
	return kerneltest.Pollers{Level: &m.level, Edge: &m.edge, Oneshot: &m.oneshot, Probe: &m.probe}
}

// quiet is how long nothing must happen for the network to have settled: less than
// a kernel holds back what more was promised behind.
const quiet = 100 * sim.Millisecond

// Settle runs the world until nothing is left to happen.
func (m *Machine) Settle() {
	for {
		if at, ok := m.world.Next(); !ok || at > m.world.Now()+quiet {
			break
		}
		m.world.Step()
	}
	m.level.look()
	m.edge.look()
}

// Close implements kerneltest.Machine. There is nothing to free, and nothing that
// could fail.
func (m *Machine) Close() error { return nil }
