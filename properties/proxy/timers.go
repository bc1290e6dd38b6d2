package proxy

import (
	"fmt"

	"millrace/core"
	"millrace/streamif"
	"millrace/traces/proxytrace"
)

// timed is what the timers of a side were after the round before, and how far its
// streams were.
type timed struct {
	rex, wex    core.Time
	taken, left int64 // of what the side produces: read from it, and sent on
	came, sent  int64 // of what it consumes
	shut        bool  // our FIN is out
	failed      bool  // it did, which was reported; what it said before that may be still to be read
	under       underway
	known       bool
}

// timers looks at the timers of both sides after a round. That they are there if and only
// if somebody waits is I51's, and that nothing is told too early I50's; here it is how
// far away they are, and what puts them off: each of a proxy's timeouts is a promise of
// how long somebody waits at most.
func (c *checker) timers(s *streamif.Session, seen *sessionSeen) {
	cfg := c.w.proxy.Config()
	c.timer(s, s.Front(), s.Req(), s.Rep(), &seen.front.timed, cfg.ClientTimeout, cfg.ClientFin)
	c.timer(s, s.Back(), s.Rep(), s.Req(), &seen.back.timed, cfg.ServerTimeout, cfg.ServerFin)
	c.hears(s, s.Front(), s.Req(), &seen.front)
	c.hears(s, s.Back(), s.Rep(), &seen.back)
	c.pends(s, s.Front(), streamif.CON, s.Start(), cfg.HandshakeTimeout)
	c.pends(s, s.Back(), streamif.CON, seen.began, cfg.ConnectTimeout)
	c.pends(s, s.Back(), streamif.TAR, seen.failed, pause)
}

// pends looks at the timer of a state that lasts so long at most, whatever happens in it: who sends a
// byte of his handshake now and then would keep others from theirs.
func (c *checker) pends(s *streamif.Session, si *streamif.StreamInterface, in streamif.State, from, most core.Time) {
	if exp := si.Exp(); exp > from+most && most != 0 && si.State() == in && !si.Flags().Any(streamif.SILinger) {
		c.w.Breach("I74", "timer "+in.String(), "session %d: what began at %d, and may take %d ns, has until %d", s.Peer().Label, from, most, exp)
	}
}

// timer looks at one side, and takes note of it for the round that follows.
func (c *checker) timer(s *streamif.Session, si *streamif.StreamInterface, in, out *streamif.Channel, was *timed, span, fin core.Time) {
	is := timed{known: true, shut: out.Flags().Any(streamif.ShutW), failed: si.Conn().Open() && si.Conn().Desc().Events().Any(core.EvErr)}
	is.rex, _ = in.Deadlines()
	_, is.wex = out.Deadlines()
	is.taken, is.left = in.Bytes()
	is.came, is.sent = out.Bytes()
	is.under = c.underway(si, &was.under, is.shut != was.shut)
	c.premature(s, si, was, &is.under, span)
	if si.State() == streamif.EST && was.known {
		if what := c.late(was, &is, span, fin, si.Flags().Any(streamif.SIIndep)); what != "" {
			c.w.Breach("I74", "timer", "session %d: %s", s.Peer().Label, what)
		}
		if si.Flags().Any(streamif.SIGone) && is.sent != was.sent && !c.w.shakes {
			c.w.Breach("I87", "timer", "session %d: takes what it is sent again, and is still not waited for", s.Peer().Label)
		}
		if si.Flags().Any(streamif.SILinger) {
			c.awaited(s, si, was, &is)
		}
	}
	*was = is
}

// hush is how long a proxy may wait for more than a byte when nothing comes any more.
const hush = 5 * core.Millisecond

// hears checks that who has the kernel report nothing but much looks soon, by himself, whether
// there is little.
func (c *checker) hears(s *streamif.Session, si *streamif.StreamInterface, in *streamif.Channel, seen *sideSeen) {
	if !si.Conn().Open() || in.Flags().Any(streamif.ShutR) || s.Task().Queued() {
		return
	}
	sock, due := c.w.kernel.FD(si.Conn().Desc().Num()), s.Task().Deadline()
	if sock == nil {
		return
	}
	was := seen.patient
	seen.patient = sock.Patience() > 1
	c.w.Mark(reachPatient, seen.patient)
	if most := c.w.proxy.Config().Lowat; seen.patient && sock.Patience() > most {
		c.w.Breach("I95", "timer", "session %d: %d bytes are waited for, and %d may be", s.Peer().Label, sock.Patience(), most)
	}
	if !seen.patient {
		c.w.Mark(reachHurried, was && sock.In().Unread() > 0)
		return
	}
	if due == 0 || due > seen.readAt+hush {
		c.w.Breach("I95", "timer", "session %d: %d bytes are waited for; the last came at %d, and the session looks again at %d", s.Peer().Label, sock.Patience(), seen.readAt, due)
	}
}

// awaited checks that who is blamed for taking nothing is not waited for once more.
func (c *checker) awaited(s *streamif.Session, si *streamif.StreamInterface, before, is *timed) {
	late := streamif.ClientTimeout
	if si == s.Back() {
		late = streamif.ServerTimeout
	}
	// He may be known for it when he says nothing either: what was under way when that was looked at is there still.
	known := before.under.looks > before.under.base && before.under.said > 0 && is.under.said >= before.under.said
	silent := before.rex != 0 && before.rex <= c.w.Looked() && known && !si.Flags().Any(streamif.SIIndep)
	expired := silent || before.wex != 0 && before.wex <= c.w.Looked()
	if expired = expired && is.sent == before.sent && !c.w.shakes; expired && s.Reason() == late && si.Conn().Open() {
		c.w.Breach("I74", "timer", "session %d: %s, and who took nothing is waited for once more", s.Peer().Label, late)
	}
}

// waitsAgain says that a session has to be looked at after the next round too, whoever
// touches it: what awaited finds wrong becomes so by time alone.
func (c *checker) waitsAgain(s *streamif.Session) bool {
	for _, si := range [...]*streamif.StreamInterface{s.Front(), s.Back()} {
		if si.Flags().Any(streamif.SILinger) && (s.Reason() == streamif.ClientTimeout || s.Reason() == streamif.ServerTimeout) {
			return true
		}
	}
	return false
}

// late says what is wrong with the timers of a side that is established.
func (c *checker) late(before, is *timed, span, fin core.Time, indep bool) string {
	now, patience := c.w.Loop.Now(), span
	if is.shut && fin != 0 {
		patience = fin
	}
	switch {
	case patience != 0 && is.rex > now+patience || span != 0 && is.wex > now+span:
		return fmt.Sprintf("reading ends at %d and writing at %d, at %d, with timeouts of %d and %d", is.rex, is.wex, now, patience, span)
	case c.w.shakes: // a cipher moves more than the channels know of
	case c.w.set[proxytrace.Buffers] != 0: // and who waits for a buffer is not timed meanwhile
	default:
		return put(before, is, now, patience, span, indep, is.again(before, c.w.Looked(), span, c.w.leapt()))
	}
	return ""
}

// put checks what put the timers off in a round: what was read, and what was written or taken,
// and nothing else.
func put(before, is *timed, now, patience, span core.Time, indep, again bool) string {
	read, wrote := is.taken != before.taken, is.sent != before.sent
	shut := is.shut != before.shut
	switch {
	case is.rex != 0 && read && is.rex != core.After(now, patience):
		return fmt.Sprintf("bytes were read at %d, and reading ends at %d", now, is.rex)
	case is.rex != 0 && wrote && !indep && is.rex != core.After(now, patience):
		return fmt.Sprintf("bytes were written at %d, and reading ends at %d", now, is.rex)
	case is.wex != 0 && wrote && is.wex != core.After(now, span):
		return fmt.Sprintf("bytes were written at %d, and writing ends at %d", now, is.wex)
	case is.rex != 0 && before.rex != 0 && is.rex != before.rex && !read && !shut && (!wrote || indep) && is.left == before.left && (!again || indep):
		return fmt.Sprintf("nothing moved at %d, and reading, which was to end at %d, ends at %d", now, before.rex, is.rex)
	case is.wex != 0 && before.wex != 0 && is.wex != before.wex && !wrote && is.came == before.came && !before.failed && !is.failed && !again:
		return fmt.Sprintf("nothing moved at %d, and writing, which was to end at %d, ends at %d", now, before.wex, is.wex)
	}
	return ""
}

// looks is how far apart the looks at what is under way may be, and more.
const looks = 100 * core.Millisecond

// lingers checks that who still takes what is under way, in front of a close, is not reset
// before he has taken nothing for as long as he may.
func (c *checker) lingers(s *streamif.Session, seen *sessionSeen) {
	cfg, w := c.w.proxy.Config(), c.w
	for _, v := range [...]struct {
		si   *streamif.StreamInterface
		seen *sideSeen
		most core.Time
	}{{s.Front(), &seen.front, cfg.ClientTimeout}, {s.Back(), &seen.back, cfg.ServerTimeout}} {
		was, front := v.seen.lingers, v.si == s.Front()
		v.seen.lingers = v.si.Flags().Any(streamif.SILinger) && v.si.Conn().Open()
		c.sparing(s, v.si, v.seen)
		if !was || v.si.Conn().Open() || !front && s.Tries() > 1 || w.kills || w.leapt() {
			continue
		}
		if yes, idle := w.kernel.Slain(s.Peer().Label, front); yes && idle > 0 && core.Time(idle) < v.most-looks {
			w.Breach("I87", "timer", "session %d: reset with bytes under way, of which some left %d ns ago", s.Peer().Label, idle)
		}
	}
}

// named checks that who is blamed for a timeout is the one whose time is up: a timer of
// that side had expired.
func (c *checker) named(s *streamif.Session, seen *sessionSeen) {
	cfg := c.w.proxy.Config()
	side, si, span, fin := &seen.front, s.Front(), cfg.ClientTimeout, cfg.ClientFin
	switch s.Reason() {
	case streamif.ClientTimeout:
	case streamif.ServerTimeout:
		side, si, span, fin = &seen.back, s.Back(), cfg.ServerTimeout, cfg.ServerFin
	default:
		return
	}
	was := &side.timed
	up := func(at core.Time) bool { return at != 0 && at <= c.w.Loop.Now() }
	if was.known && c.w.set[proxytrace.NoHalf] == 0 && !up(was.rex) && !up(was.wex) {
		c.w.Breach("I80", "session", "session %d ends with %s, and that side had until %d to be read from and until %d to be written to",
			s.Peer().Label, s.Reason(), was.rex, was.wex)
	}
	ciphers := c.w.shakes && was.under.since != 0 // a cipher sends more than the channels know of
	if idle := c.w.Loop.Now() - was.under.since; up(was.wex) && !up(was.rex) && ciphers && idle < span && !c.w.renewed() {
		c.w.Breach("I50", "timer", "session %d: %s, and that side took bytes %d ns ago", s.Peer().Label, s.Reason(), idle)
	}
	c.takes(s, si, was, core.First(span, fin), up(was.rex))
	if side.patient && up(was.rex) && !up(was.wex) {
		c.w.Breach("I95", "session", "session %d ends with %s, and whether that side had sent a little nobody had looked", s.Peer().Label, s.Reason())
	}
}
