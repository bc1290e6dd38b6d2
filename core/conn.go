package core

// Upper is the layer above a connection, and the owner of its descriptor.
type Upper interface {
	// Turn runs because a wanted direction is believed ready: it is Conn.Turn, of this
	// layer's connection and for this layer.
	Owner
	// Chain returns the handshakes that come before any data; nil if there are none.
	Chain() *Chain
	// Recv is called when reading is wanted and may succeed.
	Recv(c *Conn)
	// Send is called when writing is wanted and may succeed.
	Send(c *Conn)
	// Wake is called once at the end of every turn, established being true
	// exactly once in the connection's life. The connection may be closed.
	Wake(c *Conn, established bool)
}

// Handshake is one link of the chain that runs before any data.
type Handshake interface {
	// Shake makes what progress it can and reports whether it is done. When it
	// is not, it has armed the one direction it needs with SockPoll, or failed
	// the connection with Fail.
	Shake(c *Conn) bool
}

// Conn is one end of a connection: a descriptor, flags, three levels of polling
// wishes, and the chain of handshakes. The zero Conn is closed.
//
// Methods by the direction they are called from:
//
//	from below  Turn
//	from above  Attach, Connect, Want, Stop, ShutW, Close
//	from a data layer or handshake, inside Recv, Send or Shake:
//	            Cant, Waits, Fail, End, Moved, Owe, SockPoll, Rehandshake
//	getters     all others
type Conn struct {
	fd    FD
	desc  *Desc
	flags ConnFlags
	err   Errno
	data  Wish // what the upper layer wants
	sock  Wish // what a handshake or a pending connect wants
	curr  Wish // what the descriptor was told
}

// Chain holds the handshakes of a connection, each in its place: PROXY in,
// PROXY out, TLS.
type Chain [3]Handshake

// chainFlag gives the flag of each place in a Chain.
var chainFlag = [len(Chain{})]ConnFlags{ConnProxyIn, ConnProxyOut, ConnTLS}

// Attach binds an accepted descriptor, whose owner is up. Both directions are tried before the
// kernel is asked: a client that speaks first has usually spoken by now.
func (c *Conn) Attach(t *Table, fd FD, up Upper) {
	c.bind(t, fd, up, RW)
	if c.flags.Any(ConnHandshake) {
		c.sock = RW // each handshake narrows it to the direction it needs
	} else {
		c.flags |= ConnConnected // accept() said so
	}
	c.commit()
}

// Connect binds a fresh descriptor and starts connecting it. pending says that
// bytes wait to be sent, in which case a send is tried at once: on a near
// network it succeeds and doubles as the connect probe. A connect() that
// succeeds at once takes the same path, so there is one place where
// establishment is found out. On an error the descriptor is closed and the
// connection stays unbound.
func (c *Conn) Connect(t *Table, fd FD, up Upper, pending bool) Errno {
	e := fd.Connect()
	var ready Wish
	switch e {
	case 0, EISCONN:
		ready = W
	case EINPROGRESS, EALREADY, EINTR: // a signal does not stop the attempt
		if pending {
			ready = W
		}
	default:
		fd.Close(false)
		*c = Conn{}
		return e
	}
	c.bind(t, fd, up, ready)
	c.flags |= ConnWaitL4
	c.sock = W
	c.commit()
	return 0
}

func (c *Conn) bind(t *Table, fd FD, up Upper, ready Wish) {
	BugOn(c.fd != nil, "I43", "conn", "bound twice")
	*c = Conn{fd: fd}
	if chain := up.Chain(); chain != nil {
		for i, h := range chain {
			if h != nil {
				c.flags |= chainFlag[i]
			}
		}
		if c.flags.Any(ConnTLS) {
			c.flags |= ConnWaitL6
		}
	}
	c.desc = t.Insert(fd.Num(), up, ready)
}

// Close ends the connection's hold on its descriptor; with reset the peer gets
// a RST. Closing a closed connection does nothing. Flags and error stay
// readable until the next Attach or Connect.
func (c *Conn) Close(reset bool) {
	if c.fd == nil {
		return
	}
	c.desc.tab.Remove(c.desc)
	// A refused close has no remedy: the number is gone either way.
	c.fd.Close(reset)
	c.fd, c.desc = nil, nil
	c.data, c.sock, c.curr = 0, 0, 0
}

// ShutW sends the FIN.
func (c *Conn) ShutW() {
	if c.fd == nil || c.flags.Any(ConnSockWrSh) {
		return
	}
	c.flags |= ConnSockWrSh
	// ENOTCONN after a reset: the next read tells.
	c.fd.ShutW()
	c.changed()
}

// Want records that the upper layer wants turns in these directions. While a
// handshake or a connect is pending it is only recorded, and comes into force
// when that is over.
func (c *Conn) Want(w Wish) {
	if c.fd != nil && c.data&w != w {
		c.data |= w
		c.changed()
	}
}

// Stop records that the upper layer wants no turns in these directions.
func (c *Conn) Stop(w Wish) {
	if c.data&w != 0 {
		c.data &^= w
		c.changed()
	}
}

// SockPoll is a handshake's wish: wait for exactly these directions.
func (c *Conn) SockPoll(w Wish) {
	c.sock = w
	c.desc.Cant(w)
	c.changed()
}

// Cant records that the kernel refused these directions for now.
func (c *Conn) Cant(w Wish) { c.desc.Cant(w) }

// Waits files the refusal of a call in this direction, and reports whether it was
// one that passes: the kernel has nothing or no room, or lacks something itself.
func (c *Conn) Waits(w Wish, e Errno) bool {
	switch {
	case e == EAGAIN || e == ENOTCONN:
		c.desc.denied(w)
	case e.Exhausted():
		c.desc.Later(w)
	default:
		return false
	}
	return true
}

// Fail records a fatal error; the first cause is kept.
func (c *Conn) Fail(e Errno) {
	if !c.flags.Any(ConnError) {
		c.flags |= ConnError
		c.err = e
	}
	c.changed()
}

// End records that the peer's end of stream was read.
func (c *Conn) End() {
	c.flags |= ConnSockRdSh
	c.changed()
}

// Moved records that bytes went through the descriptor, which proves that it is
// connected.
func (c *Conn) Moved() {
	c.flags &^= ConnWaitL4
	c.desc.vain, c.desc.news = 0, false
}

// Owe records whether the data layer holds bytes that the kernel has not taken,
// such as the rest of a record, or an answer that nobody above asked for.
func (c *Conn) Owe(on bool) {
	if c.flags.Any(ConnOwes) != on {
		c.flags ^= ConnOwes
	}
}

// FD returns the descriptor for the layer that moves its bytes; nil if closed.
func (c *Conn) FD() FD { return c.fd }

// Desc returns the table's record of the descriptor; nil if closed.
func (c *Conn) Desc() *Desc { return c.desc }

// Flags returns the connection's flags.
func (c *Conn) Flags() ConnFlags { return c.flags }

// Err returns the first cause of failure; 0 if there was none.
func (c *Conn) Err() Errno { return c.err }

// Levels returns the wishes of the three polling levels.
func (c *Conn) Levels() (data, sock, curr Wish) { return c.data, c.sock, c.curr }

// Open says whether the connection holds a descriptor.
func (c *Conn) Open() bool { return c.fd != nil }
