package traces

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"millrace/sim"
)

// Magic is the first line of every trace.
const Magic = "millrace 1"

// Trace is a run, described so that it can be had again: the world and the
// decisions that were not benign, or the steps that were recorded, or both.
type Trace struct {
	Comments  []string // of the head, without "# "
	Live      bool     // recorded on a real kernel: no sessions, no decisions
	Program   string   // whose run it is; "" is DefaultProgram
	Settings  Settings
	Recorded  *About    // where and when it was recorded; nil: nobody says
	Addresses []Address // of its sessions' peers, if they were to be recorded
	Torn      string    // what says that the text is not whole, "" if nothing does; not printed
	Sessions  []Session
	Decisions []sim.Decision
	Fail      string // what goes wrong: identity, colon, explanation
	Skipped   uint64 // steps that a full ring lost in front of the first one
	Steps     []Step
}

// Session is one client, and what the server does for it.
type Session struct {
	At     int64 // when the client connects, nanoseconds from the beginning
	Client Script
	Server Script // empty stands for echo
	// Front and Back are what is special about its connections.
	Front, Back Link
}

// AppendText prints the trace. Everything printed parses back, so a comment of
// several lines becomes several comments, and white space in Fail one blank: the
// explanation of a panic is a stack dump, which would end the trace at its second
// line.
func (t *Trace) AppendText(b []byte) []byte {
	from := len(b)
	b = append(b, Magic+"\n"...)
	for _, comment := range t.Comments {
		for line := range strings.SplitSeq(comment, "\n") {
			b = append(b, strings.TrimRight("# "+line, blanks)...)
			b = append(b, '\n')
		}
	}
	b = append(b, [...]string{"world", "live"}[b2i(t.Live)]...)
	b = append(t.appendSettings(b), '\n')
	if t.Recorded != nil {
		b = append(t.Recorded.appendText(b), '\n')
	}
	for i := range t.Addresses {
		b = t.Addresses[i].appendText(b)
	}
	for i := range t.Sessions {
		b = t.Sessions[i].appendText(b, i)
	}
	for _, d := range t.Decisions {
		b = appendDecision(b, d)
	}
	if fail := oneLine(t.Fail); fail != "" {
		b = append(append(append(b, "fail "...), fail...), '\n')
	}
	if t.Skipped > 0 {
		b = append(strconv.AppendUint(append(b, "skipped "...), t.Skipped, 10), '\n')
	}
	for i := range t.Steps {
		b = append(t.Steps[i].appendText(b), '\n')
	}
	if t.Recorded != nil {
		b = appendEnd(b, len(t.Steps), b[from:])
	}
	return b
}

// blanks is what may stand at the end of a line without a meaning.
const blanks = " \t\r\n"

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// String prints the trace.
func (t *Trace) String() string { return string(t.AppendText(nil)) }

// Clone copies the trace, so that editing one leaves the other alone.
func (t *Trace) Clone() *Trace {
	c := *t
	c.Comments = slices.Clone(t.Comments)
	c.Sessions = slices.Clone(t.Sessions)
	for i := range c.Sessions {
		s := &c.Sessions[i]
		s.Client, s.Server = slices.Clone(s.Client), slices.Clone(s.Server)
	}
	c.Decisions = slices.Clone(t.Decisions)
	c.Addresses = slices.Clone(t.Addresses)
	c.Steps = slices.Clone(t.Steps)
	if t.Recorded != nil {
		about := *t.Recorded
		c.Recorded = &about
	}
	return &c
}

func (s *Session) appendText(b []byte, i int) []byte {
	b = strconv.AppendInt(append(b, "session "...), int64(i), 10)
	if s.At != 0 {
		b = append(append(b, " at="...), time.Duration(s.At).String()...)
	}
	b = s.Back.appendText(s.Front.appendText(b, "front"), "back")
	b = s.Client.appendText(append(b, " client="...))
	if len(s.Server) > 0 {
		b = s.Server.appendText(append(b, " server="...))
	}
	return append(b, '\n')
}

// Line prints a decision as a trace has it.
func Line(d sim.Decision) string { return string(appendDecision(nil, d)) }

func appendDecision(b []byte, d sim.Decision) []byte {
	b = append(b, "choose "+d.Actor.String()+" "+d.Op.String()+" "...)
	b = strconv.AppendUint(b, uint64(d.Ord), 10)
	b = append(b, " = "...)
	if name := d.Op.ValueName(d.Val); name != "" {
		b = append(b, name...)
	} else {
		b = strconv.AppendInt(b, int64(d.Val), 10)
	}
	return append(b, '\n')
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
