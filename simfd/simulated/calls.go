package simulated

import (
	"millrace/core"
	"millrace/core/kerneltest"
	"millrace/sim"
)

// Listen implements kerneltest.Machine.
func (m *Machine) Listen() (core.Listener, core.Errno) {
	return m.kernel.Listen(), 0
}

// Socket implements kerneltest.Machine.
func (m *Machine) Socket(n int, to kerneltest.Target) (core.FD, core.Errno) {
	m.targets[n] = to
	return m.kernel.Socket(0, uint32(n))
}

// Dial implements kerneltest.Machine.
func (m *Machine) Dial(n int) (kerneltest.Peer, core.Errno) {
	return m.kernel.Dial(uint32(n), silent{}), 0
}

// ServerEnd implements kerneltest.Machine.
func (m *Machine) ServerEnd(n int) kerneltest.Peer {
	if end := m.servers[n]; end != nil {
		return end
	}
	return nil
}

// Pipe implements kerneltest.Machine.
func (m *Machine) Pipe(slots int) (core.Pipe, core.Errno) {
	m.slots = slots
	return m.kernel.Pipe()
}

// Pollers implements kerneltest.Machine.
func (m *Machine) Pollers() (level, edge, probe core.Poller) {
	return &m.level, &m.edge, &m.probe
}

// quiet is how long nothing must happen for the network to have settled: less than
// a kernel holds back what more was promised behind.
const quiet = 100 * sim.Millisecond

// Settle runs the world until nothing is left to happen.
func (m *Machine) Settle() {
	for {
		if at, ok := m.world.Next(); !ok || at > m.world.Now()+quiet {
			return
		}
		m.world.Step()
	}
}

// Close implements kerneltest.Machine. There is nothing to free.
func (m *Machine) Close() {}
