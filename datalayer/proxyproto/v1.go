package proxyproto

import "millrace/core"

// line is a header of version 1 that is being read. Its methods take what they
// are named after off the front and say whether they could. If not, either fault
// says why, or the bytes ran out: nothing taken so far is wrong.
type line struct {
	p     []byte
	at    int
	fault Fault
}

// parseV1 returns the length of the line, and 0 if it is not all there.
func parseV1(p []byte, h *Header) (n int, fault Fault) {
	// Only the CRLF may stand in the last two places.
	full := len(p) >= MaxV1-1 && p[MaxV1-2] != '\r'
	if full {
		p = p[:MaxV1-1]
	}
	l := line{p: p}
	h.Version = 1
	switch {
	case l.header(h):
		return l.at, 0
	case l.fault == 0 && full:
		return 0, TooLong
	}
	return 0, l.fault
}

func (l *line) header(h *Header) bool {
	if !l.word("PROXY ", NotProxy) || l.out() {
		return false
	}
	if l.p[l.at] == 'U' {
		return l.word("UNKNOWN", BadFamily) && l.rest()
	}
	if !l.word("TCP", BadFamily) || l.out() {
		return false
	}
	switch l.p[l.at] {
	case '4':
		h.Family = IPv4
	case '6':
		h.Family = IPv6
	default:
		return l.bad(BadFamily)
	}
	l.at++
	return l.word(" ", BadLine) &&
		l.address(h.Family, &h.Src) && l.address(h.Family, &h.Dst) &&
		l.port(&h.Src, ' ') && l.port(&h.Dst, '\r') && l.word("\n", BadLine)
}

// out says whether all bytes are taken.
func (l *line) out() bool { return l.at == len(l.p) }

func (l *line) bad(fault Fault) bool {
	l.fault = fault
	return false
}

// separates says whether c ends a field.
func separates(c byte) bool { return c == ' ' || c == '\r' || c == '\n' }

// begun says whether a field begins here, which an empty one does not.
func (l *line) begun() bool {
	return !l.out() && (!separates(l.p[l.at]) || l.bad(BadLine))
}

// ended takes the byte behind a whole field.
func (l *line) ended(end byte, fault Fault) bool {
	switch c := l.p[l.at]; {
	case c == end:
		l.at++
		return true
	case separates(c):
		return l.bad(BadLine)
	}
	return l.bad(fault)
}

// word takes exactly w.
func (l *line) word(w string, fault Fault) bool {
	for i := range len(w) {
		if l.out() {
			return false
		}
		if l.p[l.at] != w[i] {
			return l.bad(fault)
		}
		l.at++
	}
	return true
}

// rest takes all up to the CRLF, and the CRLF.
func (l *line) rest() bool {
	for !l.out() {
		c := l.p[l.at]
		if c == '\n' {
			return l.bad(BadLine)
		}
		l.at++
		if c == '\r' {
			return l.word("\n", BadLine)
		}
	}
	return false
}

// number takes a decimal number up to most, without leading zeros, of which it
// sees the end.
func (l *line) number(most int, fault Fault) (n int, ok bool) {
	from := l.at
	for ; !l.out(); l.at++ {
		c := l.p[l.at]
		if c < '0' || c > '9' {
			return n, l.at > from || l.bad(fault)
		}
		if l.at > from && n == 0 {
			return 0, l.bad(fault)
		}
		n = 10*n + int(c-'0')
		if n > most {
			return 0, l.bad(fault)
		}
	}
	return 0, false
}

// port takes a port and the byte behind it.
func (l *line) port(a *core.Addr, end byte) bool {
	if !l.begun() {
		return false
	}
	n, ok := l.number(65535, BadPort)
	a.Port = uint16(n)
	return ok && l.ended(end, BadPort)
}

// address takes an address and the space behind it.
func (l *line) address(f Family, a *core.Addr) bool {
	if !l.begun() {
		return false
	}
	if f == IPv6 {
		return l.groups(&a.IP) && l.ended(' ', BadAddress)
	}
	copy(a.IP[:], prefix4[:])
	return l.quad(a.IP[12:]) && l.ended(' ', BadAddress)
}
