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
func head(b []byte, level, msg string) []byte {
	b = append(b, "time="...)
	b = time.Now().UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z")
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

// appendSession appends what there is to say of an ended session.
func (o *observer) appendSession(b []byte, s *streamif.Session) []byte {
	peer := s.Peer()
	in, _ := s.Req().Bytes()
	_, out := s.Rep().Bytes()
	reason := s.Reason()
	b = appendUint(b, " worker=", uint64(o.worker))
	b = appendUint(b, " id=", uint64(peer.Label))
	b = appendAddr(b, " client=", written(peer.Addr))
	b = append(b, " server="...)
	switch n := s.Server(); {
	case s.Back().IsApplet():
		b = append(b, o.applet...)
	case n < 0:
		b = append(b, '-')
	default:
		b = append(b, o.servers[n]...)
	}
	b = appendUint(b, " in=", uint64(in))
	b = appendUint(b, " out=", uint64(out))
	b = appendMillis(b, " ms=", o.loop.Now()-s.Start())
	b = appendUint(b, " tries=", uint64(s.Tries()))
	b = append(b, " end="...)
	return append(b, reason[:]...)
}
