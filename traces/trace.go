package traces

import (
	"bytes"
	"fmt"
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
	Live      bool     // recorded on a real kernel: there are only steps
	Settings  Settings
	Sessions  []Session
	Decisions []sim.Decision
	Fail      string // what goes wrong: identity, blank, explanation
	Steps     []Step
}

// Session is one client, and what the server does for it.
type Session struct {
	At     int64 // when the client connects, nanoseconds from the beginning
	Client Script
	Server Script // empty stands for echo
}

// AppendText prints the trace. Everything printed parses back.
func (t *Trace) AppendText(b []byte) []byte {
	b = append(b, Magic+"\n"...)
	for _, c := range t.Comments {
		b = append(b, strings.TrimRight("# "+c, " ")...)
		b = append(b, '\n')
	}
	if t.Live {
		b = append(b, "live"...)
	} else {
		b = append(b, "world"...)
	}
	b = append(t.Settings.appendText(b), '\n')
	for i := range t.Sessions {
		b = t.Sessions[i].appendText(b, i)
	}
	for _, d := range t.Decisions {
		b = appendDecision(b, d)
	}
	if t.Fail != "" {
		b = append(append(append(b, "fail "...), t.Fail...), '\n')
	}
	for i := range t.Steps {
		b = append(t.Steps[i].appendText(b), '\n')
	}
	return b
}

// String prints the trace.
func (t *Trace) String() string { return string(t.AppendText(nil)) }

func (s *Session) appendText(b []byte, i int) []byte {
	b = strconv.AppendInt(append(b, "session "...), int64(i), 10)
	if s.At != 0 {
		b = append(append(b, " at="...), time.Duration(s.At).String()...)
	}
	b = s.Client.appendText(append(b, " client="...))
	if len(s.Server) > 0 {
		b = s.Server.appendText(append(b, " server="...))
	}
	return append(b, '\n')
}

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

// Parse reads a trace. name is what errors call the text: they say name:line
// and what was expected there.
func Parse(name string, text []byte) (*Trace, error) {
	t := &Trace{Settings: Default()}
	p := parser{t: t}
	n := 0
	for line := range bytes.Lines(text) {
		n++
		if err := p.line(n, strings.TrimRight(string(line), "\r\n \t")); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	if err := p.finish(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, n+1, err)
	}
	return t, nil
}

// parser keeps what Parse knows between two lines.
type parser struct {
	t     *Trace
	world bool // the world or live line was seen
}

func (p *parser) line(n int, line string) error {
	if n == 1 {
		if line != Magic {
			return fmt.Errorf("expected %q, found %q", Magic, cut(line))
		}
		return nil
	}
	if c, ok := strings.CutPrefix(line, "#"); ok {
		if !p.world {
			p.t.Comments = append(p.t.Comments, strings.TrimPrefix(c, " "))
		}
		return nil
	}
	words := strings.Fields(line)
	if len(words) == 0 {
		return nil
	}
	verb, args := words[0], words[1:]
	if !p.world {
		if verb != "world" && verb != "live" {
			return fmt.Errorf("expected a world or live line, found %q", cut(line))
		}
		p.world = true
		p.t.Live = verb == "live"
		return p.settings(args)
	}
	switch verb {
	case "session":
		return p.session(args)
	case "choose":
		return p.decision(args)
	case "fail":
		p.t.Fail = strings.Join(args, " ")
		return nil
	}
	if len(verb) > 0 && verb[0] == '+' {
		s, err := parseStep(words)
		p.t.Steps = append(p.t.Steps, s)
		return err
	}
	return fmt.Errorf("expected session, choose, fail or a step, found %q", cut(line))
}

func (p *parser) finish() error {
	if !p.world {
		return fmt.Errorf("expected a world or live line, found the end")
	}
	s := &p.t.Settings
	if s[Reserve] >= s[BufSize] {
		return fmt.Errorf("the reserve must be smaller than bufsize")
	}
	if s[Buffers] == 1 {
		return fmt.Errorf("buffers must be 0 or at least 2")
	}
	return nil
}

func (p *parser) settings(args []string) error {
	for _, w := range args {
		if err := p.t.Settings.parse(w); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) session(args []string) error {
	want := strconv.Itoa(len(p.t.Sessions))
	if len(args) == 0 || args[0] != want {
		return fmt.Errorf("expected session %s next", want)
	}
	if len(p.t.Sessions) == maxSessions {
		return fmt.Errorf("more than %d sessions", maxSessions)
	}
	var s Session
	for _, w := range args[1:] {
		name, value, _ := strings.Cut(w, "=")
		var err error
		switch name {
		case "at":
			s.At, err = parseSpan(value, 0)
		case "client":
			s.Client, err = ParseScript(value)
		case "server":
			s.Server, err = ParseScript(value)
		default:
			err = fmt.Errorf("expected at=, client= or server=, found %q", cut(w))
		}
		if err != nil {
			return err
		}
	}
	p.t.Sessions = append(p.t.Sessions, s)
	return nil
}

// maxSessions bounds what a file may ask for: labels must fit a port number.
const maxSessions = 65000

func (p *parser) decision(args []string) error {
	if len(args) != 5 || args[3] != "=" {
		return fmt.Errorf("expected: choose ACTOR OP ORDINAL = VALUE")
	}
	a, ok := sim.ParseActor(args[0])
	if !ok {
		return fmt.Errorf("expected an actor such as f0, found %q", cut(args[0]))
	}
	op, ok := sim.ParseOp(args[1])
	if !ok {
		return fmt.Errorf("unknown op %q", cut(args[1]))
	}
	ord, err := strconv.ParseUint(args[2], 10, 32)
	if err != nil {
		return fmt.Errorf("expected an ordinal, found %q", cut(args[2]))
	}
	v, ok := op.ParseValue(args[4])
	if !ok {
		u, err := strconv.ParseUint(args[4], 10, 31)
		if err != nil || u == 0 {
			return fmt.Errorf("expected a value above 0 of %s, found %q", op, cut(args[4]))
		}
		v = int(u)
	}
	p.t.Decisions = append(p.t.Decisions, sim.Decision{Actor: a, Op: op, Ord: uint32(ord), Val: v})
	return nil
}

// cut keeps a quotation of somebody's file short.
func cut(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}
