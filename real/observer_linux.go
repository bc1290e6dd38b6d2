package real

import (
	"millrace/core"
	"millrace/streamif"
)

// sayAgain is how long the log stays silent about accepting having stopped once
// it has said so. At the connection limit every session that ends makes room for
// one more and fills it again: without a pause this is two lines per session.
const sayAgain = 10 * core.Second

// observer is what a worker hears from its proxy: it counts, and it logs.
type observer struct {
	loop     *core.Loop
	journal  *journal
	sessions bool // log each session
	worker   int
	applet   string
	socks    *Sockets
	ended    [len(reasons)]uint64
	stops    uint64 // times accepting stopped
	alarm    *Alarm

	stopped bool       // accepting has stopped
	why     core.Errno // for this reason; 0 is the connection limit
	said    bool       // the log's last word on it is "stopped"
	again   core.Time  // not before this may it say so again
	lives   []told     // by number of the server
	greedy  core.Time  // not before this may the log name another client who wants too much
}

var _ streamif.Observer = (*observer)(nil)

// reasons lists why sessions end, in the order of the metrics.
var reasons = streamif.Reasons

// Opened has nothing to add to the proxy's own counters.
func (o *observer) Opened(*streamif.Session) {}

// Closed counts and logs a session.
func (o *observer) Closed(s *streamif.Session) {
	for i, r := range reasons {
		if s.Reason() == r {
			o.ended[i]++
		}
	}
	o.alarm.sound(o.worker, s)
	if !o.sessions {
		return
	}
	if b := o.journal.begin("INFO", "session"); b != nil {
		o.journal.end(o.appendSession(b, s, maxLine-len("\n")))
	}
}

// Accepting notes that accepting stopped or resumed.
func (o *observer) Accepting(on bool, why core.Errno) {
	o.stopped, o.why = !on, why
	if o.stopped {
		o.stops++
	}
	o.sayAccepting()
}

// sayAccepting brings the log up to date, if it may: a resumption is said at
// once when the stop was, a stop not too soon after the last one. It returns
// when to try again; 0 = nothing is left unsaid.
func (o *observer) sayAccepting() core.Time {
	now := o.loop.Now()
	switch {
	case o.stopped == o.said:
		return 0
	case o.stopped && now < o.again:
		return o.again
	case o.stopped:
		o.again = now + sayAgain
		o.line("WARN", `"accepting stopped"`)
	default:
		o.line("INFO", `"accepting resumed"`)
	}
	o.said = o.stopped
	return 0
}

// Refused names a client who wants more than his share: one in a while, since the others
// of a flood tell nothing new, and the counter has them all.
func (o *observer) Refused(client core.Addr) {
	now := o.loop.Now()
	if now < o.greedy {
		return
	}
	o.greedy = now + sayAgain
	if b := o.journal.begin("WARN", `"client refused"`); b != nil {
		b = append(appendUint(b, " worker=", uint64(o.worker)), " why=maxconn-per-client"...)
		o.journal.end(appendAddr(b, " client=", written(client)))
	}
}

func (o *observer) line(level, msg string) {
	b := o.journal.begin(level, msg)
	if b == nil {
		return
	}
	b = append(appendUint(b, " worker=", uint64(o.worker)), " why="...)
	switch o.why {
	case 0:
		b = append(b, "maxconn"...)
	case core.EBUSY:
		b = append(b, "maxhandshakes"...)
	default:
		b = append(b, o.why.String()...)
	}
	o.journal.end(b)
}
