package tlsdouble

import (
	"encoding/binary"

	"millrace/core"
	"millrace/datalayer"
)

// phase is how far a handshake is.
type phase uint8

const (
	fresh   phase = iota
	waits         // for the peer's flight
	up            // data may flow
	asked         // up, and the peer has asked for a renewal
	renews        // and was answered
	renewal       // up, and has asked for a renewal itself
	failed
)

// Cipher is one end of a channel.
type Cipher struct {
	server   bool
	phase    phase
	in, out  keys
	rest     int // bytes of an opened record that are still to be read
	want     string
	protocol string
	detail   string
}

var _ datalayer.Cipher = (*Cipher)(nil)

// New makes a client's end, which asks for a protocol, or a server's, which takes
// what it is asked for.
func New(server bool, protocol string) *Cipher {
	return &Cipher{server: server, want: protocol, in: keys{server: !server}, out: keys{server: server}}
}

// Ends makes ciphers for a proxy: the server's ends towards its clients, or the
// clients' towards its servers.
type Ends struct{ Server bool }

// New implements datalayer.Ciphers.
func (e Ends) New(_ int, protocol string) datalayer.Cipher { return New(e.Server, protocol) }

// Flights are what a real handshake's lengths might be, only shorter: worlds are
// run byte by byte.
const (
	helloLen    = 40
	flightLen   = 150
	finishedLen = 20
	ticketLen   = 24
)

// filler is what handshake records are full of.
var filler [flightLen]byte

// Shake implements datalayer.Cipher.
func (c *Cipher) Shake(in, out *datalayer.Bytes) (bool, core.Errno) {
	for {
		switch c.phase {
		case up, renewal:
			return true, 0
		case fresh:
			c.phase = waits
			if !c.server {
				c.out.seal(out, hello, append(filler[:helloLen:helloLen], c.want...))
			}
		case asked:
			c.out.seal(out, renew2, filler[:finishedLen])
			c.out.turn()
			c.phase = renews
		case failed:
			return false, core.ETLS
		default:
			t, body, dry, e := c.next(in, out)
			if e != 0 || dry {
				return false, e
			}
			if e := c.step(t, body, out); e != 0 {
				return false, e
			}
			in.Drop(headLen + len(body) + sumLen)
		}
	}
}

// step takes a record of a handshake.
func (c *Cipher) step(t kind, body []byte, out *datalayer.Bytes) core.Errno {
	switch {
	case t == hello && c.server && c.phase == waits && c.in.epoch == 0 && len(body) >= helloLen:
		c.protocol = string(body[helloLen:])
		c.out.seal(out, flight, append(filler[:flightLen:flightLen], c.protocol...))
		c.in.turn()
		c.out.turn()
	case t == flight && !c.server && c.phase == waits && len(body) >= flightLen:
		c.protocol = string(body[flightLen:])
		c.in.turn()
		c.out.turn()
		c.out.seal(out, finished, filler[:finishedLen])
		c.phase = up
	case t == finished && c.server && c.phase == waits && c.in.epoch == 1:
		c.out.seal(out, ticket, filler[:ticketLen])
		c.phase = up
	case t == renew3 && c.phase == renews:
		c.in.turn()
		c.phase = up
	case t == alert && len(body) == 1 && body[0] == failure:
		return c.fail(nil, "alert from the peer")
	default:
		return c.fail(out, "unexpected record in a handshake")
	}
	return 0
}

// next looks at the next record.
func (c *Cipher) next(in, out *datalayer.Bytes) (t kind, body []byte, dry bool, e core.Errno) {
	t, n, whole, ok := c.in.look(in)
	switch {
	case !ok:
		return 0, nil, false, c.fail(out, "bad record")
	case !whole:
		return 0, nil, true, 0
	}
	return t, in.Held()[headLen : headLen+n], false, 0
}

// fail gives up; the peer hears of it if out is not nil.
func (c *Cipher) fail(out *datalayer.Bytes, why string) core.Errno {
	c.phase, c.detail = failed, why
	if out != nil {
		c.out.seal(out, alert, []byte{failure})
	}
	return core.ETLS
}

// Holds implements datalayer.Holder: there is a record with data, or the rest of one.
func (c *Cipher) Holds(in *datalayer.Bytes) bool {
	held := in.Held()
	return c.rest > 0 || c.phase == up && len(held) >= headLen && kind(held[0]) == data &&
		len(held) >= headLen+int(binary.BigEndian.Uint16(held[1:]))+sumLen
}

// Open implements datalayer.Cipher.
func (c *Cipher) Open(in, out *datalayer.Bytes, p []byte) (int, datalayer.Status, core.Errno) {
	got := 0
	for got < len(p) {
		if c.rest > 0 {
			n := copy(p[got:], in.Held()[:c.rest])
			in.Drop(n)
			got += n
			if c.rest -= n; c.rest == 0 {
				in.Drop(sumLen)
			}
			continue
		}
		if c.phase == failed {
			return got, datalayer.Err, core.ETLS
		}
		t, body, dry, e := c.next(in, out)
		switch {
		case e != 0:
			return got, datalayer.Err, e
		case dry:
			return got, datalayer.Dry, 0
		case t == data && len(body) > 0:
			c.rest = len(body)
			in.Drop(headLen)
			continue
		}
		st, e := c.control(t, body, out)
		in.Drop(headLen + len(body) + sumLen)
		if st != 0 {
			return got, st, e
		}
	}
	return got, 0, 0
}

// control takes a record that is not data.
func (c *Cipher) control(t kind, body []byte, out *datalayer.Bytes) (datalayer.Status, core.Errno) {
	switch {
	case t == ticket && !c.server:
	case t == rekey && len(body) == 1:
		c.in.turn()
		if body[0] != 0 {
			c.Rekey(out, false)
		}
	case t == renew1 && c.phase == up:
		c.phase = asked
		return datalayer.Again, 0
	case t == renew2 && c.phase == renewal:
		c.in.turn()
		c.out.seal(out, renew3, filler[:finishedLen])
		c.out.turn()
		c.phase = up
	case t == alert && len(body) == 1 && body[0] == goodbye:
		return datalayer.End, 0
	case t == alert:
		return datalayer.Err, c.fail(nil, "alert from the peer")
	default:
		return datalayer.Err, c.fail(out, "unexpected record")
	}
	return 0, 0
}

// Seal implements datalayer.Cipher.
func (c *Cipher) Seal(out *datalayer.Bytes, p []byte) core.Errno {
	core.BugOn(!c.MaySeal(), "I22", "tls", "data sealed in the middle of a handshake")
	for len(p) > 0 {
		n := min(len(p), MaxBody)
		c.out.seal(out, data, p[:n])
		p = p[n:]
	}
	return 0
}

// MaySeal says whether data may be sealed now: not before the handshake is over,
// nor between asking for a renewal and having it.
func (c *Cipher) MaySeal() bool { return c.phase == up }

// Rekey changes the keys of what this end seals, and asks for the same of the
// peer's if it is to.
func (c *Cipher) Rekey(out *datalayer.Bytes, both bool) {
	var ask [1]byte
	if both {
		ask[0] = 1
	}
	c.out.seal(out, rekey, ask[:])
	c.out.turn()
}

// Renew asks for a handshake in the middle of the data.
func (c *Cipher) Renew(out *datalayer.Bytes) {
	core.BugOn(c.phase != up, "I22", "tls", "a renewal within another")
	c.out.seal(out, renew1, filler[:finishedLen])
	c.phase = renewal
}

// Goodbye implements datalayer.Cipher.
func (c *Cipher) Goodbye(out *datalayer.Bytes) { c.out.seal(out, alert, []byte{goodbye}) }

// Protocol implements datalayer.Cipher.
func (c *Cipher) Protocol() string { return c.protocol }

// Detail implements datalayer.Cipher.
func (c *Cipher) Detail() string { return c.detail }

// Free implements datalayer.Cipher. There is nothing to give back.
func (c *Cipher) Free() {}
