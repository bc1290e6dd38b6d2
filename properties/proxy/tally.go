package proxy

import (
	"slices"

	"millrace/core"
	"millrace/simfd"
	"millrace/simpoller"
	"millrace/streamif"
	"millrace/traces/proxytrace"
)

// tally counts from outside what the proxy and its loop count.
type tally struct {
	accepted, ended, clean, shed uint64 // sessions, and who was refused one
	tried, failed, again         uint64 // attempts, those that failed, and those behind a first one
	turns, tasks                 uint64
	servers                      []attempts // by server
}

// baseline is what the kernel and the poller had counted when a run began: a worker may be the
// next one in its place.
type baseline struct {
	kernel simfd.Stats
	poller simpoller.Stats
}

// attempts are those that were made at one server since it came into the list.
type attempts struct {
	won, lost, refused uint64
	took               core.Time
}

// begin has a server that is new in the list, or there again, begin at none.
func (t *tally) begin(n int32) {
	for int(n) >= len(t.servers) {
		t.servers = append(t.servers, attempts{})
	}
	t.servers[n] = attempts{}
}

// counters compares all that is counted with what happened.
func (c *checker) counters() {
	w, is := c.w, &c.tally
	st, loop, table := &w.proxy.Stats, &w.Loop.Stats, &w.Table.Stats
	kernel, poller, before := &w.kernel.Stats, &w.poller.Stats, &w.before
	for _, row := range [...]struct {
		what    string
		got, is uint64
	}{
		{"bytes in", st.BytesIn, c.in},
		{"bytes out", st.BytesOut, c.out},
		{"bytes that were spliced", st.Spliced, kernel.Spliced - before.kernel.Spliced},
		{"sessions that were accepted", st.Accepted, is.accepted},
		{"sessions that ended", st.Ended, is.ended},
		{"sessions that ended normally", st.Clean, is.clean},
		{"clients who had their share", st.Shed, is.shed},
		{"errors of accept()", st.Refusals, kernel.Refused - before.kernel.Refused},
		{"attempts", st.Connects, is.tried},
		{"attempts that failed", st.ConnFailed, is.failed},
		{"attempts behind a first one", st.Retries, is.again},
		{"waits", loop.Waits, poller.Waits - before.poller.Waits},
		{"reports", loop.Events, poller.Lines - before.poller.Lines},
		{"reports of what is closed", table.Stale, poller.Stale - before.poller.Stale},
		{"wishes", table.Sets, poller.Sets - before.poller.Sets},
		{"wishes that were refused", table.Failed, poller.Refused - before.poller.Refused},
		{"turns", table.Turns, is.turns},
		{"tasks", loop.Tasks, is.tasks},
	} {
		if row.got != row.is {
			w.Breach("I94", "end", "counted %d %s, it was %d", row.got, row.what, row.is)
		}
	}
	c.plumbing()
	for n, is := range c.tally.servers {
		v := &w.proxy.Server(n).Stats
		if got := (attempts{v.Connects, v.Failures, v.Refused, v.Took}); got != is || v.Sessions != 0 {
			w.Breach("I94", "end", "counted %d attempts that server %d took, %d that it failed, %d that TLS refused and %d ns, it was %d, %d, %d and %d ns; and %d sessions that it has",
				got.won, n, got.lost, got.refused, got.took, is.won, is.lost, is.refused, is.took, v.Sessions)
		}
	}
}

// plumbing compares what is counted of pipes. A pipe is missed for a limit too, once in a turn.
// Of what was taken out of one the kernel knows nothing.
func (c *checker) plumbing() {
	w, got := c.w, &c.w.proxy.Pipes().Stats
	kernel, before := &w.kernel.Stats, &w.before.kernel
	missed, most := kernel.Pipeless-before.Pipeless, uint64(0)
	if int(w.set[proxytrace.MaxPipes]) < 2*w.proxy.Config().MaxConn {
		most = c.tally.turns
	}
	spilt, copied := kernel.Spilt-before.Spilt, slices.ContainsFunc(c.seen, func(s sessionSeen) bool { return s.copied })
	if got.Made != kernel.Piped-before.Piped || got.Missed < missed || got.Missed > missed+most || got.Destroyed < spilt || got.Destroyed > spilt && !copied {
		w.Breach("I94", "end", "counted %d pipes that were made, %d times that there was none and %d that were closed with bytes in them, it was %d, %d and up to %d more, and %d",
			got.Made, got.Missed, got.Destroyed, kernel.Piped-before.Piped, missed, most, spilt)
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
