package streamif

import (
	"millrace/core"
	"millrace/datalayer/proxyproto"
)

// shares counts the live sessions of each client, so that one cannot take what all
// need. A client is an IPv4 address, or the /64 that an IPv6 address is in, since a host
// has a whole one to choose from.
//
// It is a table with open addresses: a session costs no memory of its own, and nothing
// has an order that differs from run to run.
type shares struct {
	slots []share // a power of two, at least half of them free
	used  int
	seed  uint64 // of the hash: whoever knows it can make all clients meet in one place
}

// share is one client's. Without sessions it is free.
type share struct {
	key      [2]uint64
	sessions int32
}

// clientKey is what identifies the client of an address.
func clientKey(a core.Addr) (key [2]uint64) {
	for i, b := range a.IP {
		key[i/8] = key[i/8]<<8 | uint64(b)
	}
	const mapped = 0xffff << 32 // IPv4 in IPv6: ::ffff:0:0/96
	if key[0] != 0 || key[1]&^(1<<32-1) != mapped {
		key[1] = 0
	}
	return key
}

// place is where a key begins to be looked for.
func (t *shares) place(key [2]uint64) int {
	h := (key[0] ^ t.seed) * 0x9e3779b97f4a7c15
	h = (h ^ h>>29 ^ key[1]) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>32 ^ t.seed) * 0x94d049bb133111eb
	return int(h>>33) & (len(t.slots) - 1)
}

// find returns the slot of a key, or the free one where it belongs.
func (t *shares) find(key [2]uint64) int {
	i := t.place(key)
	for t.slots[i].sessions != 0 && t.slots[i].key != key {
		i = (i + 1) & (len(t.slots) - 1)
	}
	return i
}

// of returns how many live sessions a client has.
func (t *shares) of(a core.Addr) int {
	if len(t.slots) == 0 {
		return 0
	}
	return int(t.slots[t.find(clientKey(a))].sessions)
}

// take counts one more session of a client.
func (t *shares) take(key [2]uint64) {
	if 2*t.used >= len(t.slots) {
		t.grow()
	}
	s := &t.slots[t.find(key)]
	if s.sessions == 0 {
		s.key = key
		t.used++
	}
	s.sessions++
}

// give counts one less.
func (t *shares) give(key [2]uint64) {
	i := t.find(key)
	core.BugOn(t.slots[i].sessions == 0, "I70", "proxy", "a client has less than no session")
	if t.slots[i].sessions--; t.slots[i].sessions > 0 {
		return
	}
	t.used--
	// Whoever was put behind it for lack of room moves up, or would not be found.
	mask := len(t.slots) - 1
	for j := (i + 1) & mask; t.slots[j].sessions != 0; j = (j + 1) & mask {
		if from := t.place(t.slots[j].key); (j-from)&mask >= (j-i)&mask {
			t.slots[i], t.slots[j] = t.slots[j], share{}
			i = j
		}
	}
}

func (t *shares) grow() {
	old := t.slots
	t.slots = make([]share, max(16, 2*len(old)))
	for _, s := range old {
		if s.sessions != 0 {
			t.slots[t.find(s.key)] = s
		}
	}
}

// counts says that the session is one of this client's from now on, if clients have
// shares, and returns false if that would be one too many.
func (s *Session) counts(a core.Addr) bool {
	p := s.proxy
	if p.cfg.MaxPerClient == 0 {
		return true
	}
	if p.shares.of(a) >= p.cfg.MaxPerClient {
		return false
	}
	s.counted = true
	p.shares.take(clientKey(a))
	return true
}

// uncount ends that.
func (s *Session) uncount() {
	if s.counted {
		s.counted = false
		s.proxy.shares.give(clientKey(s.Client()))
	}
}

// named is the link of a client's chain that reads its PROXY header: with that it is
// known whose session it is.
type named struct{ s *Session }

// Shake implements core.Handshake.
func (n named) Shake(c *core.Conn) bool {
	s := n.s
	if !s.front.lower.header.Shake(c) {
		return false
	}
	h := s.Claim()
	speaks := h.Family != proxyproto.IPv4 && h.Family != proxyproto.IPv6 // the one in front, for itself
	if s.proxy.cfg.MaxPerClient == 0 || !s.proxy.judged(s.peer.Label, !speaks && !s.counts(h.Src)) {
		return true
	}
	s.shed = true
	s.proxy.refused(h.Src)
	c.Fail(core.EHEADER)
	return false
}

// refused notes that somebody who has his share wanted more.
func (p *Proxy) refused(a core.Addr) {
	p.Stats.Shed++
	if p.obs != nil {
		p.obs.Refused(a)
	}
}
