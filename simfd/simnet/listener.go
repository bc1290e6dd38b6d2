package simnet

import (
	"context"
	"fmt"
	"net"
	"slices"
	"time"

	"millrace/core"
)

// Listener is the program's net.Listener. There is one in a world.
type Listener struct {
	n        *Net
	lst      core.Listener
	on       *entry
	deadline core.Time
	closed   bool
}

var _ net.Listener = (*Listener)(nil)

// Accept implements net.Listener. As package net's, it passes over a connection that has left
// already, and fails with whatever else accept(2) says.
func (l *Listener) Accept() (net.Conn, error) {
	c, err := l.AcceptTCP()
	if err != nil {
		return nil, err // and no Conn that is nil
	}
	return c, nil
}

// AcceptTCP is Accept for who wants a Conn.
func (l *Listener) AcceptTCP() (c *Conn, err error) {
	n := l.n
	n.call(&call{verb: verbAccept, on: l.on, dir: core.EvIn, deadline: &l.deadline, try: func() bool {
		switch {
		case l.closed || n.over:
			err = l.error(net.ErrClosed)
			return true
		case l.deadline != 0 && l.deadline <= n.h.Now():
			err = l.error(errTimeout)
			return true
		}
		for {
			fd, peer, e := l.lst.Accept()
			switch e {
			case 0:
				c = n.conn(fd, fmt.Sprintf("f%d", peer.Label), peer.Label, l.Addr(), tcpAddr(peer.Addr))
				return true
			case core.EAGAIN:
				return false
			case core.EINTR, core.ECONNABORTED:
				continue
			}
			err = l.error(sysError("accept4", e))
			return true
		}
	}})
	if n.w != nil && n.w.Telling() {
		if c != nil {
			n.w.Told("listener Accept = " + c.name)
		} else {
			n.w.Told("listener Accept = " + reason(err))
		}
	}
	return c, err
}

// Close implements net.Listener. Who waits to be accepted is reset.
func (l *Listener) Close() error {
	l.n.mu.Lock()
	first := !l.closed
	l.closed = true
	l.n.mu.Unlock()
	if !first {
		return &net.OpError{Op: "close", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
	}
	l.n.revive(l.on, verbAccept)
	l.n.callLater(&call{verb: verbClose, on: l.on, try: func() bool {
		l.shut()
		return true
	}})
	return nil
}

func (l *Listener) shut() {
	l.n.forget(l.on)
	if !l.n.broken {
		l.lst.Close()
	}
}

// Addr implements net.Listener. Who dials it comes to this listener.
func (l *Listener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 168, 1, 1), Port: 443} }

// SetDeadline is a *net.TCPListener's.
func (l *Listener) SetDeadline(t time.Time) error {
	at := l.n.deadlineOf(t)
	l.n.mu.Lock()
	defer l.n.mu.Unlock()
	l.deadline = at
	l.n.poke()
	return nil
}

func (l *Listener) error(err error) error {
	return &net.OpError{Op: "accept", Net: "tcp", Addr: l.Addr(), Err: err}
}

// Dial connects to a server of the world's. Which one makes a difference to whether it is
// there, and none to what it does: addresses are servers in the order in which they are first
// dialled, and that of the listener is the program itself. What a server says is the script of a
// session: of the first connection that of the first one, and so on (see properties.Program.Dials).
func (n *Net) Dial(network, address string) (net.Conn, error) {
	return n.DialContext(context.Background(), network, address)
}

// DialContext is Dial that gives up when ctx ends. It is a net.Dialer's.
func (n *Net) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return n.dial(ctx, network, address, nil)
}

// DialFor returns a DialContext whose connections are of c's session: what a relay connects
// to on behalf of a client.
func (n *Net) DialFor(c net.Conn) func(ctx context.Context, network, address string) (net.Conn, error) {
	label := c.(*Conn).label
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		return n.dial(ctx, network, address, &label)
	}
}

// dialing is one attempt to connect.
type dialing struct {
	n       *Net
	call    call
	ctx     context.Context
	address string
	remote  *net.TCPAddr
	label   *uint32
	fd      core.FD
	id      uint32
	until   core.Time
	c       *Conn
	err     error
}

func (n *Net) dial(ctx context.Context, network, address string, label *uint32) (net.Conn, error) {
	d := &dialing{n: n, ctx: ctx, address: address, remote: resolve(address), label: label}
	d.call = call{id: 1 << 31, verb: verbDial, dir: core.EvOut, deadline: &d.until, try: d.try}
	if label != nil {
		d.call.id += 1 + *label
	}
	if t, some := ctx.Deadline(); some {
		d.until = n.deadlineOf(t)
	}
	if n.begun && ctx.Done() != nil {
		defer context.AfterFunc(ctx, d.cancelled)()
	}
	n.call(&d.call)
	if n.w != nil && n.w.Telling() {
		if d.c != nil {
			n.w.Told("Dial " + address + " = " + d.c.name)
		} else {
			n.w.Told("Dial " + address + " = " + reason(d.err))
		}
	}
	if d.c == nil {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: d.remote, Err: d.err}
	}
	return d.c, nil
}

// cancelled has the attempt looked at again.
func (d *dialing) cancelled() {
	d.n.mu.Lock()
	defer d.n.mu.Unlock()
	d.call.live = true
	d.n.poke()
}

// try goes on with the attempt.
func (d *dialing) try() bool {
	d.call.again = 0
	switch {
	case d.n.over:
		d.err = net.ErrClosed
	case d.ctx.Err() == context.Canceled:
		d.err = errCanceled
	case d.ctx.Err() != nil, d.until != 0 && d.until <= d.n.h.Now():
		d.err = errLate
	case !d.going():
		return false
	}
	if d.err != nil && d.fd != nil && !d.n.broken {
		d.n.forget(d.call.on)
		d.fd.Close(false)
	}
	return true
}

// going asks the kernel how it goes, and says whether it is over.
func (d *dialing) going() bool {
	n := d.n
	if d.fd == nil {
		if d.label == nil {
			l := n.label()
			d.label = &l
		}
		to := core.Self
		if n.w == nil || d.remote.String() != n.lst.Addr().String() {
			to = n.server(d.address)
		}
		fd, e := n.h.Dialer().Socket(to, *d.label)
		if e != 0 {
			d.err = sysError("socket", e)
			return true
		}
		n.names++
		d.fd, d.id, d.call.on = fd, n.names, n.watch(fd.Num(), n.names, core.EvIn|core.EvOut|core.EvRdHup)
	}
	for {
		switch e := d.fd.Connect(); e {
		case core.EINTR:
			continue
		case core.EALREADY: // where a report says otherwise, it may go on doing so
			if d.call.reported {
				d.call.again = n.h.Now() + 5*core.Millisecond
			}
			d.call.reported = false
			return false
		case core.EINPROGRESS:
			return false
		case 0, core.EISCONN:
			local, _ := d.fd.Local()
			d.c = &Conn{n: n, fd: d.fd, on: d.call.on, id: d.id, label: *d.label, name: fmt.Sprintf("b%d", *d.label),
				local: tcpAddr(local), remote: d.remote}
			d.c.watched()
		default:
			d.err = sysError("connect", e)
		}
		return true
	}
}

// label is that of a connection that is no client's.
func (n *Net) label() uint32 {
	if n.w != nil {
		return n.w.Dialing()
	}
	n.dialed++
	return n.dialed - 1
}

// server is the number of the server at an address.
func (n *Net) server(address string) int {
	if i := slices.Index(n.hosts, address); i >= 0 {
		return i
	}
	n.hosts = append(n.hosts, address)
	return len(n.hosts) - 1
}
