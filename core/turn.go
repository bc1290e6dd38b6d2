package core

// Turn runs one turn of the connection, for the layer above:
//
//	handshakes -> recv -> send -> connect probe -> establishment -> wake -> commit
//
// A phase may close the connection or fail it; the later ones then do no I/O.
// Nothing is told to the descriptor table before the commit.
func (c *Conn) Turn(up Upper) {
	c.flags |= ConnTurn
	for c.handshakes(up) {
		if c.may(R) {
			up.Recv(c)
		}
		if c.flags.Any(ConnHandshake) {
			continue // the data layer asked for it again
		}
		if c.may(W) && !c.Drain() {
			up.Send(c)
		}
		if !c.flags.Any(ConnHandshake) {
			break
		}
	}
	// Only if nothing was sent: a send attempt has already told how the
	// connection is doing, and took away either the flag or the readiness.
	if c.flags.Any(ConnWaitL4) && !c.flags.Any(ConnHandshake) && c.may(W) {
		c.probe()
	}
	if !c.flags.Any(ConnPollSock) {
		c.sock = 0 // nothing below the data is left to wait for
	}
	// The flag is set before the call, so that nothing the call does can
	// announce it again.
	established := c.fd != nil && !c.flags.Any(ConnError|ConnPollSock|ConnConnected)
	if established {
		c.flags |= ConnConnected
	}
	up.Wake(c, established)
	c.flags &^= ConnTurn
	c.commit()
}

// handshakes runs the pending handshakes in order and reports whether data may
// flow.
func (c *Conn) handshakes(up Upper) bool {
	if c.fd == nil || c.flags.Any(ConnError) {
		return false
	}
	if !c.flags.Any(ConnHandshake) {
		return true
	}
	chain := up.Chain()
	BugOn(chain == nil, "I22", "conn", "a handshake that nobody has")
	for i, flag := range chainFlag {
		if !c.flags.Any(flag) {
			continue
		}
		if !chain[i].Shake(c) || c.flags.Any(ConnError) {
			return false
		}
		c.flags &^= flag
		if flag == ConnTLS {
			c.flags &^= ConnWaitL6
		}
	}
	if c.flags.Any(ConnWaitL4) {
		c.sock = W
	}
	return true
}

// Rehandshake asks for a handshake that already ran to run again: TLS may need
// to read in order to write.
func (c *Conn) Rehandshake(kind ConnFlags, w Wish) {
	BugOn(kind&^ConnHandshake != 0, "I22", "conn", "no such handshake")
	c.flags |= kind
	c.sock = w
	c.changed()
}

// may says whether the upper layer's callback for this direction is due.
func (c *Conn) may(w Wish) bool {
	return c.fd != nil && c.effective().Any(w) && c.desc.ready.Any(w)
}

// Drain says that an error waits behind bytes that can still be read. A send
// would be told of the error, which ends the connection and loses them.
func (c *Conn) Drain() bool { return c.may(R) && c.desc.events.Any(EvErr) }

// probe asks connect() itself how the connection is doing.
func (c *Conn) probe() {
	switch e := c.fd.Connect(); e {
	case 0, EISCONN:
		c.Moved()
	case EALREADY, EINPROGRESS, EINTR:
		c.desc.denied(W)
	default:
		c.Fail(e)
	}
}

// effective is the one place where the three levels meet: the sock level rules
// while a handshake or a connect is pending, else the data level; a shut direction is
// never polled, and after an error none is.
func (c *Conn) effective() Wish {
	w := c.data
	if c.flags.Any(ConnPollSock) {
		w = c.sock
	}
	switch c.flags & (ConnError | ConnSockRdSh | ConnSockWrSh) {
	case 0:
		return w
	case ConnSockRdSh:
		return w &^ R
	case ConnSockWrSh:
		return w &^ W
	}
	return 0
}

// changed commits now, or leaves it to the turn that is running.
func (c *Conn) changed() {
	if !c.flags.Any(ConnTurn) {
		c.commit()
	}
}

// commit tells the descriptor the difference between what it was told and what
// is effective now.
func (c *Conn) commit() {
	if c.fd == nil {
		return
	}
	// The handshake that makes a connection is a calculation of up to a millisecond,
	// which those that are made must not wait for.
	c.desc.Late(c.flags&(ConnTLS|ConnConnected) == ConnTLS)
	w := c.effective()
	if w == c.curr {
		return
	}
	if on := w &^ c.curr; on != 0 {
		c.desc.Want(on)
	}
	if off := c.curr &^ w; off != 0 {
		c.desc.Stop(off)
	}
	c.curr = w
}
