package proxy

import (
	"millrace/core"
	"millrace/streamif"
	"millrace/traces"
	"millrace/traces/proxytrace"
)

// The situations.
const (
	reachShortFin = iota
	reachEOFFull
	reachHalfClient
	reachHalfServer
	reachEarlyServer
	reachWrap
	reachLine
	reachReserve
	reachWindow
	reachRetry
	reachElse
	reachPause
	reachConnectLate
	reachConnectFail
	reachAbort
	reachClientTimeout
	reachServerTimeout
	reachClientError
	reachServerError
	reachNormal
	reachMaxConn
	reachNoFiles
	reachStale
	reachSetFail
	reachRoom
	reachL4Bytes
	reachBothFull
	reachNoHalf
	reachHeaderBad
	reachHeaderLate
	reachClientTLS
	reachClientTLSLate
	reachServerTLS
	reachServerTLSLate
	reachOwes
	reachOwesGoodbye
	reachHeld
	reachRenewal
	reachCutShort
	reachRealTLS
	reachMixed
	reachSpliced
	reachSplicedBoth
	reachPipeFull
	reachPipeBehind
	reachAutoOn
	reachAutoOff
	reachNoPipe
	reachResidue
	reachCannot
	reachPipeEnd
	reachUrgent
	reachPatient
	reachHurried
	reachLarge
	reachLinger
	reachHalt
	reachLeft
	reachProbe
	reachBack
	reachShed
	reachShedNamed
	reachGreets
	reachMore
	reachDrain
	reachKill
	reachReload
	reachDeserted
	reachChoked
	reachStack // established with each combination of handshakes
	numReach   = reachStack + 16
)

// situations says what each is.
var situations = [numReach]string{
	reachShortFin:      "a short write while the FIN is pending",
	reachEOFFull:       "the end of stream is read while output is stuck",
	reachHalfClient:    "the client half-closed, the server still sends",
	reachHalfServer:    "the server half-closed, the client still sends",
	reachEarlyServer:   "bytes for the client before it sent any",
	reachWrap:          "a buffer holds bytes across its wrap",
	reachLine:          "a channel waits in line for a buffer",
	reachReserve:       "a session holds both reserved buffers",
	reachWindow:        "finite forwarding is used up with input waiting",
	reachRetry:         "a connection attempt is repeated",
	reachElse:          "a connection is established after a retry",
	reachPause:         "an attempt waits for the end of the turn-around",
	reachConnectLate:   "a session ends because connecting took too long",
	reachConnectFail:   "a session ends because every attempt failed",
	reachAbort:         "the client gives up while connecting",
	reachClientTimeout: "a session ends with a client timeout",
	reachServerTimeout: "a session ends with a server timeout",
	reachClientError:   "a session ends because the client failed",
	reachServerError:   "a session ends because the server failed",
	reachNormal:        "a session ends normally",
	reachMaxConn:       "accepting stops at the connection limit",
	reachNoFiles:       "accepting stops for lack of descriptors or memory",
	reachStale:         "a stale report is dropped",
	reachSetFail:       "the poller refuses a wish",
	reachRoom:          "reading stops for lack of room",
	reachL4Bytes:       "the first bytes prove the connection",
	reachBothFull:      "both directions are stuck at once",
	reachNoHalf:        "a half-close ends a session that allows none",

	reachHeaderBad:     "a session ends because of its PROXY header",
	reachHeaderLate:    "a session ends because its PROXY header did not come in time",
	reachClientTLS:     "a session ends in its client's TLS handshake",
	reachClientTLSLate: "a session ends because its client's TLS handshake took too long",
	reachServerTLS:     "a session ends in its server's TLS handshake",
	reachServerTLSLate: "a session ends because its server's TLS handshake took too long",
	reachOwes:          "a layer has bytes of its own to send, and the channel none",
	reachOwesGoodbye:   "a goodbye waits for room",
	reachHeld:          "reading stops for lack of room with something left to read in the cipher",
	reachRenewal:       "a handshake is pending in the middle of the data",
	reachCutShort:      "a stream was cut short, and its consumer is to know",
	reachMixed:         "of two clients at once one is believed and one is not",
	reachRealTLS:       "both sides are established and one of them is crypto/tls",

	reachSpliced:     "bytes rest in a pipe",
	reachSplicedBoth: "both directions of a session have bytes in pipes",
	reachPipeFull:    "reading stops because a pipe may be full",
	reachPipeBehind:  "a buffer holds bytes behind those of a pipe",
	reachAutoOn:      "a direction switches to splicing in the middle",
	reachAutoOff:     "and back",
	reachNoPipe:      "there is no pipe to be had",
	reachResidue:     "a pipe is destroyed with bytes in it",
	reachCannot:      "a descriptor refuses to splice",
	reachPipeEnd:     "the end of stream was read, and bytes are still in the pipe",
	reachUrgent:      "an urgent mark is next where bytes are to be spliced",
	reachPatient:     "bulk has the kernel report nothing but much",
	reachHurried:     "and anything again, with bytes left of which nobody was told",
	reachLarge:       "bulk that is copied has a larger buffer",
	reachLinger:      "an endpoint is closed but for what is on its way to it",
	reachHalt:        "a direction of a descriptor pauses",
	reachLeft:        "a session leaves a server that failed at once for one that is up",
	reachProbe:       "a session finds out whether a server is back, and another one is up",
	reachBack:        "a server is back",

	reachMore:      "the kernel is told that more bytes follow",
	reachDrain:     "a proxy is drained with sessions alive",
	reachKill:      "the operator ends all that is under way",
	reachReload:    "the list of servers changes",
	reachDeserted:  "the kernel tells that nobody is at the other end of an idle connection",
	reachChoked:    "the kernel ends a connection whose other end lets nothing in",
	reachShed:      "a client who has his share is refused",
	reachShedNamed: "so is one whom a PROXY header names",
	reachGreets:    "as many clients are in their handshakes as may be",

	reachStack + 0: "established with nothing before the data", reachStack + 1: "established with PROXY in",
	reachStack + 2: "established with PROXY out", reachStack + 3: "established with PROXY in and out",
	reachStack + 4: "established with TLS in", reachStack + 5: "established with PROXY in, TLS in",
	reachStack + 6: "established with PROXY out, TLS in", reachStack + 7: "established with PROXY in and out, TLS in",
	reachStack + 8: "established with TLS out", reachStack + 9: "established with PROXY in, TLS out",
	reachStack + 10: "established with PROXY out, TLS out", reachStack + 11: "established with PROXY in and out, TLS out",
	reachStack + 12: "established with TLS in and out", reachStack + 13: "established with PROXY in, TLS in and out",
	reachStack + 14: "established with PROXY out, TLS in and out", reachStack + 15: "established with all there is",
}

// look marks what can be seen after a step.
func (w *run) look() {
	for _, label := range w.check.touched.All() {
		if s := w.check.seen[label].live; s != nil {
			w.reachSession(s)
			w.reachHandshakes(s)
			w.reachSplices(s)
			w.reachEnds(s)
			break // one a step is enough, of those that are another one than they were
		}
	}
	if p := w.proxy; p.Live() > 1 && w.set[proxytrace.AcceptFrom] != 0 {
		w.Mark(reachMixed, w.claims(p.Session(0).Peer().Label) != w.claims(p.Session(1).Peer().Label))
	}
	w.Mark(reachMore, w.kernel.Stats.Promised > 0)
	w.Mark(reachDeserted, w.kernel.Stats.Deserted > 0)
	w.Mark(reachChoked, w.kernel.Stats.Choked > 0)
	w.Mark(reachStale, w.Table.Stats.Stale > 0)
	w.Mark(reachSetFail, w.Table.Stats.Failed > 0)
}

// reachSession marks what has to do with the channels of a session, and with its attempts.
func (w *run) reachSession(s *streamif.Session) {
	req, rep := s.Req(), s.Rep()
	front, back := s.Front(), s.Back()
	both := back.State() == streamif.EST && front.State() == streamif.EST
	for _, ch := range [...]*streamif.Channel{req, rep} {
		_, sent := ch.Bytes()
		stuck := !ch.Empty() && sent > 0
		w.Mark(reachShortFin, ch.Closing() && stuck)
		w.Mark(reachEOFFull, ch.Flags().Any(streamif.ShutR) && !ch.Empty())
		w.Mark(reachLine, ch.Flags().Any(streamif.WaitBuf))
		w.Mark(reachWindow, ch.ToForward() == 0 && ch.Buf().In() > 0)
		b := ch.Buf()
		w.Mark(reachWrap, b.Out() > 0 && len(b.Output()) < b.Out())
	}
	reqIn, _ := req.Bytes()
	repIn, repSent := rep.Bytes()
	w.Mark(reachHalfClient, both && req.Flags().Any(streamif.ShutW) && repSent > 0 && !rep.Flags().Any(streamif.ShutR))
	w.Mark(reachHalfServer, both && rep.Flags().Any(streamif.ShutW) && reqIn > 0 && !req.Flags().Any(streamif.ShutR))
	w.Mark(reachEarlyServer, repIn > 0 && reqIn == 0)
	w.Mark(reachRetry, s.Tries() > 1)
	w.Mark(reachElse, s.Tries() > 1 && both)
	w.Mark(reachPause, back.State() == streamif.TAR)
	w.Mark(reachRoom, (front.Flags() | back.Flags()).Any(streamif.SIWaitRoom))
	w.Mark(reachBothFull, front.Flags().Any(streamif.SIWaitRoom) && back.Flags().Any(streamif.SIWaitRoom))
	w.Mark(reachReserve, req.Reserved() && rep.Reserved())
	_, reqSent := req.Bytes()
	w.Mark(reachL4Bytes, both && reqSent > 0 && repIn == 0)
	w.Mark(reachNoHalf, front.Flags().Any(streamif.SINoHalf) && (req.Flags()|rep.Flags()).Any(streamif.ShutR))
}

// reachHandshakes marks what has to do with handshakes.
func (w *run) reachHandshakes(s *streamif.Session) {
	set := w.set
	both := s.Back().State() == streamif.EST && s.Front().State() == streamif.EST && !s.Back().IsApplet()
	w.Mark(reachStack+w.stack, both)
	if !w.shakes {
		return
	}
	w.Mark(reachRealTLS, both && (set[proxytrace.ClientTLS] == proxytrace.TLSReal || set[proxytrace.ServerTLS] == proxytrace.TLSReal))
	for _, v := range [...]struct {
		si      *streamif.StreamInterface
		in, out *streamif.Channel
		tls     bool
	}{
		{s.Front(), s.Req(), s.Rep(), set[proxytrace.ClientTLS] != 0}, {s.Back(), s.Rep(), s.Req(), set[proxytrace.ServerTLS] != 0},
	} {
		c := v.si.Conn()
		f := c.Flags()
		w.Mark(reachOwes, f.Any(core.ConnOwes) && c.Open() && v.out.Empty())
		w.Mark(reachOwesGoodbye, f.Any(core.ConnOwes) && c.Open() && v.out.Empty() && v.out.Closing())
		w.Mark(reachHeld, v.tls && c.Open() && v.si.Flags().Any(streamif.SIWaitRoom) && c.Desc().Ready().Any(core.R))
		w.Mark(reachRenewal, f.Any(core.ConnConnected) && f.Any(core.ConnHandshake) && c.Open())
		w.Mark(reachCutShort, v.out.Flags().Any(streamif.Truncated) && v.si.State() == streamif.EST)
	}
}

// reachEnds marks what has to do with closing, and with calls that are put off.
func (w *run) reachEnds(s *streamif.Session) {
	for _, v := range [...]struct {
		si *streamif.StreamInterface
		in *streamif.Channel
	}{{s.Front(), s.Req()}, {s.Back(), s.Rep()}} {
		w.Mark(reachLinger, v.si.Flags().Any(streamif.SILinger))
		if c := v.si.Conn(); c.Open() {
			in := w.kernel.FD(c.Desc().Num()).In()
			w.Mark(reachHalt, c.Desc().Paused() != 0)
			w.Mark(reachUrgent, v.in.Flags().Any(streamif.KernSplicing) && in.Urgent() && in.Ahead() == 0 && in.Readable() > 0)
		}
	}
}

// reachSplices marks what has to do with pipes, in worlds that have any.
func (w *run) reachSplices(s *streamif.Session) {
	w.Mark(reachLarge, max(s.Req().Buf().Size(), s.Rep().Buf().Size()) > w.proxy.Config().BufSize)
	if w.set[proxytrace.SpliceReq] == 0 && w.set[proxytrace.SpliceRep] == 0 {
		return
	}
	w.Mark(reachNoPipe, w.proxy.Pipes().Stats.Missed > 0)
	w.Mark(reachResidue, w.proxy.Pipes().Stats.Destroyed > 0)
	req, rep := s.Req(), s.Rep()
	w.Mark(reachSplicedBoth, req.Piped() > 0 && rep.Piped() > 0)
	for i, ch := range [...]*streamif.Channel{req, rep} {
		auto := w.set[proxytrace.SpliceReq+traces.Param(i)] == int64(streamif.SpliceAuto)
		on := ch.Flags().Any(streamif.KernSplicing)
		w.Mark(reachSpliced, ch.Piped() > 0)
		w.Mark(reachPipeFull, ch.Flags().Any(streamif.PipeFull) && ch.Piped() > 0)
		w.Mark(reachPipeBehind, ch.Piped() > 0 && ch.Buf().Len() > 0)
		w.Mark(reachAutoOn, auto && on)
		w.Mark(reachAutoOff, auto && !on && ch.Spliced() > 0)
		w.Mark(reachCannot, ch.Flags().Any(streamif.CannotSplice))
		w.Mark(reachPipeEnd, ch.Piped() > 0 && ch.Flags().Any(streamif.ShutR))
	}
}

// closed marks how a session ended.
func (w *run) closed(s *streamif.Session) {
	for _, row := range [...]struct {
		reason streamif.Reason
		i      int
	}{
		{streamif.ConnectLate, reachConnectLate}, {streamif.ConnectError, reachConnectFail},
		{streamif.ClientAbort, reachAbort}, {streamif.ClientTimeout, reachClientTimeout},
		{streamif.ServerTimeout, reachServerTimeout}, {streamif.ClientError, reachClientError},
		{streamif.ServerError, reachServerError}, {streamif.Normal, reachNormal},
		{streamif.ClientHeader, reachHeaderBad}, {streamif.ClientSilent, reachHeaderLate},
		{streamif.ClientTLS, reachClientTLS}, {streamif.ClientTLSLate, reachClientTLSLate},
		{streamif.ServerTLS, reachServerTLS}, {streamif.ClientShare, reachShedNamed}, {streamif.ServerTLSLate, reachServerTLSLate},
	} {
		w.Mark(row.i, s.Reason() == row.reason)
	}
}

func (w *run) reachAccepting(on bool, why core.Errno) {
	w.Mark(reachMaxConn, !on && why == 0)
	w.Mark(reachNoFiles, !on && why != 0)
}
