package properties

import (
	"millrace/core"
	"millrace/sim"
	"millrace/streamif"
	"millrace/traces"
)

// Reach counts the situations that a campaign is for. One that stays at 0 says
// that the campaign did not look where it seems to look.
type Reach [numReach]uint64

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
	reachLinger
	reachHalt
	reachStack // established with each combination of handshakes
	numReach   = reachStack + 16
)

// ReachNames says what each situation is.
var ReachNames = [numReach]string{
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
	reachLinger:      "an endpoint is closed but for what is on its way to it",
	reachHalt:        "a direction of a descriptor pauses",

	reachStack + 0: "established with nothing before the data", reachStack + 1: "established with PROXY in",
	reachStack + 2: "established with PROXY out", reachStack + 3: "established with PROXY in and out",
	reachStack + 4: "established with TLS in", reachStack + 5: "established with PROXY in, TLS in",
	reachStack + 6: "established with PROXY out, TLS in", reachStack + 7: "established with PROXY in and out, TLS in",
	reachStack + 8: "established with TLS out", reachStack + 9: "established with PROXY in, TLS out",
	reachStack + 10: "established with PROXY out, TLS out", reachStack + 11: "established with PROXY in and out, TLS out",
	reachStack + 12: "established with TLS in and out", reachStack + 13: "established with PROXY in, TLS in and out",
	reachStack + 14: "established with PROXY out, TLS in and out", reachStack + 15: "established with all there is",
}

func (r *Reach) mark(i int, cond bool) {
	if cond {
		r[i]++
	}
}

// Add adds up two counts.
func (r *Reach) Add(o *Reach) {
	for i := range r {
		r[i] += o[i]
	}
}

// look marks what can be seen after a step.
func (r *Reach) look(w *World) {
	for _, s := range w.proxy.Sessions() {
		r.session(s)
		r.handshakes(w, s)
		r.splices(w, s)
		r.ends(w, s)
		break // one a step is enough, and which one changes as they come and go
	}
	if live := w.proxy.Sessions(); len(live) > 1 && w.trace.Settings[traces.AcceptFrom] != 0 {
		r.mark(reachMixed, w.claims(live[0].Peer().Label) != w.claims(live[1].Peer().Label))
	}
	r.mark(reachStale, w.loop.Table.Stats.Stale > 0)
	r.mark(reachSetFail, w.loop.Table.Stats.Failed > 0)
}

func (r *Reach) session(s *streamif.Session) {
	req, rep := s.Req(), s.Rep()
	front, back := s.Front(), s.Back()
	both := back.State() == streamif.EST && front.State() == streamif.EST
	for _, ch := range [...]*streamif.Channel{req, rep} {
		_, sent := ch.Bytes()
		stuck := !ch.Empty() && sent > 0
		r.mark(reachShortFin, ch.Closing() && stuck)
		r.mark(reachEOFFull, ch.Flags().Any(streamif.ShutR) && !ch.Empty())
		r.mark(reachLine, ch.Flags().Any(streamif.WaitBuf))
		r.mark(reachWindow, ch.ToForward() == 0 && ch.Buf().In() > 0)
		b := ch.Buf()
		r.mark(reachWrap, b.Out() > 0 && len(b.Output()) < b.Out())
	}
	reqIn, _ := req.Bytes()
	repIn, repSent := rep.Bytes()
	r.mark(reachHalfClient, both && req.Flags().Any(streamif.ShutW) && repSent > 0 && !rep.Flags().Any(streamif.ShutR))
	r.mark(reachHalfServer, both && rep.Flags().Any(streamif.ShutW) && reqIn > 0 && !req.Flags().Any(streamif.ShutR))
	r.mark(reachEarlyServer, repIn > 0 && reqIn == 0)
	r.mark(reachRetry, s.Tries() > 1)
	r.mark(reachElse, s.Tries() > 1 && both)
	r.mark(reachPause, back.State() == streamif.TAR)
	r.mark(reachRoom, (front.Flags() | back.Flags()).Any(streamif.SIWaitRoom))
	r.mark(reachBothFull, front.Flags().Any(streamif.SIWaitRoom) && back.Flags().Any(streamif.SIWaitRoom))
	r.mark(reachReserve, req.Reserved() && rep.Reserved())
	_, reqSent := req.Bytes()
	r.mark(reachL4Bytes, both && reqSent > 0 && repIn == 0)
	r.mark(reachNoHalf, front.Flags().Any(streamif.SINoHalf) && (req.Flags()|rep.Flags()).Any(streamif.ShutR))
}

// handshakes marks what has to do with them.
func (r *Reach) handshakes(w *World, s *streamif.Session) {
	set := &w.trace.Settings
	both := s.Back().State() == streamif.EST && s.Front().State() == streamif.EST && !s.Back().IsApplet()
	r.mark(reachStack+int(min(set[traces.AcceptProxy], 1)+2*min(set[traces.SendProxy], 1)+
		4*min(set[traces.ClientTLS], 1)+8*min(set[traces.ServerTLS], 1)), both)
	if !set.Handshakes() {
		return
	}
	r.mark(reachRealTLS, both && (set[traces.ClientTLS] == traces.TLSReal || set[traces.ServerTLS] == traces.TLSReal))
	for _, v := range [...]struct {
		si      *streamif.StreamInterface
		in, out *streamif.Channel
		tls     bool
	}{
		{s.Front(), s.Req(), s.Rep(), set[traces.ClientTLS] != 0}, {s.Back(), s.Rep(), s.Req(), set[traces.ServerTLS] != 0},
	} {
		c := v.si.Conn()
		f := c.Flags()
		r.mark(reachOwes, f.Any(core.ConnOwes) && c.Open() && v.out.Empty())
		r.mark(reachOwesGoodbye, f.Any(core.ConnOwes) && c.Open() && v.out.Empty() && v.out.Closing())
		r.mark(reachHeld, v.tls && c.Open() && v.si.Flags().Any(streamif.SIWaitRoom) && c.Desc().Ready().Any(core.R))
		r.mark(reachRenewal, f.Any(core.ConnConnected) && f.Any(core.ConnHandshake) && c.Open())
		r.mark(reachCutShort, v.out.Flags().Any(streamif.Truncated) && v.si.State() == streamif.EST)
	}
}

// ends marks what has to do with closing, and with calls that are put off.
func (r *Reach) ends(w *World, s *streamif.Session) {
	for _, v := range [...]struct {
		si *streamif.StreamInterface
		in *streamif.Channel
	}{{s.Front(), s.Req()}, {s.Back(), s.Rep()}} {
		r.mark(reachLinger, v.si.Flags().Any(streamif.SILinger))
		if c := v.si.Conn(); c.Open() {
			in := w.kernel.FD(c.Desc().Num()).In()
			r.mark(reachHalt, c.Desc().Paused() != 0)
			r.mark(reachUrgent, v.in.Flags().Any(streamif.KernSplicing) && in.Urgent() && in.Ahead() == 0 && in.Readable() > 0)
		}
	}
}

// splices marks what has to do with pipes.
func (r *Reach) splices(w *World, s *streamif.Session) {
	r.mark(reachNoPipe, w.proxy.Pipes().Stats.Missed > 0)
	r.mark(reachResidue, w.proxy.Pipes().Stats.Destroyed > 0)
	req, rep := s.Req(), s.Rep()
	r.mark(reachSplicedBoth, req.Piped() > 0 && rep.Piped() > 0)
	for i, ch := range [...]*streamif.Channel{req, rep} {
		auto := w.trace.Settings[traces.SpliceReq+traces.Param(i)] == int64(streamif.SpliceAuto)
		on := ch.Flags().Any(streamif.KernSplicing)
		r.mark(reachSpliced, ch.Piped() > 0)
		r.mark(reachPipeFull, ch.Flags().Any(streamif.PipeFull) && ch.Piped() > 0)
		r.mark(reachPipeBehind, ch.Piped() > 0 && ch.Buf().Len() > 0)
		r.mark(reachAutoOn, auto && on)
		r.mark(reachAutoOff, auto && !on && ch.Spliced() > 0)
		r.mark(reachCannot, ch.Flags().Any(streamif.CannotSplice))
		r.mark(reachPipeEnd, ch.Piped() > 0 && ch.Flags().Any(streamif.ShutR))
	}
}

// closed marks how a session ended.
func (r *Reach) closed(_ *World, s *streamif.Session) {
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
		{streamif.ServerTLS, reachServerTLS}, {streamif.ServerTLSLate, reachServerTLSLate},
	} {
		r.mark(row.i, s.Reason() == row.reason)
	}
}

func (r *Reach) accepting(on bool, why core.Errno) {
	r.mark(reachMaxConn, !on && why == 0)
	r.mark(reachNoFiles, !on && why != 0)
}

// Never lists the situations that were not reached, and the faults that were
// allowed and did not happen.
func (r *Reach) Never(fired *[sim.NumOps]uint64) []string {
	var never []string
	for i, n := range r {
		if n == 0 {
			never = append(never, ReachNames[i])
		}
	}
	for op := range sim.NumOps {
		if fired[op] == 0 {
			never = append(never, "fault "+op.String())
		}
	}
	return never
}
