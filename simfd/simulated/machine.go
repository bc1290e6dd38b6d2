// Package simulated is the simulated kernel as package kerneltest wants it: a
// world of its own without faults, and peers that do what a script says. It is
// for tests, of the simulated kernel and of the real one beside it.
package simulated

import (
	"millrace/core"
	"millrace/core/kerneltest"
	"millrace/sim"
	"millrace/simfd"
	"millrace/simpoller"
)

// Machine is one simulated kernel. It is its world's source of choices, all of
// which are benign but how a connect goes.
type Machine struct {
	world          sim.World
	kernel         simfd.Kernel
	level, edge    sleeper
	oneshot, probe simpoller.Poller
	targets        []kerneltest.Target // by connection
	servers        []*simfd.Socket     // by connection
	slots          int                 // of the next pipe
}

var (
	_ kerneltest.Machine = (*Machine)(nil)
	_ sim.Source         = (*Machine)(nil)
	_ simfd.Watcher      = (*Machine)(nil)
)

// link is a healthy network. Its buffers hold more than a script's send, and its
// segments are those of Linux's loopback interface.
var link = sim.Link{
	Latency: 50 * sim.Microsecond, Gap: sim.Microsecond, Segment: 65483,
	SndBuf: 1 << 18, RcvBuf: 1 << 18, Merge: true,
}

// numbers is more than a script has connections, and descriptors.
const numbers = 512

// maxSlots is the largest pipe that may be asked for.
const maxSlots = 1 << 16

// New makes a machine.
func New() *Machine {
	m := &Machine{
		targets: make([]kerneltest.Target, numbers),
		servers: make([]*simfd.Socket, numbers),
	}
	m.world.Reset(m)
	m.level.Reset(&m.world, &m.kernel, false, func() {})
	m.edge.Reset(&m.world, &m.kernel, true, func() {})
	m.oneshot.Reset(&m.world, &m.kernel, false, func() {})
	m.oneshot.Oneshot = true
	m.probe.Reset(&m.world, &m.kernel, false, func() {})
	m.kernel.Reset(&m.world, simfd.Params{Files: numbers, Front: link, Back: link, Queue: numbers, PipeSlots: maxSlots}, m, servers{m})
	return m
}

// Choose implements sim.Source.
func (m *Machine) Choose(a sim.Actor, op sim.Op, _ uint32, _ int) int {
	if op == sim.OpPipeSize {
		return m.slots
	}
	if op != sim.OpConnect {
		return 0
	}
	switch m.targets[a.Num()] {
	case kerneltest.Closed:
		return sim.ConnectRefused
	case kerneltest.Full:
		return sim.ConnectNever
	case kerneltest.Nowhere:
		return sim.ConnectNoRoute
	}
	return 0
}

// all are the pollers.
func (m *Machine) all() [4]*simpoller.Poller {
	return [...]*simpoller.Poller{&m.level.Poller, &m.edge.Poller, &m.oneshot, &m.probe}
}

// Changed implements simfd.Watcher for all pollers.
func (m *Machine) Changed(num int, ev core.Events) {
	all := m.all()
	simpoller.Changed(all[:], num, ev)
}

// Closed implements simfd.Watcher.
func (m *Machine) Closed(num int) {
	for _, p := range m.all() {
		p.Closed(num)
	}
}

// Parted implements simfd.Watcher.
func (m *Machine) Parted(num int) {
	for _, p := range m.all() {
		p.Parted(num)
	}
}

// Joined implements simfd.Watcher.
func (m *Machine) Joined(num int) {
	for _, p := range m.all() {
		p.Joined(num)
	}
}

// servers accept everything. They implement simfd.Network.
type servers struct{ m *Machine }

// Served keeps the server's end for the script.
func (s servers) Served(label uint32, end *simfd.Socket) simfd.Peer {
	s.m.servers[label] = end
	return silent{}
}

// silent is a peer that waits for the script to act.
type silent struct{}

// Ready implements simfd.Peer.
func (silent) Ready() {}
