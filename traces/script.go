package traces

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Verb is one kind of thing a peer does.
type Verb uint8

// The verbs. A peer reads all it can all the time, unless it was told to Hold.
const (
	Send   Verb = iota // send N bytes
	Recv               // wait until N bytes in all have been received
	EOF                // wait for the end of what the other side sends
	ShutW              // half-close
	Close              // close: the last thing a peer does
	Reset              // close with a RST
	Wait               // let time pass
	Hold               // stop reading
	Go                 // read again, all there is
	Drip               // from now on read at most N bytes per millisecond
	Urgent             // send a byte of urgent data, which is not part of the stream
	Echo               // send back whatever comes until its end
	Say                // send Text
	Expect             // wait until Text was received, behind what was expected before
	Do                 // do what the program calls Text: see properties.Program.Deeds
	Quiet              // nothing has come but what was expected
	numVerbs
)

// verbInfo says how each verb is written and what its argument is.
var verbInfo = [numVerbs]struct {
	name string
	arg  byte // 0 = none, n = a number, t = a time span, s = a text
}{
	{"send", 'n'}, {"recv", 'n'}, {"eof", 0}, {"shutw", 0}, {"close", 0}, {"reset", 0},
	{"wait", 't'}, {"hold", 0}, {"go", 0}, {"drip", 'n'}, {"urgent", 0}, {"echo", 0},
	{"say", 's'}, {"expect", 's'}, {"do", 's'}, {"quiet", 0},
}

// String returns the verb's name.
func (v Verb) String() string { return verbInfo[v].name }

// Act is a verb with its argument: bytes, or nanoseconds, or a text.
type Act struct {
	Verb Verb
	N    int64
	Text string
}

// Script is what a peer does, in order, as it is written in a session's line:
//
//	send:512        sends 512 bytes, whose values follow from the stream and the offset
//	say:"QUIT\n"    sends a text
//	recv:100        waits until 100 bytes in all have come, those before included
//	expect:"221"    waits until the text has come, behind what was expected before it,
//	                with anything in between
//	quiet           has heard nothing but what was expected: behind eof, that was all
//	eof             waits for the end of what the other side sends
//	echo            sends back whatever comes, until its end
//	wait:5ms        lets time pass; it goes on reading
//	hold  go        stops reading, and reads again
//	drip:10         from now on reads at most 10 bytes a millisecond
//	urgent          sends a byte of urgent data
//	do:"login"      runs a function of the program's, see properties.Program.Deeds
//	shutw           sends its FIN
//	close           closes, the last thing that a peer does
//	reset           closes with a RST
//
// A peer whose script has ended without close waits for the end of the connection and
// closes then. What cannot come any more, since the other side has ended, makes it close.
type Script []Act

// Has says whether any of these verbs is in the script.
func (s Script) Has(verbs ...Verb) bool {
	return slices.ContainsFunc(s, func(a Act) bool { return slices.Contains(verbs, a.Verb) })
}

// String prints the script as send:512,shutw,eof.
func (s Script) String() string { return string(s.appendText(nil)) }

func (s Script) appendText(b []byte) []byte {
	if len(s) == 0 {
		return append(b, '-')
	}
	for i, a := range s {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, verbInfo[a.Verb].name...)
		switch verbInfo[a.Verb].arg {
		case 'n':
			b = strconv.AppendInt(append(b, ':'), a.N, 10)
		case 't':
			b = append(append(b, ':'), time.Duration(a.N).String()...)
		case 's':
			b = append(append(b, ':'), quote(a.Text)...)
		}
	}
	return b
}

// maxBytes bounds what one act moves, so that sums cannot overflow.
const maxBytes = 1 << 40

// ParseScript is the inverse of String.
func ParseScript(text string) (Script, error) {
	if text == "-" {
		return nil, nil
	}
	var s Script
	for word := range strings.SplitSeq(text, ",") { // a quoted one has none in it
		a, err := parseAct(word)
		if err != nil {
			return nil, err
		}
		s = append(s, a)
	}
	return s, nil
}

func parseAct(word string) (Act, error) {
	name, arg, has := strings.Cut(word, ":")
	for v := range numVerbs {
		info := verbInfo[v]
		if info.name != name {
			continue
		}
		form := name + [...]string{0: "", 'n': ":BYTES", 't': ":SPAN", 's': `:"TEXT"`}[info.arg]
		if has != (info.arg != 0) {
			return Act{}, expected(form, word)
		}
		switch info.arg {
		case 'n':
			n, err := strconv.ParseInt(arg, 10, 64)
			if err != nil || n < 1 || n > maxBytes {
				return Act{}, expected(form+" with 1 to 2^40 bytes", word)
			}
			return Act{Verb: v, N: n}, nil
		case 's':
			text, err := strconv.Unquote(arg)
			if err != nil || text == "" || arg != quote(text) {
				return Act{}, expected(form+` with \x20 for a blank and \x2c for a comma`, word)
			}
			return Act{Verb: v, Text: text}, nil
		case 't':
			n, err := parseSpan(arg, 0, maxSpan)
			if err != nil {
				return Act{}, fmt.Errorf("%s: %w", name, err)
			}
			return Act{Verb: v, N: n}, nil
		}
		return Act{Verb: v}, nil
	}
	return Act{}, expected("an act such as send:512", word)
}

// quote prints a text as one word without a comma: as Go does, in ASCII, with these two
// escaped besides.
func quote(text string) string {
	return strings.NewReplacer(" ", `\x20`, ",", `\x2c`).Replace(strconv.QuoteToASCII(text))
}
