package proxy

import (
	"millrace/core"
	"millrace/datalayer/proxyproto"
	"millrace/streamif"
	"millrace/traces/proxytrace"
)

// client is who counts as the client of a session, and whether that is known yet: it is
// not in front of the PROXY header, and never if that names nobody.
func (c *checker) client(s *streamif.Session) (a core.Addr, known bool) {
	label := s.Peer().Label
	if !c.w.claims(label) {
		return s.Peer().Addr, true
	}
	if h := s.Claim(); h == nil || h.Family != proxyproto.IPv4 && h.Family != proxyproto.IPv6 {
		return a, false
	}
	return s.Client(), true
}

// same says whether two addresses are one client's: they are equal, or in one /64 of
// IPv6. In these worlds 10 zeros begin what is IPv4.
func same(a, b core.Addr) bool {
	if [10]byte(a.IP[:10]) != ([10]byte{}) {
		return [8]byte(a.IP[:8]) == [8]byte(b.IP[:8])
	}
	return a.IP == b.IP
}

// guest is a live session of a client that is known.
type guest struct {
	s      *streamif.Session
	client core.Addr
}

// guests lists the live sessions of known clients, with or without those that failed, of
// which one may be the one that was too many.
func (c *checker) guests(failed bool) []guest {
	c.known = c.known[:0]
	for _, s := range c.w.proxy.Sessions() {
		if !failed && s.Front().Conn().Flags().Any(core.ConnError) {
			continue
		}
		if a, known := c.client(s); known {
			c.known = append(c.known, guest{s, a})
		}
	}
	return c.known
}

// has returns how many of the guests are a client's.
func has(guests []guest, client core.Addr) (n int) {
	for i := range guests {
		if same(guests[i].client, client) {
			n++
		}
	}
	return n
}

// guest checks that nobody has more than his share, when it becomes known whose a session
// is: there is no other way to more.
func (c *checker) guest(s *streamif.Session, seen *sessionSeen) {
	w := c.w
	most := int(w.set[proxytrace.MaxPerClient])
	if most == 0 {
		return
	}
	a, known := c.client(s)
	known = known && !s.Front().Conn().Flags().Any(core.ConnError)
	before := seen.known && seen.guest == a
	if seen.guest, seen.known = a, known; !known || before {
		return
	}
	if n := has(c.guests(false), a); n > most {
		w.Breach("I70", "proxy", "session %d's client has %d sessions, and may have %d", s.Peer().Label, n, most)
	}
}

// greets checks that not too many clients are in their handshakes.
func (c *checker) greets() {
	w := c.w
	if most, under := w.set[proxytrace.MaxHandshakes], c.sums[greeting]; most > 0 {
		if under > most {
			w.Breach("I72", "proxy", "%d clients are in their handshakes, and %d may be", under, most)
		}
		if c.busy && w.kernel.Backlog() > 0 && w.Asleep() && under <= most*7/8 && w.proxy.Live() < w.proxy.Config().MaxConn {
			w.Breach("I72", "proxy", "accepting has stopped for those in their handshakes, who are %d, and %d may be", under, most)
		}
		w.Mark(reachGreets, under == most)
	}
}

// refused checks that who was refused had his share.
func (c *checker) refused(client core.Addr) {
	w := c.w
	w.Mark(reachShed, true)
	c.tally.shed++
	if n, most := has(c.guests(true), client), int(w.set[proxytrace.MaxPerClient]); most == 0 || n < most {
		w.Breach("I71", "proxy", "a client with %d sessions is refused another one, and may have %d", n, most)
	}
}
