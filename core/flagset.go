package core

import (
	"strconv"
	"strings"
)

// FlagString prints a bit set as names joined with "|", lowest bit first. The
// empty set is "-"; a bit without a name is printed as its number, so that
// nothing is hidden.
func FlagString(set uint32, names []string) string {
	if set == 0 {
		return "-"
	}
	var b strings.Builder
	for bit := 0; bit < 32; bit++ {
		if set&(1<<bit) == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('|')
		}
		if bit < len(names) && names[bit] != "" {
			b.WriteString(names[bit])
		} else {
			b.WriteString("bit" + strconv.Itoa(bit))
		}
	}
	return b.String()
}

// ParseFlags is the inverse of FlagString for named bits.
func ParseFlags(s string, names []string) (set uint32, ok bool) {
	if s == "-" {
		return 0, true
	}
	for part := range strings.SplitSeq(s, "|") {
		bit := -1
		for i, n := range names {
			if n == part && n != "" {
				bit = i
			}
		}
		if bit < 0 {
			return 0, false
		}
		set |= 1 << bit
	}
	return set, true
}
