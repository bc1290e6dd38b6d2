package sim

// Means says in words what a decision does, for who has not yet learned what its name stands for.
func (d Decision) Means() string {
	if d.Op == OpConnect && d.Val > 0 && d.Val < NumConnect {
		if words := connects[d.Val]; words != "" {
			return words
		}
		return "the attempt fails at once, with " + d.Op.ValueName(d.Val)
	}
	return means[d.Op]
}

// connects are the ways of an attempt that its error does not tell.
var connects = [NumConnect]string{
	ConnectAtOnce:      "connect() succeeds at once, without EINPROGRESS",
	ConnectRefused:     "nobody listens there: ECONNREFUSED",
	ConnectLate:        "the connection is there after three seconds",
	ConnectNever:       "nobody ever answers",
	ConnectNoRoute:     "the attempt fails at once, with ENETUNREACH",
	ConnectUnreachable: "a router answers that there is no way: EHOSTUNREACH",
	ConnectTimedOut:    "nobody answers, and the kernel gives up after two seconds: ETIMEDOUT",
	ConnectTorn:        "the failure is reported, ERR included, for some time before connect() knows of it: what counts is the report",
}

var means = [NumOps]string{
	OpRank:     "of those who may run at one time another one comes first",
	OpPriority: "who it is comes first, or last, from then on",
	OpDemote:   "who it is changes its place among those who may run",
	OpRace:     "others run while the call is under way",
	OpDelay:    "what is sent arrives a little later",
	OpSegment:  "what is sent arrives in smaller pieces",
	OpStall:    "nothing arrives for up to three seconds",
	OpFinApart: "the end of the stream arrives behind the last bytes, and not with them",
	OpHole:     "nothing passes in this direction for so long",
	OpRcvBuf:   "the other end takes less than it has room for",

	OpShortRead:  "recv() gets fewer bytes than there are",
	OpRecvAgain:  "recv() says EAGAIN, and what is there is reported soon",
	OpRecvIntr:   "recv() says EINTR",
	OpRecvFail:   "recv() lacks memory",
	OpShortWrite: "send() takes fewer bytes than there is room for",
	OpSendAgain:  "send() says EAGAIN, and room is reported soon",
	OpSendIntr:   "send() says EINTR",
	OpSendFail:   "send() lacks memory",
	OpDisagree:   "the poller goes on reporting for a while what a call has just denied",
	OpSocket:     "socket() fails",
	OpConnect:    "an attempt to connect goes another way",
	OpServerLife: "a server refuses whoever comes, or does not answer, for some time",
	OpAccept:     "accept() fails",
	OpPeerRst:    "the peer resets the connection at this point of its script",

	OpPipe:        "pipe() fails",
	OpPipeSize:    "a pipe is smaller than was asked for",
	OpSplice:      "a splice is refused",
	OpShortSplice: "a splice moves less than it could",

	OpShakeReset: "the peer resets in the middle of a handshake",
	OpShakeFin:   "the peer ends its stream in the middle of a handshake",
	OpShakeMute:  "the peer says nothing more in the middle of a handshake",
	OpShakeFlip:  "a bit of a handshake is turned",
	OpRenew:      "the peer changes keys, or wants another handshake",
	OpNoGoodbye:  "the peer ends its stream without a goodbye",

	OpWaitIntr:  "the wait says EINTR",
	OpRotate:    "the wait reports another one first",
	OpTruncate:  "the wait reports fewer than are ready",
	OpLate:      "the wait keeps a report for the next one",
	OpSplit:     "the wait reports a part of what is ready, and the next one the rest",
	OpSpurious:  "the wait reports what is not so",
	OpStale:     "the wait reports of a descriptor that was closed",
	OpSetFail:   "the poller lacks memory for a wish",
	OpTaskDelay: "tasks wait for the next round",
	OpClockJump: "the wait takes longer than was asked for",

	OpLost:      "what was sent is lost, and sent again later",
	OpPartition: "nothing passes in either direction for so long",

	OpRebooted:    "the peer is gone without a word, and answers with a reset whatever it is sent",
	OpRstLost:     "a reset does not arrive",
	OpUnreachable: "who gives up was told that there is no way",

	OpNotYet:   "what is asked of a connection that is being made says ENOTCONN",
	OpEarlyHup: "HUP is reported of a connection that goes on",
	OpAhead:    "one report overtakes those before it",
	OpClose:    "close() fails, and has closed",
	OpBusy:     "time passes between a wait and what is done about its reports",
	OpTick:     "what is sent arrives in the very moment for which a timer was set",

	OpShare:  "a client comes to another worker",
	OpKilled: "the worker dies at one of its calls",
	OpSlow:   "the worker stands still for a while",
}
