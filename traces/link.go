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
	var own Link
	switch {
	case label >= len(t.Sessions):
	case front:
		own = t.Sessions[label].Front
	default:
		own = t.Sessions[label].Back
	}
	for i, v := range own {
		if v == 0 {
			own[i] = t.Settings[Latency+Param(i)]
		}
	}
	return sim.Link{
		Latency: sim.Time(own[0]), Gap: sim.Time(own[Gap-Latency]),
		Segment: int(own[Segment-Latency]), SndBuf: int(own[SndBuf-Latency]), RcvBuf: int(own[RcvBuf-Latency]),
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
