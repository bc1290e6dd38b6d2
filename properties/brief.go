package properties

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"millrace/traces"
)

// Who reads a failure sees the beginning of a long text, and how much more there is: an
// answer of 40,000 bytes in one line hides what is said behind it. Trace files have it all.
const (
	briefText = 100 // a text that is not longer is shown whole
	briefHead = 60  // and so much of a longer one
)

// brief quotes a text.
func brief(text string) string {
	if len(text) <= briefText {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprintf("%q and %d bytes more", text[:briefHead], len(text)-briefHead)
}

// Brief is a trace whose long texts are cut, for who reads it: it is not the same run.
func Brief(t *traces.Trace) *traces.Trace {
	c := t.Clone()
	for i := range c.Sessions {
		for _, s := range [...]traces.Script{c.Sessions[i].Client, c.Sessions[i].Server} {
			for j, a := range s {
				if len(a.Text) > briefText {
					s[j].Text = fmt.Sprintf("%s...+%d", a.Text[:briefHead], len(a.Text)-briefHead)
				}
			}
		}
	}
	return c
}

// differs says where what was heard is not what was expected, for texts of which not all is
// shown; "" if that is seen.
func differs(expected, heard string) string {
	at := 0
	for at < len(expected) && at < len(heard) && expected[at] == heard[at] {
		at++
	}
	if len(expected) <= briefText || at == 0 {
		return ""
	}
	if at == len(heard) {
		return fmt.Sprintf(", which is all of it up to offset %d", at)
	}
	return fmt.Sprintf(", which differs from offset %d on: %q, and there is %q", at,
		expected[at:min(len(expected), at+briefHead)], heard[at:min(len(heard), at+briefHead)])
}

// cut is the beginning of a text of words, of at most so many bytes, "..." included where
// something is missing. Half a word misleads.
func cut(s string, most int) string {
	const mark = "..."
	if len(s) <= most {
		return s
	}
	s = s[:most-len(mark)+1]                            // a blank may be the first that is left out
	if i := strings.LastIndexByte(s, ' '); i > most/2 { // there is a word that is not too long for that
		return s[:i] + mark
	}
	s = s[:len(s)-1]
	for !utf8.ValidString(s) && len(s) > 0 {
		s = s[:len(s)-1]
	}
	return s + mark
}
