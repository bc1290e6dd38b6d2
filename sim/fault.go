package sim

// Op is what a choice is about. Each has a name, a rate per seed and a counter.
type Op uint8

// The ops: first those that only shape the run, then the faults.
const (
	OpRank     Op = iota // rank of one activation
	OpPriority           // lasting rank of an actor
	OpDemote             // change of a lasting rank
	OpRace               // others run while a call is under way
	OpDelay              // extra latency of one delivery
	OpSegment            // a delivery carries fewer bytes
	OpStall              // the link stands still for long
	OpFinApart           // the FIN travels behind the last bytes, not with them
	OpHole               // nothing passes in one direction, for ever or for a while
	OpRcvBuf             // the receiver's window shrinks for one delivery

	OpShortRead
	OpRecvAgain
	OpRecvIntr
	OpRecvFail // recv() lacks something of the kernel's own
	OpShortWrite
	OpSendAgain
	OpSendIntr
	OpSendFail   // send() does
	OpDisagree   // the kernel goes on reporting what a call has just denied
	OpSocket     // socket() fails
	OpConnect    // how an attempt goes
	OpServerLife // a server is there or not, for a while
	OpAccept     // accept() fails
	OpPeerRst    // the peer resets at this point of its script

	OpPipe        // pipe() fails
	OpPipeSize    // a pipe is smaller than was asked for
	OpSplice      // a descriptor refuses to splice
	OpShortSplice // fewer slots of a pipe are filled than could be

	OpShakeReset // the peer resets behind so many bytes, less one, of its handshakes
	OpShakeFin   // it ends its stream there
	OpShakeMute  // it says nothing more
	OpShakeFlip  // it gets a bit wrong there
	OpRenew      // it changes keys, or wants another handshake, in the middle of its data
	OpNoGoodbye  // it ends a stream that has an end of its own without it

	OpWaitIntr  // wait is interrupted
	OpRotate    // reports start elsewhere
	OpTruncate  // fewer lines are reported than there are
	OpLate      // one line is kept for the next wait
	OpSplit     // one line is reported in two waits
	OpSpurious  // readiness is reported where there is none
	OpStale     // a report for a closed descriptor
	OpSetFail   // the poller refuses a wish
	OpTaskDelay // tasks wait a round
	OpClockJump // time leaps while the worker sleeps

	OpLost      // a segment is lost, up to three times in a row
	OpPartition // nothing passes for a while, in either direction

	OpRebooted    // the peer is gone without a word, and refuses what it is sent
	OpRstLost     // a RST does not arrive
	OpUnreachable // who gives up has been told that there is no way

	OpNotYet   // who asks of a connection that is still being made is told that there is none
	OpEarlyHup // a report says that all is over, which it is not
	OpAhead    // one line of a report overtakes those before it
	OpClose    // close() says that something went wrong, and the descriptor is gone
	OpBusy     // time passes between a wait and the round that it belongs to
	OpTick     // what is sent arrives in the very moment for which the program set a timer

	OpShare  // a client comes to another worker's listener than to the one whose turn it is
	OpKilled // a worker dies in this round, in front of its so-many-th call, or at its end
	OpSlow   // a worker stands still for a while, and the world does not
	NumOps
)

// OfWorkers says that the op is asked only where a program has several workers.
func (o Op) OfWorkers() bool { return o >= OpShare }

// opInfo says what each op is called and which of its values have names.
var opInfo = [NumOps]struct {
	name   string
	values []string // of 1, 2, ...
	victim bool     // its value is an actor
	fault  bool     // faults stop in the second half of a liveness run
}{
	OpRank:      {name: "rank"},
	OpPriority:  {name: "priority"},
	OpDemote:    {name: "demote"},
	OpRace:      {name: "race"},
	OpDelay:     {name: "delay"},
	OpSegment:   {name: "segment"},
	OpStall:     {name: "stall", fault: true},
	OpFinApart:  {name: "fin-apart"},
	OpHole:      {name: "hole", values: []string{"for-ever", "1s", "5s", "30s", "200s"}, fault: true},
	OpRcvBuf:    {name: "rcvbuf", fault: true},
	OpShortRead: {name: "short-read", fault: true},
	OpRecvAgain: {name: "recv-again", fault: true},
	OpRecvIntr:  {name: "recv-intr", fault: true},
	OpRecvFail:  {name: "recv-fail", values: []string{"ENOMEM", "ENOBUFS"}, fault: true},

	OpShortWrite: {name: "short-write", fault: true},
	OpSendAgain:  {name: "send-again", fault: true},
	OpSendIntr:   {name: "send-intr", fault: true},
	OpSendFail:   {name: "send-fail", values: []string{"ENOMEM", "ENOBUFS"}, fault: true},
	OpDisagree:   {name: "disagree", fault: true},
	OpSocket:     {name: "socket", values: []string{"EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"}, fault: true},
	OpConnect: {name: "connect", fault: true, values: []string{"at-once", "refused", "late",
		"never", "no-route", "unreachable", "timed-out", "EAGAIN", "torn", "EADDRNOTAVAIL", "EADDRINUSE", "ENOBUFS", "EPERM"}},
	OpServerLife: {name: "server-life", values: []string{"refusing", "refusing-long", "silent", "silent-long"}, fault: true},
	OpAccept:     {name: "accept", values: []string{"EMFILE", "ENFILE", "ENOMEM", "ECONNABORTED", "EINTR", "ENOBUFS", "EPROTO", "EHOSTUNREACH", "EPERM"}, fault: true},
	OpPeerRst:    {name: "peer-reset", fault: true},

	OpPipe:        {name: "pipe", values: []string{"EMFILE", "ENFILE", "ENOMEM"}, fault: true},
	OpPipeSize:    {name: "pipe-size"},
	OpSplice:      {name: "splice", values: []string{"EINVAL", "ENOSYS", "EPERM", "EACCES", "EBADF", "EIO", "ENOMEM", "stuck"}, fault: true},
	OpShortSplice: {name: "short-splice", fault: true},

	OpShakeReset: {name: "shake-reset", fault: true},
	OpShakeFin:   {name: "shake-fin", fault: true},
	OpShakeMute:  {name: "shake-mute", fault: true},
	OpShakeFlip:  {name: "shake-flip", fault: true},
	OpRenew:      {name: "renew", values: []string{"keys", "both-keys", "handshake"}},
	OpNoGoodbye:  {name: "no-goodbye", fault: true},

	OpWaitIntr:  {name: "wait-intr", fault: true},
	OpRotate:    {name: "rotate", victim: true},
	OpTruncate:  {name: "truncate", victim: true, fault: true},
	OpLate:      {name: "late", fault: true},
	OpSplit:     {name: "split", values: []string{"out-later", "hup-later", "hup-first"}, fault: true},
	OpSpurious:  {name: "spurious", victim: true, fault: true},
	OpStale:     {name: "stale", fault: true},
	OpSetFail:   {name: "set-fail", fault: true},
	OpTaskDelay: {name: "task-delay", fault: true},
	OpClockJump: {name: "clock-jump", fault: true},

	OpLost:      {name: "lost", fault: true},
	OpPartition: {name: "partition", values: []string{"1s", "5s", "30s", "200s"}, fault: true},

	OpRebooted:    {name: "rebooted", fault: true},
	OpRstLost:     {name: "rst-lost", fault: true},
	OpUnreachable: {name: "unreachable", fault: true},

	OpNotYet:   {name: "not-yet", fault: true},
	OpEarlyHup: {name: "early-hup", fault: true},
	OpAhead:    {name: "ahead"},
	OpClose:    {name: "close", values: []string{"EINTR", "EIO"}, fault: true},
	OpBusy:     {name: "busy", fault: true},
	OpTick:     {name: "tick", fault: true},

	OpShare:  {name: "share", victim: true},
	OpKilled: {name: "killed", fault: true},
	OpSlow:   {name: "slow", fault: true},
}

// Values of OpConnect; 0 is a connection that comes after the link's latency.
const (
	ConnectAtOnce = 1 + iota
	ConnectRefused
	ConnectLate
	ConnectNever
	ConnectNoRoute
	ConnectUnreachable
	ConnectTimedOut
	ConnectAgain
	ConnectTorn // the failure is reported for a while, and connect() knows nothing of it
	ConnectNoPort
	ConnectInUse
	ConnectNoBuffers
	ConnectForbidden
	NumConnect
)

// Values of OpServerLife; 0 is a server that is there.
const (
	LifeRefusing = 1 + iota
	LifeRefusingLong
	LifeSilent
	LifeSilentLong
	NumLife
)

// Values of OpSplice that are not errors.
const (
	SpliceStuck = 8 // EAGAIN, until what is next was read in another way
	NumSplice   = 9
)

// Values of OpRenew.
const (
	RenewKeys = 1 + iota
	RenewBoth
	RenewHandshake
	NumRenew
)

// String returns the op's name.
func (o Op) String() string { return opInfo[o].name }

// Fault says whether the op is a fault, which a liveness run stops at its half.
func (o Op) Fault() bool { return opInfo[o].fault }

// Mild says whether the op changes only when something happens, and never what: no
// correct program notices it but by its clock.
func (o Op) Mild() bool {
	switch o {
	case OpRank, OpPriority, OpDemote, OpRace, OpDelay, OpSegment, OpFinApart, OpRcvBuf,
		OpShortRead, OpRecvAgain, OpRecvIntr, OpShortWrite, OpSendAgain, OpSendIntr,
		OpWaitIntr, OpRotate, OpAhead, OpTruncate, OpLate, OpSplit, OpSpurious, OpStale, OpTaskDelay,
		OpPipe, OpPipeSize, OpShortSplice, OpShare:
		return true
	}
	return false
}

// Victim says that a value of the op is the Actor that it happens to.
func (o Op) Victim() bool { return opInfo[o].victim }

// ValueName returns the name of a value, and "" if it has none.
func (o Op) ValueName(v int) string {
	if o.Victim() {
		if a, ok := ParseActor(Actor(v).String()); !ok || a != Actor(v) {
			return ""
		}
		return Actor(v).String()
	}
	if names := opInfo[o].values; v >= 1 && v <= len(names) {
		return names[v-1]
	}
	return ""
}

// ParseOp is the inverse of String.
func ParseOp(s string) (Op, bool) {
	for o := range NumOps {
		if opInfo[o].name == s {
			return o, true
		}
	}
	return 0, false
}

// ParseValue reads a value of the op that has a name, and says whether it is one.
func (o Op) ParseValue(s string) (int, bool) {
	if o.Victim() {
		a, ok := ParseActor(s)
		return int(a), ok
	}
	for i, name := range opInfo[o].values {
		if name == s {
			return i + 1, true
		}
	}
	return 0, false
}
