package traces

import (
	"strings"

	"millrace/sim"
)

// Link says in what the connection of one session, on one side of the program, is unlike
// all others: the values of Latency, Gap, Segment, SndBuf and RcvBuf, in this order, and 0
// where it is as the world line says.
type Link [RcvBuf - Latency + 1]int64

// Link returns what a session's connection is like on the clients' side or the servers'.
func (t *Trace) Link(label int, front bool) sim.Link {
	s := t.Settings
	if label < len(t.Sessions) {
		own := &t.Sessions[label].Back
		if front {
			own = &t.Sessions[label].Front
		}
		for i, v := range own {
			if v != 0 {
				s[Latency+Param(i)] = v
			}
		}
	}
	return sim.Link{
		Latency: sim.Time(s[Latency]), Gap: sim.Time(s[Gap]),
		Segment: int(s[Segment]), SndBuf: int(s[SndBuf]), RcvBuf: int(s[RcvBuf]),
	}
}

// Narrowest returns how many bytes pass the narrowest place of a session's two connections
// at a time, and the longest time that they are under way.
func (t *Trace) Narrowest(label int) (bytes int64, latency sim.Time) {
	front, back := t.Link(label, true), t.Link(label, false)
	bytes = int64(min(front.SndBuf, front.RcvBuf, front.Segment, back.SndBuf, back.RcvBuf, back.Segment))
	return bytes, max(front.Latency, back.Latency)
}

// appendText prints what differs: latency:5ms,segment:10.
func (l *Link) appendText(b []byte, name string) []byte {
	if *l == (Link{}) {
		return b
	}
	b = append(append(append(b, ' '), name...), '=')
	for i, v := range l {
		if v == 0 {
			continue
		}
		if b[len(b)-1] != '=' {
			b = append(b, ',')
		}
		s := &settings[Latency+Param(i)]
		b = s.appendValue(append(append(b, s.Name...), ':'), v)
	}
	return b
}

func parseLink(text string) (l Link, err error) {
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(part, ":")
		known := false
		for i := range l {
			s := &settings[Latency+Param(i)]
			if s.Name != name {
				continue
			}
			if known = true; l[i] != 0 {
				return l, expected("each of them once", part)
			}
			if l[i], err = s.parse(value); err != nil {
				return l, err
			}
			if l[i] == 0 {
				return l, expected("more than 0, or nothing for what the world line says", part)
			}
		}
		if !known {
			return l, expected("latency:, gap:, segment:, sndbuf: or rcvbuf:", part)
		}
	}
	return l, nil
}
