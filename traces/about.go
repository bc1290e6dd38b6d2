package traces

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
	"time"
)

// About is where and when a recording was made. Its text ends with a line that says how
// many steps there are, and has a checksum of what is above it: a file of a process that
// broke, or of a disk that was full, is known for what it is.
//
//	recorded worker=1 at=2026-11-26T18:03:04.5Z by=relay/v1.2.3/go1.26
//	+0s p0 wait never = 0
//	end 1 = 7c2f19a0
type About struct {
	Worker int       // which of the process's
	At     time.Time // the wall clock before the first step
	By     string    // program, version, compiler: no blanks; "" is unknown
}

const maxWorker = 1 << 16

func (a *About) appendText(b []byte) []byte {
	b = strconv.AppendInt(append(b, "recorded worker="...), int64(a.Worker), 10)
	b = a.At.UTC().AppendFormat(append(b, " at="...), time.RFC3339Nano)
	if by := strings.Join(strings.Fields(a.By), "_"); by != "" {
		b = append(append(b, " by="...), by...)
	}
	return b
}

func parseAbout(args []string) (*About, error) {
	a := new(About)
	for _, w := range args {
		name, value, _ := strings.Cut(w, "=")
		var err error
		switch name {
		case "worker":
			if a.Worker, err = strconv.Atoi(value); err != nil || a.Worker < 0 || a.Worker > maxWorker {
				return nil, expected(fmt.Sprintf("worker: a number up to %d", maxWorker), value)
			}
		case "at":
			if a.At, err = time.Parse(time.RFC3339Nano, value); err != nil {
				return nil, expected("at: a time such as 2026-11-26T18:03:04.5Z", value)
			}
			a.At = a.At.UTC()
		case "by":
			a.By = value
		default:
			return nil, expected("worker=, at= or by=", w)
		}
	}
	return a, nil
}

// appendEnd prints the last line behind a text.
func appendEnd(b []byte, steps int, text []byte) []byte {
	return fmt.Appendf(b, "end %d = %08x\n", steps, crc32.ChecksumIEEE(text))
}

// Split returns the texts of a file's traces: a process with several workers writes one for
// each, one behind the other. Their lines are those of the file from the line at on, 1 for the first.
func Split(text []byte) (parts []Part) {
	for line := 1; len(text) > 0; {
		next := len(text)
		if i := bytes.Index(text, []byte("\n"+Magic+"\n")); i >= 0 {
			next = i + 1
		}
		parts = append(parts, Part{text[:next], line})
		line += bytes.Count(text[:next], []byte("\n"))
		text = text[next:]
	}
	return parts
}

// Part is the text of one of a file's traces.
type Part struct {
	Text []byte
	Line int // of the file that it begins at, counted from 1
}

// Lines returns the lines of the file that the steps are on.
func (p *Part) Lines() (list []int) {
	line := p.Line
	for text := range bytes.Lines(p.Text) {
		if bytes.HasPrefix(bytes.TrimLeft(text, blanks), []byte("+")) {
			list = append(list, line)
		}
		line++
	}
	return list
}

// ParseAll reads a file of traces, one behind the other, as Parse reads one.
func ParseAll(name string, text []byte) (all []*Trace, err error) {
	parts := Split(text)
	if len(parts) == 0 {
		parts = []Part{{nil, 1}}
	}
	for _, p := range parts {
		t, err := parse(name, p)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}
