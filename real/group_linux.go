package real

import (
	"fmt"

	"golang.org/x/sys/unix"

	"millrace/core"
)

// acceptor is what a worker serves: one listener, or a group of them.
type acceptor interface {
	core.Listener
	// Serve makes the accepted sockets k's.
	Serve(k *Sockets)
	// last makes those who wait the last ones: the kernel lets nobody more in who finds
	// somebody waiting. done says that they are taken, and is asked after last.
	last()
	done() bool
	// disband gives back what a group has beside its listeners.
	disband()
}

var (
	_ acceptor = (*Listener)(nil)
	_ acceptor = (*group)(nil)
)

// group is several listeners that are one to the proxy. Its number is that of an
// epoll set with all of them in it: a set is ready when something in it is, so that
// it can be waited for in another.
type group struct {
	all   []*Listener
	set   int
	next  int // whose turn it is
	label uint32
}

// newGroup makes a group. After an error the listeners are still the caller's.
func newGroup(all []*Listener) (*group, error) {
	set, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	for _, l := range all {
		ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(l.num)}
		if err := unix.EpollCtl(set, unix.EPOLL_CTL_ADD, l.num, &ev); err != nil {
			return nil, fmt.Errorf("epoll: %w", firstError(err, unix.Close(set)))
		}
	}
	return &group{all: all, set: set}, nil
}

// Serve implements acceptor.
func (g *group) Serve(k *Sockets) {
	for _, l := range g.all {
		l.Serve(k)
	}
}

// Num returns the number of the set.
func (g *group) Num() int { return g.set }

// Accept takes one connection from the first listener that has one, beginning
// behind the one that had the last: none has to wait for another's clients. Labels
// are the group's, and so as unique as a listener's own.
func (g *group) Accept() (core.FD, core.Peer, core.Errno) {
	for range g.all {
		l := g.all[g.next]
		g.next = (g.next + 1) % len(g.all)
		fd, peer, e := l.Accept()
		if e == core.EAGAIN {
			continue
		}
		if e == 0 {
			g.label++
			peer.Label = g.label
		}
		return fd, peer, e
	}
	return nil, core.Peer{}, core.EAGAIN
}

// Close closes all of them.
func (g *group) Close() (first core.Errno) {
	for _, l := range g.all {
		if e := l.Close(); first == 0 {
			first = e
		}
	}
	g.disband()
	return first
}

func (g *group) disband() {
	// A set has nothing to flush: closing it cannot fail in a way that matters.
	_ = unix.Close(g.set)
}

func (g *group) last() {
	for _, l := range g.all {
		l.last()
	}
}

// done asks each of them: one that nobody waited at may have let somebody in since, who is
// not to count as one of another's.
func (g *group) done() bool {
	for _, l := range g.all {
		if !l.done() {
			return false
		}
	}
	return true
}
