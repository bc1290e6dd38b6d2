package real

import (
	"net/netip"
	"strconv"
	"time"

	"millrace/core"
	"millrace/streamif"
)

// Lines are logfmt in the form of log/slog's text handler, which the command
// uses for its own, but appended by hand: the handler allocates.

// head appends what every line begins with.
func head(b []byte, now time.Time, level, msg string) []byte {
	b = append(b, "time="...)
	b = now.UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z")
	b = append(b, " level="...)
	b = append(b, level...)
	b = append(b, " msg="...)
	return append(b, msg...)
}

func appendUint(b []byte, key string, n uint64) []byte {
	return strconv.AppendUint(append(b, key...), n, 10)
}

func appendAddr(b []byte, key string, a netip.AddrPort) []byte {
	return a.AppendTo(append(b, key...))
}

// appendMillis appends a span in milliseconds, to the microsecond.
func appendMillis(b []byte, key string, d core.Time) []byte {
	us := int64(d / core.Microsecond)
	b = strconv.AppendInt(append(b, key...), us/1000, 10)
	b = append(b, '.')
	for unit := int64(100); unit > 0; unit /= 10 {
		b = append(b, '0'+byte(us/unit%10))
	}
	return b
}

// appendSession appends what there is to say of an ended session. b must not
// become longer than limit.
func (o *observer) appendSession(b []byte, s *streamif.Session, limit int) []byte {
	peer := s.Peer()
	in, _ := s.Req().Bytes()
	_, out := s.Rep().Bytes()
	reason := s.Reason()
	b = appendUint(b, " worker=", uint64(o.worker))
	b = appendUint(b, " id=", uint64(peer.Label))
	client := s.Client()
	b = appendAddr(b, " client=", written(client))
	if client != peer.Addr {
		b = appendAddr(b, " via=", written(peer.Addr))
	}
	b = append(b, " server="...)
	switch n := s.Server(); {
	case s.Back().IsApplet():
		b = append(b, o.applet...)
	case n < 0:
		b = append(b, '-')
	default:
		b = append(b, o.socks.targets[n].name...)
	}
	b = appendUint(b, " in=", uint64(in))
	b = appendUint(b, " out=", uint64(out))
	if n := s.Req().Spliced() + s.Rep().Spliced(); n > 0 {
		b = appendUint(b, " spliced=", uint64(n))
	}
	b = appendMillis(b, " ms=", o.loop.Now()-s.Start())
	b = appendUint(b, " tries=", uint64(s.Tries()))
	b = append(b, " end="...)
	b = append(b, reason[:]...)
	if si := culprit(s); si != nil {
		b = appendFailure(b, s, si, limit)
	}
	return b
}

// culprit is the side whose connection may tell more of a session's end; nil if
// none can.
func culprit(s *streamif.Session) *streamif.StreamInterface {
	switch s.Reason()[0] {
	case 'C', 'c':
		return s.Front()
	case 'S', 's', 'R':
		return s.Back()
	}
	return nil
}

// appendFailure appends how a side's connection failed, if it did, or why there was none.
func appendFailure(b []byte, s *streamif.Session, si *streamif.StreamInterface, limit int) []byte {
	e := si.Conn().Err()
	// The connection's may be of the attempt before. A timeout of ours is in the reason.
	if refusal := s.Refusal(); refusal != 0 && refusal != core.ETIMEDOUT && si == s.Back() {
		e = refusal
	}
	if e != 0 {
		b = append(append(b, " err="...), e.String()...)
	}
	if detail := si.Detail(); detail != "" {
		b = appendQuoted(b, " detail=", detail, limit)
	}
	return b
}

// appendQuoted appends text that a peer may have had a hand in: on one line,
// without anything a terminal would obey, and cut where b would become longer
// than limit.
func appendQuoted(b []byte, key, text string, limit int) []byte {
	const cut = `..."`
	if len(b)+len(key)+len(`"`)+len(cut) > limit {
		return b
	}
	b = append(append(b, key...), '"')
	for i := range len(text) {
		c := text[i]
		switch {
		case len(b)+len(`\"`)+len(cut) > limit:
			return append(b, cut...)
		case c < ' ' || c > '~':
			b = append(b, '?')
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
