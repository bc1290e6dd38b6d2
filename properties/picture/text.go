package picture

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	columns = 100 // of a line of text, at most
	clock   = 13  // columns for the time
	gap     = 9   // columns from one lane to the next
)

// text prints the picture for a terminal, in lines of at most 100 columns: one for each event.
func (p *Picture) text(out io.Writer) error {
	var b strings.Builder
	b.WriteString(short(p.Title+", a run of "+p.Program, columns) + "\n")
	if p.Failed() {
		for _, l := range [...]string{p.Rule, p.What, p.Says} {
			for _, line := range wrapped(l, columns-2) {
				b.WriteString("  " + line + "\n")
			}
		}
	}
	if p.Without != "" {
		b.WriteString("  " + short("without "+p.Without+" "+p.Ends, columns-2) + "\n")
	}
	if p.Cut > 0 {
		fmt.Fprintf(&b, "  %d events are left out in front\n", p.Cut)
	}
	if p.Without != "" {
		if _, err := io.WriteString(out, b.String()+"\n"); err != nil {
			return err
		}
		return p.sideBySide(out)
	}
	b.WriteString("\n" + strings.Repeat(" ", clock))
	for _, l := range p.Lanes {
		fmt.Fprintf(&b, "%-*s", gap, p.head(l))
	}
	trimmed := strings.TrimRight(b.String(), " ")
	if _, err := io.WriteString(out, trimmed+"\n"); err != nil {
		return err
	}
	for _, e := range p.Events {
		if _, err := io.WriteString(out, p.line(e)+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// wrapped is a text in lines of at most so many columns, where its words allow that.
func wrapped(text string, most int) (lines []string) {
	line := ""
	for _, w := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line+" "+w) > most {
			lines = append(lines, line)
			line = ""
		}
		line = short(strings.TrimPrefix(line+" "+w, " "), most)
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// marks are what stands on the lane of an event that is no arrow, heads and shafts what
// arrows are made of.
var (
	marks  = [numKinds]byte{Call: 'o', Open: 'o', Report: 'o', Bytes: 'o', Fin: 'F', Rst: 'X', Deed: 'o', Choice: '?', Accident: '!', Breach: '#'}
	shafts = [numKinds]byte{Call: '-', Open: '-', Report: '.', Bytes: '=', Fin: '~', Rst: 'x', Deed: '-', Choice: '-', Accident: '-', Breach: '-'}
)

// line draws one event.
func (p *Picture) line(e Event) string {
	row := []byte(strings.Repeat(" ", len(p.Lanes)*gap))
	at := func(i int) int { return i*gap + 3 }
	for i := range p.Lanes {
		row[at(i)] = '|'
	}
	from, to := at(p.place(e.From)), at(p.place(e.To))
	switch {
	case from < to:
		fill(row[from+1:to], shafts[e.Kind])
		row[to-1] = '>'
	case from > to:
		fill(row[to+1:from], shafts[e.Kind])
		row[to+1] = '<'
	default:
		row[from] = marks[e.Kind]
	}
	head := fmt.Sprintf("%*s ", clock-1, span(e.At))
	return strings.TrimRight(head+string(row)+short(e.Text, columns-len(head)-len(row)), " ")
}

// place is which of the picture's lanes one is: the session's, if it is not there.
func (p *Picture) place(l Lane) (at int) {
	for i, o := range p.Lanes {
		if o == l {
			return i
		}
		if o == Session {
			at = i
		}
	}
	return at
}

func fill(b []byte, with byte) {
	for i := range b {
		b[i] = with
	}
}

// span prints a time since the beginning.
func span[T ~int64](t T) string { return time.Duration(t).String() }

// short keeps the beginning of a text.
func short(s string, most int) string {
	s = clean(s)
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-2]) + ".."
}

// clean is a text without what tells a terminal something, or stands in no XML.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}
