package proxy

import (
	"millrace/core"
	"millrace/streamif"
)

const (
	// looksApart is how far apart looks at what is under way are in the end, and looksFirst how
	// many there are before that: one after 1 ms, 2 ms and so on, and one for an error.
	looksApart = 64 * core.Millisecond
	looksFirst = 12
)

// sparing checks that it is asked less and less often what is under way to a side that waits for
// that to arrive: there is no event for it, and each look is a call.
func (c *checker) sparing(s *streamif.Session, si *streamif.StreamInterface, seen *sideSeen) {
	if !seen.lingers {
		seen.parted = 0
		return
	}
	now := c.w.Loop.Now()
	if exp := si.Exp(); si.Conn().Open() && exp > now+looksApart {
		c.w.Breach("I44", "session", "session %d: what is under way may have arrived, and nobody looks for another %d ns", s.Peer().Label, exp-now)
	}
	if seen.parted == 0 {
		seen.parted, seen.asked = now, seen.timed.under.looks-1 // but for the first of these
	}
	n := seen.timed.under.looks - seen.asked
	if most := looksFirst + int((now-seen.parted)/looksApart); n > most {
		c.w.Breach("I96", "session", "session %d: looked %d times at what is under way within %d ns", s.Peer().Label, n, now-seen.parted)
	}
}
