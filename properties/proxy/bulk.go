package proxy

import (
	"cmp"

	"millrace/streamif"
)

// bulky is what is known of a direction that is to be treated as bulk if it looks like it.
type bulky struct {
	total   int64 // bytes that were read
	held    int   // of which are left in the buffer
	size    int   // of the buffer, the usual one's if there is none
	since   int64 // of which were read when the last round came to its end that read little
	splices bool
	large   bool
}

const (
	// bulkSize is what a turn reads at least that looks like bulk, unless it ends for want of room.
	bulkSize = 16384
	// bulkReads is how many turns in a row have to read half a buffer before there is a larger one.
	bulkReads = 3
)

// piped is what is known of a direction that is to be spliced.
type piped struct {
	total, sent, spliced int64
	held                 int  // bytes in the buffer
	due                  bool // whatever comes next is to wait for a pipe until these have left
}

// spliceLeast is how much must be allowed to pass to be spliced.
const spliceLeast = 4096

// pipes checks that a direction which is to be spliced, and has bytes in its buffer, takes no others
// in there before they have left: filled as it empties, it would never be spliced again.
func (c *checker) pipes(s *streamif.Session, si *streamif.StreamInterface, ch *streamif.Channel, to *streamif.StreamInterface, was *piped) {
	total, sent := ch.Bytes()
	is := piped{total: total, sent: sent, spliced: ch.Spliced(), held: ch.Buf().Len()}
	copied := is.total - was.total - (is.spliced - was.spliced)
	if was.due && copied > 0 && is.sent-was.sent < int64(was.held) {
		c.w.Breach("I86", "channel", "session %d: %d bytes are copied behind %d others, and were to be spliced", s.Peer().Label, copied, was.held)
	}
	f := ch.Flags()
	open := si.State() == streamif.EST && to.State() == streamif.EST && !si.IsApplet() && !to.IsApplet()
	is.due = open && f.Any(streamif.KernSplicing) && !f.Any(streamif.CannotSplice) && is.held > 0 && ch.ToForward() >= spliceLeast
	*was = is
}

// bulk checks that nothing but bulk is treated as bulk where that is to be found out: what comes in
// small pieces costs more through a pipe, and keeps a large buffer from those that have a use for it.
func (c *checker) bulk(s *streamif.Session) {
	cfg := c.w.proxy.Config()
	if seen := &c.seen[s.Peer().Label]; cfg.MaxPipes > 0 && !c.w.marks(true) && !c.w.marks(false) {
		c.pipes(s, s.Front(), s.Req(), s.Back(), &seen.front.piped)
		c.pipes(s, s.Back(), s.Rep(), s.Front(), &seen.back.piped)
	}
	if cfg.SpliceReq != streamif.SpliceAuto && cfg.SpliceRep != streamif.SpliceAuto && cfg.BulkBuffers == 0 {
		return // as in most worlds
	}
	seen := &c.seen[s.Peer().Label]
	c.treats(s, s.Req(), &seen.front.bulk, cfg.SpliceReq)
	c.treats(s, s.Rep(), &seen.back.bulk, cfg.SpliceRep)
}

// treats looks at one direction. A round may have several turns, and what they read together is
// no less than what one did.
func (c *checker) treats(s *streamif.Session, ch *streamif.Channel, was *bulky, mode streamif.SpliceMode) {
	cfg, b := c.w.proxy.Config(), ch.Buf()
	total, _ := ch.Bytes()
	is := bulky{
		total: total, held: b.Len(), size: cmp.Or(b.Size(), cfg.BufSize), since: was.since,
		splices: ch.Flags().Any(streamif.KernSplicing), large: b.Size() > cfg.BufSize,
	}
	came := is.total - was.total
	room := min(cmp.Or(was.size, cfg.BufSize), is.size, cfg.BufSize) // a small one may wait for the server, and for what follows it
	roomy := 2*(int64(was.held)+came) < int64(room-cfg.Reserve)
	if mode == streamif.SpliceAuto && is.splices && !was.splices && came < bulkSize && roomy {
		c.w.Breach("I98", "channel", "session %d: spliced like bulk after %d bytes, of which there was room for %d", s.Peer().Label, came, room)
	}
	if came > 0 && 2*came < int64(cfg.BufSize) && !was.splices && !is.splices { // a pipe holds little for reasons of its own
		is.since = is.total
	}
	if most := is.total - was.since; is.large && !was.large && 2*most < bulkReads*int64(cfg.BufSize) {
		c.w.Breach("I98", "channel", "session %d: a large buffer for bulk of %d bytes", s.Peer().Label, most)
	}
	*was = is
}
