package streamif

import (
	"slices"

	"millrace/core"
)

// ring is the servers that sessions are sent to, in turn, by the dialer's numbers.
type ring struct {
	numbers    []int32
	turn       int
	redispatch bool     // is wished for, though there may be one server only
	known      []Server // by number, also those that are none of the ring's any more
}

// upTo returns the numbers of n servers.
func upTo(n int) []int32 {
	numbers := make([]int32, n)
	for i := range numbers {
		numbers[i] = int32(i)
	}
	return numbers
}

// SetServers changes the servers of sessions to come, which is one number of the
// dialer's at least. Sessions go on with the server they have, also if it is none
// of these, until an attempt goes elsewhere. Of a server that was not there nothing
// is known but the sessions that it may still have. It returns whether they are others, or in
// another order.
func (p *Proxy) SetServers(numbers []int32) (others bool) {
	r := &p.ring
	p.cfg.Servers = len(numbers)
	p.cfg.Redispatch = r.redispatch && len(numbers) > 1
	if slices.Equal(numbers, r.numbers) {
		return false
	}
	for _, n := range numbers {
		for int(n) >= len(r.known) {
			r.known = append(r.known, Server{})
		}
		if v := &r.known[n]; !v.listed {
			*v = Server{prober: v.prober, Stats: ServerStats{Sessions: v.Stats.Sessions}}
		}
	}
	for _, n := range r.numbers {
		r.known[n].listed = false
	}
	for _, n := range numbers {
		r.known[n].listed = true
	}
	r.numbers = append(r.numbers[:0], numbers...)
	return true
}

// Server returns what is known of a server that is, or was, one of the proxy's. It
// is to be looked at only, and until SetServers is called.
func (p *Proxy) Server(number int) *Server { return &p.ring.known[number] }

// pick chooses a server: the first that may be tried, in turn. If there is none it
// is the one whose turn it is, since somebody has to find out.
func (r *ring) pick(now core.Time) int32 {
	n := len(r.numbers)
	at := r.turn % n
	for i := range n {
		if k := (r.turn + i) % n; r.known[r.numbers[k]].may(now) {
			at = k
			break
		}
	}
	r.turn = at + 1
	return r.numbers[at]
}

// Redirect has the session's attempt, which begins now, go to another of the dialer's
// servers: for who knows better, as a recording does.
func (s *Session) Redirect(number int) {
	r := &s.proxy.ring
	for number >= len(r.known) {
		r.known = append(r.known, Server{})
	}
	s.unprobe()
	s.choose(int32(number))
	s.trying()
}

// behind returns the first server whose turn is after that of number n and that is
// up; if none is, the first that may be tried. If there is none either it is n again,
// provided that it is up, and failed for what this machine lacks or what TLS refuses;
// else the next. If n is none of them any more, all of them are behind it.
func (r *ring) behind(n int32, now core.Time) int32 {
	at := slices.Index(r.numbers, n) + 1
	best, rank := r.numbers[at%len(r.numbers)], 0
	if at > 0 && r.known[n].Up() {
		best = n
	}
	for i := range r.numbers {
		k := r.numbers[(at+i)%len(r.numbers)]
		switch v := &r.known[k]; {
		case k == n:
		case v.Up():
			return k
		case rank == 0 && v.may(now):
			best, rank = k, 1
		}
	}
	return best
}
