package traces

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"millrace/sim"
)

// Parse reads a trace. name is what errors call the text: they say name:line
// and what was expected there. The trace keeps nothing of text.
func Parse(name string, text []byte) (*Trace, error) {
	t := &Trace{}
	p := parser{t: t}
	n := 0
	for line := range bytes.Lines(text) {
		n++
		if err := p.line(n, strings.TrimRight(string(line), blanks)); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	switch {
	case n == 0:
		return nil, fmt.Errorf("%s:1: expected %q, found nothing", name, Magic)
	case !p.world:
		return nil, fmt.Errorf("%s:%d: %w", name, n+1, expected(worldLine, ""))
	}
	return t, nil
}

// parser keeps what Parse knows between two lines.
type parser struct {
	t     *Trace
	world bool // the world or live line was seen
}

const worldLine = "a world or live line"

func (p *parser) line(n int, line string) error {
	if n == 1 {
		if line != Magic {
			return expected(strconv.Quote(Magic), line)
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
	if p.world {
		return p.body(words, line)
	}
	if words[0] != "world" && words[0] != "live" {
		return expected(worldLine, line)
	}
	p.world = true
	p.t.Live = words[0] == "live"
	return p.t.parseSettings(words[1:])
}

// body reads a line behind the world line.
func (p *parser) body(words []string, line string) error {
	verb, args := words[0], words[1:]
	if verb[0] == '+' {
		s, err := parseStep(words)
		p.t.Steps = append(p.t.Steps, s)
		return err
	}
	switch verb {
	case "fail":
		p.t.Fail = strings.Join(args, " ")
		return nil
	case "skipped":
		return p.skipped(args)
	case "session", "choose":
		if p.t.Live {
			return expected("fail, skipped or a step: a live trace has nothing else", verb)
		}
		if verb == "session" {
			return p.session(args)
		}
		return p.decision(args)
	}
	return expected("session, choose, fail, skipped or a step", line)
}

func (p *parser) skipped(args []string) error {
	word := strings.Join(args, " ")
	n, err := strconv.ParseUint(word, 10, 62)
	if err != nil || n == 0 {
		return expected("a number of steps above 0", word)
	}
	if len(p.t.Steps) > 0 {
		return expected("skipped before the first step only", "skipped")
	}
	p.t.Skipped = n
	return nil
}

// maxSessions bounds what a file may ask for: labels must fit a port number.
const maxSessions = 65000

func (p *parser) session(args []string) error {
	found := strings.Join(args, " ")
	if len(p.t.Sessions) == maxSessions {
		return expected(fmt.Sprintf("at most %d sessions", maxSessions), "another")
	}
	want := strconv.Itoa(len(p.t.Sessions))
	if len(args) == 0 || args[0] != want {
		return expected("session "+want, found)
	}
	var s Session
	for _, w := range args[1:] {
		name, value, _ := strings.Cut(w, "=")
		var err error
		switch name {
		case "at":
			s.At, err = parseSpan(value, 0, maxSpan)
		case "client":
			s.Client, err = ParseScript(value)
		case "server":
			s.Server, err = ParseScript(value)
		case "front":
			s.Front, err = parseLink(value)
		case "back":
			s.Back, err = parseLink(value)
		default:
			return expected("at=, front=, back=, client= or server=", w)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	p.t.Sessions = append(p.t.Sessions, s)
	return nil
}

func (p *parser) decision(args []string) error {
	if len(args) != 5 || args[3] != "=" {
		return expected("choose ACTOR OP ORDINAL = VALUE", strings.Join(args, " "))
	}
	a, ok := sim.ParseActor(args[0])
	if !ok {
		return expected("an actor such as f0", args[0])
	}
	op, ok := sim.ParseOp(args[1])
	if !ok {
		return expected("what the choice is about, such as short-read", args[1])
	}
	ord, err := strconv.ParseUint(args[2], 10, 32)
	if err != nil || ord == sim.AnyOrd {
		return expected("an ordinal", args[2])
	}
	v, ok := op.ParseValue(args[4])
	if !ok && op.Victim() {
		return expected("whom it happens to, such as f0", args[4])
	}
	if !ok {
		u, err := strconv.ParseUint(args[4], 10, 31)
		if err != nil || u == 0 {
			return expected("a value above 0 of "+op.String(), args[4])
		}
		v = int(u)
	}
	p.t.Decisions = append(p.t.Decisions, sim.Decision{Actor: a, Op: op, Ord: uint32(ord), Val: v})
	return nil
}
