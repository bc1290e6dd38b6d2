package streamif

import "slices"

// ring is the servers that sessions are sent to, in turn, by the dialer's numbers.
type ring struct {
	numbers    []int32
	turn       int
	redispatch bool // is wished for, though there may be one server only
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
// of these, until an attempt goes elsewhere.
func (p *Proxy) SetServers(numbers []int32) {
	p.ring.numbers = slices.Clone(numbers)
	p.cfg.Servers = len(numbers)
	p.cfg.Redispatch = p.ring.redispatch && len(numbers) > 1
}

// pick chooses a server, in turn.
func (r *ring) pick() int32 {
	n := r.turn % len(r.numbers)
	r.turn = n + 1
	return r.numbers[n]
}

// behind returns the server whose turn is after that of number n, and the first if
// n is none of them any more.
func (r *ring) behind(n int32) int32 {
	return r.numbers[(slices.Index(r.numbers, n)+1)%len(r.numbers)]
}
