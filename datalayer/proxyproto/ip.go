package proxyproto

import "strconv"

// quad takes the text of an IPv4 address: four numbers with dots between them,
// up to the byte behind.
func (l *line) quad(ip []byte) bool {
	for i := range 4 {
		if i > 0 {
			if l.p[l.at] != '.' {
				return l.bad(BadAddress)
			}
			l.at++
		}
		n, ok := l.number(255, BadAddress)
		if !ok {
			return false
		}
		ip[i] = byte(n)
	}
	return true
}

// groups takes the text of an IPv6 address in any form of RFC 4291, up to the
// byte behind: eight groups with colons between them, of which "::" replaces one
// or more that are zero, and a quad the last two.
func (l *line) groups(ip *[16]byte) bool {
	n, gap := 0, -1 // groups so far, and how many stand before the "::"
	if l.p[l.at] == ':' {
		if !l.word("::", BadAddress) {
			return false
		}
		gap = 0
	}
	for more := true; more; {
		from := l.at
		group, ok := l.group()
		if !ok {
			return false
		}
		switch c := l.p[l.at]; {
		case l.at == from && gap == n:
			more = false // nothing behind the "::"
		case l.at == from:
			return l.bad(BadAddress)
		case c == '.':
			if gap < 0 && n != 6 || n > 6-gapWidth(gap) {
				return l.bad(BadAddress)
			}
			l.at = from
			if !l.quad(ip[2*n:]) {
				return false
			}
			n += 2
			more = false
		default:
			ip[2*n], ip[2*n+1] = byte(group>>8), byte(group)
			n++
			if more, ok = l.colon(n, &gap); !ok {
				return false
			}
		}
	}
	if gap < 0 {
		return n == 8 || l.bad(BadAddress)
	}
	behind := 16 - 2*(n-gap)
	copy(ip[behind:], ip[2*gap:2*n])
	clear(ip[2*gap : behind])
	return true
}

// gapWidth is how many groups a "::" stands for at least.
func gapWidth(gap int) int {
	if gap < 0 {
		return 0
	}
	return 1
}

// group takes up to four hexadecimal digits, and sees the byte behind them.
func (l *line) group() (n uint16, ok bool) {
	for i := 0; i < 4 && !l.out(); i++ {
		digit := unhex(l.p[l.at])
		if digit > 15 {
			break
		}
		n = n<<4 | uint16(digit)
		l.at++
	}
	return n, !l.out()
}

// colon takes what is between n groups and the next, and sees the byte behind.
// more is false if no group can follow.
func (l *line) colon(n int, gap *int) (more, ok bool) {
	if l.p[l.at] != ':' {
		return false, true
	}
	if n == 8-gapWidth(*gap) {
		return false, l.bad(BadAddress)
	}
	l.at++
	if l.out() {
		return false, false
	}
	if l.p[l.at] != ':' {
		return true, true
	}
	if *gap >= 0 {
		return false, l.bad(BadAddress)
	}
	*gap = n
	l.at++
	return n < 7, !l.out()
}

// unhex is the value of a hexadecimal digit, and more than 15 of anything else.
func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}

func appendQuad(b, ip []byte) []byte {
	for i := range 4 {
		if i > 0 {
			b = append(b, '.')
		}
		b = strconv.AppendUint(b, uint64(ip[i]), 10)
	}
	return b
}

// appendGroups prints the form that RFC 5952 recommends.
func appendGroups(b []byte, ip *[16]byte) []byte {
	if [12]byte(ip[:12]) == prefix4 {
		return appendQuad(append(b, "::ffff:"...), ip[12:])
	}
	from, to := zeros(ip)
	for i := 0; i < 8; i++ {
		if i == from {
			b = append(b, "::"...)
			i = to - 1
			continue
		}
		if i > 0 && i != to {
			b = append(b, ':')
		}
		b = strconv.AppendUint(b, uint64(ip[2*i])<<8|uint64(ip[2*i+1]), 16)
	}
	return b
}

// zeros finds the groups that "::" replaces: the first of the longest runs of
// zeros, if that is more than one. If not, from and to are 8, which is no group.
func zeros(ip *[16]byte) (from, to int) {
	from, to = 8, 9
	for i := 0; i < 8; i++ {
		end := i
		for end < 8 && ip[2*end] == 0 && ip[2*end+1] == 0 {
			end++
		}
		if end-i > to-from {
			from, to = i, end
		}
		i = max(i, end-1)
	}
	return from, to
}
