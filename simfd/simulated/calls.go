package simulated

import (
	"millrace/core"
	"millrace/core/kerneltest"
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

// Settle runs the world until nothing is left to happen.
func (m *Machine) Settle() {
	for m.world.Step() {
	}
}

// Close implements kerneltest.Machine. There is nothing to free.
func (m *Machine) Close() {}
