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
	if seen.parted == 0 {
		seen.parted, seen.asked = now, seen.timed.under.looks
	}
	sock := c.w.kernel.FD(si.Conn().Desc().Num())
	if sock == nil {
		return
	}
	n, _ := sock.Looks()
	if most := looksFirst + int((now-seen.parted)/looksApart); n-seen.asked > most {
		c.w.Breach("I96", "session", "session %d: looked %d times at what is under way within %d ns", s.Peer().Label, n-seen.asked, now-seen.parted)
	}
}

// given notes when a side's kernel was given bytes last: behind a cipher that is another time
// than when the channel let them go.
func (c *checker) given(si *streamif.StreamInterface, was, is *timed) {
	is.wrote, is.wroteAt = was.wrote, was.wroteAt
	if !si.Conn().Open() {
		return
	}
	if sock := c.w.kernel.FD(si.Conn().Desc().Num()); sock != nil && sock.Out().Wrote() != was.wrote {
		is.wrote, is.wroteAt = sock.Out().Wrote(), c.w.Loop.Now()
	}
}
