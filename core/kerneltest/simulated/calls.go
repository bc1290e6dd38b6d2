package simulated

import (
	"millrace/core"
	"millrace/core/kerneltest"
	"millrace/simfd"
)

// Listen implements kerneltest.Machine.
func (m *Machine) Listen() (core.Listener, core.Errno) {
	return listener{m.kernel.Listen(), m}, 0
}

// Socket implements kerneltest.Machine.
func (m *Machine) Socket(n int, to kerneltest.Target) (core.FD, core.Errno) {
	m.targets[n] = to
	fd, e := m.kernel.Socket(0, uint32(n))
	return m.pardon(fd), e
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

// listener hands out pardoned descriptors.
type listener struct {
	*simfd.Listener
	m *Machine
}

// Accept implements core.Listener.
func (l listener) Accept() (core.FD, core.Peer, core.Errno) {
	fd, peer, e := l.Listener.Accept()
	return l.m.pardon(fd), peer, e
}

// descriptor is a socket whose owner may call again right after EAGAIN, as
// scripts do to see that it is still EAGAIN. The simulated kernel takes that for
// a proxy that spins, unless a poller has reported something in between.
type descriptor struct {
	core.FD
	k *simfd.Kernel
}

func (m *Machine) pardon(fd core.FD) core.FD {
	if fd == nil {
		return nil
	}
	return descriptor{fd, &m.kernel}
}

// Connect implements core.FD.
func (d descriptor) Connect() core.Errno {
	d.k.Reported(d.Num(), core.RW)
	return d.FD.Connect()
}

// Recv implements core.FD.
func (d descriptor) Recv(p []byte) (int, core.Errno) {
	d.k.Reported(d.Num(), core.RW)
	return d.FD.Recv(p)
}

// Send implements core.FD.
func (d descriptor) Send(p []byte, more bool) (int, core.Errno) {
	d.k.Reported(d.Num(), core.RW)
	return d.FD.Send(p, more)
}
