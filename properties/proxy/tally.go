package proxy

import (
	"millrace/core"
	"millrace/streamif"
)

// tally counts from outside what the proxy counts.
type tally struct {
	clean   uint64
	servers []attempts // by server
}

// attempts are those that were made at one server since it came into the list.
type attempts struct {
	won, lost uint64
	took      core.Time
}

// begin has a server that is new in the list, or there again, begin at none.
func (t *tally) begin(n int32) {
	for int(n) >= len(t.servers) {
		t.servers = append(t.servers, attempts{})
	}
	t.servers[n] = attempts{}
}

// counters compares the proxy's counters with what happened.
func (c *checker) counters() {
	w := c.w
	st := &w.proxy.Stats
	if st.BytesIn != c.in || st.BytesOut != c.out {
		w.Breach("I94", "end", "counted %d bytes in and %d out, it was %d and %d", st.BytesIn, st.BytesOut, c.in, c.out)
	}
	if st.Clean != c.tally.clean {
		w.Breach("I94", "end", "counted %d sessions that ended normally, it was %d", st.Clean, c.tally.clean)
	}
	for n, is := range c.tally.servers {
		v := &w.proxy.Server(n).Stats
		if got := (attempts{v.Connects, v.Failures, v.Took}); got != is {
			w.Breach("I94", "end", "counted %d attempts that server %d took, %d that it failed and %d ns for them, it was %d, %d and %d ns",
				got.won, n, got.lost, got.took, is.won, is.lost, is.took)
		}
	}
}

// fair checks that an attempt is not given up before its time.
func (c *checker) fair(s *streamif.Session, why streamif.Reason, began core.Time) {
	w := c.w
	span := w.proxy.Config().ConnectTimeout
	if why != streamif.ConnectLate && why != streamif.ServerTLSLate || w.kernel.Told(s.Peer().Label, false) == core.ETIMEDOUT {
		return
	}
	if took := w.Loop.Now() - began; took < span {
		w.Breach("I50", "timer", "session %d: %s %d ns after the attempt began, and it may take %d ns", s.Peer().Label, why, took, span)
	}
}
