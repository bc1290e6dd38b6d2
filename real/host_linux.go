package real

import (
	"net/netip"
	"sync/atomic"

	"millrace/core"
)

// Host is Linux for a program that was written against core.Host: what has been hunted in
// simulated worlds runs here with nothing changed. The program belongs to one goroutine;
// Stop may be called by another one.
type Host struct {
	calls Calls
	epoll *Epoll
	socks *Sockets
	lst   *Listener
	over  atomic.Bool
}

var _ core.Host = (*Host)(nil)

// NewHost listens on an address, whose port may be 0, and makes sockets for servers, by
// their places in the list. edge says how its poller reports.
func NewHost(edge bool, listen netip.AddrPort, servers ...netip.AddrPort) (h *Host, err error) {
	h = new(Host)
	if h.epoll, err = NewEpoll(edge, &h.calls); err != nil {
		return nil, err
	}
	if h.socks, err = NewSockets(servers, &h.calls); err != nil {
		h.epoll.Close()
		return nil, err
	}
	lns, err := Listen(listen, 1)
	if err != nil {
		h.epoll.Close()
		return nil, err
	}
	h.lst = lns[0]
	h.lst.Serve(h.socks)
	return h, nil
}

// Addr is where it listens.
func (h *Host) Addr() netip.AddrPort { return h.lst.Addr() }

// Stop has the program's wait fail with ECANCELED, so that it ends.
func (h *Host) Stop() {
	h.over.Store(true)
	h.epoll.Wake()
}

// Close gives back what is the host's own, when the program has ended.
func (h *Host) Close() error { return h.epoll.Close() }

// Poller implements core.Host.
func (h *Host) Poller() core.Poller { return hostPoller{h.epoll, h} }

// Dialer implements core.Host.
func (h *Host) Dialer() core.Dialer { return h.socks }

// Listener implements core.Host.
func (h *Host) Listener() core.Listener { return h.lst }

// Now implements core.Host.
func (h *Host) Now() core.Time { return h.epoll.Now() }

// hostPoller is a poller whose waits come to an end.
type hostPoller struct {
	*Epoll
	h *Host
}

// Wait implements core.Poller.
func (p hostPoller) Wait(ready []core.Ready, deadline core.Time) (int, core.Time, core.Errno) {
	if p.h.over.Load() {
		return 0, p.Now(), core.ECANCELED
	}
	n, now, e := p.Epoll.Wait(ready, deadline)
	if p.h.over.Load() {
		return 0, now, core.ECANCELED
	}
	return n, now, e
}
