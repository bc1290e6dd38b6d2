package proxy

import (
	"millrace/core"
	"millrace/properties"
	"millrace/streamif"
	"millrace/traces/proxytrace"
)

// What the log says of a session's end is what an operator has, who wants to know whom to ask:
// so it is compared with what happened.

// lacks says that a call for a new connection was answered with what this machine has run out
// of: descriptors, memory, or ports and addresses of its own.
func lacks(e core.Errno) bool {
	switch e {
	case core.EMFILE, core.ENFILE, core.ENOBUFS, core.ENOMEM, core.EAGAIN, core.EADDRINUSE, core.EADDRNOTAVAIL:
		return true
	}
	return false
}

// cause checks who is blamed for an attempt that failed.
func (c *checker) cause(s *streamif.Session, why streamif.Reason) {
	if why == (streamif.Reason{}) {
		return
	}
	c.tally.failed++
	w, label := c.w, s.Peer().Label
	begun := w.kernel.Begun(label)
	if (why == streamif.ConnectNoRoom) != lacks(begun) {
		w.Breach("I97", "session", "session %d: an attempt ends with %s, and began with %s", label, why, begun)
	}
	if why == streamif.ConnectError && begun == 0 && w.kernel.Told(label, false) == 0 {
		w.Breach("I97", "session", "session %d: an attempt ends with %s, and the kernel told no error", label, why)
	}
	late := why == streamif.ConnectError || why == streamif.ConnectLate
	if conn := s.Back().Conn(); late && conn.Open() && w.marks(false) && w.set[proxytrace.SendProxy] == 0 {
		if sock := w.kernel.FD(conn.Desc().Num()); sock != nil && sock.Out().Wrote() > 0 {
			w.Breach("I97", "session", "session %d: an attempt ends with %s, and the handshake had begun", label, why)
		}
	}
}

// logged checks the reason of a session that is over: who did not get through his handshakes is
// told of as that, and normal is only who had a client and a server.
func (c *checker) logged(s *streamif.Session) {
	r, client := s.Reason(), s.Front().Conn().Flags()
	in := s.Req() // of who is blamed
	if r == streamif.ServerError {
		in = s.Rep()
	}
	c.seen[s.Peer().Label].said = in.Flags()&(streamif.ShutR|streamif.Truncated) == streamif.ShutR
	shaking, want := r[0] != 'S' && r[0] != 's' && (r[1] == 'P' || r[1] == 'T'), byte('T')
	if client.Any(core.ConnProxyIn) {
		want = 'P'
	}
	switch {
	case r[0] == 'K':
	case !client.Any(core.ConnConnected) && (!shaking || r[1] != want):
		c.w.Breach("I97", "session", "session %d ends with %s, and its client's handshakes are not over: %s", s.Peer().Label, r, client)
	case client.Any(core.ConnConnected) && shaking:
		c.w.Breach("I97", "session", "session %d ends with %s, and its client was through his handshakes", s.Peer().Label, r)
	case r == streamif.Normal && !s.Back().IsApplet() && !s.Back().Conn().Flags().Any(core.ConnConnected):
		c.w.Breach("I97", "session", "session %d ends with %s, and never had a server", s.Peer().Label, r)
	}
}

// blameless checks that nobody is blamed who took nothing away: he has said that all was said,
// which was read, and everybody has got all.
func (c *checker) blameless(label int, o *properties.Outcome, client, server *properties.Peer) {
	w, p := c.w, client
	if w.renewed() {
		return
	}
	switch c.seen[label].reason {
	case streamif.ClientError:
	case streamif.ServerError:
		p = server
	default:
		return
	}
	whole := o.UpSent == o.UpGot && o.DownSent == o.DownGot && client.Wire().Ended() && server.Wire().Ended()
	if whole && c.seen[label].said && w.marks(p.Client) && !p.Killed && !w.Garbled(uint32(label)) {
		w.Breach("I97", "session", "session %d ends with %s, and everybody has said and got all there was", label, c.seen[label].reason)
	}
}
