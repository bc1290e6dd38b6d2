package traces

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"millrace/sim"
)

// Parse reads a trace. name is what errors call the text: they say name:line
// and what was expected there. The trace keeps nothing of text. A recording that is torn
// is read as far as it goes, and says so in Torn.
func Parse(name string, text []byte) (*Trace, error) {
	all, err := ParseAll(name, text)
	switch {
	case err != nil:
		return nil, err
	case len(all) > 1:
		return nil, fmt.Errorf("%s:%d: expected one trace, found %d, of as many workers", name, Split(text)[1].Line, len(all))
	}
	return all[0], nil
}

// mark is what some editors put in front of a text.
const mark = "\ufeff"

func parse(name string, part Part) (*Trace, error) {
	t := &Trace{}
	p := parser{t: t, text: part.Text}
	n, last := 0, len(part.Text)
	for line := range bytes.Lines(part.Text) {
		n++
		p.at += len(line)
		err := p.line(n, strings.TrimRight(strings.TrimPrefix(string(line), mark), blanks))
		switch cut := p.at == last && line[len(line)-1] != '\n'; {
		case cut && t.Recorded != nil:
			p.tear()
		case err != nil:
			return nil, fmt.Errorf("%s:%d: %w", name, part.Line+n-1, err)
		}
	}
	switch {
	case n == 0:
		return nil, fmt.Errorf("%s:1: expected %q, found nothing", name, Magic)
	case !p.world:
		return nil, fmt.Errorf("%s:%d: %w", name, part.Line+n, expected(worldLine, ""))
	case t.Recorded != nil && !p.ended && t.Torn == "":
		t.Torn = fmt.Sprintf("its end is missing: there are %d steps, and no line that says how many there were", len(t.Steps))
	}
	return t, nil
}

// parser keeps what Parse knows between two lines.
type parser struct {
	t         *Trace
	text      []byte
	at        int          // behind the line that is read
	world     bool         // the world or live line was seen
	ended     bool         // the end line was seen
	steps     int          // when the line that is read began
	peers     int          // likewise: how many addresses
	addressed map[int]bool // the sessions that have one
}

// tear drops the last line of a recording, which may be less than was to be written: a
// number's first digits are a number too.
func (p *parser) tear() {
	if p.ended {
		return // all of it is there, but for the end of the last line
	}
	p.t.Steps, p.t.Addresses = p.t.Steps[:p.steps], p.t.Addresses[:p.peers]
	p.t.Torn = fmt.Sprintf("it ends in the middle of a line, behind %d steps", p.steps)
}

// end compares what was read with what the end line says.
func (p *parser) end(args []string, line string) error {
	if p.t.Recorded == nil {
		return expected("an end line of what was recorded only", line)
	}
	p.ended = true
	above := p.text[:len(p.text)-len(p.rest())]
	want := strings.TrimRight(string(appendEnd(nil, len(p.t.Steps), above)), blanks)
	if line == want {
		return nil
	}
	p.t.Torn = fmt.Sprintf("the steps are not those that were recorded: expected %q, found %q", want, cut(line))
	if word := strings.Join(args, " "); strings.HasPrefix(word, fmt.Sprintf("%d = ", len(p.t.Steps))) {
		p.t.Torn = "it was changed: its checksum is that of another text"
	}
	return nil
}

// rest is the text from the beginning of the line that is read.
func (p *parser) rest() []byte {
	line := p.text[:p.at]
	begin := bytes.LastIndexByte(bytes.TrimRight(line, "\n"), '\n') + 1
	return p.text[begin:]
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
	p.steps, p.peers = len(p.t.Steps), len(p.t.Addresses)
	words := uncommented(strings.Fields(line))
	if len(words) == 0 {
		return nil
	}
	if p.ended {
		return expected("nothing behind the end line", line)
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

// uncommented is a line without the comment at its end. What broke is said in words, of
// which one may begin like that.
func uncommented(words []string) []string {
	for i, w := range words {
		if w[0] == '#' && words[0] != "fail" {
			return words[:i]
		}
	}
	return words
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
	case "recorded":
		var err error
		if p.t.Recorded != nil || len(p.t.Steps) > 0 {
			return expected("one recorded line, in front of the steps", line)
		}
		p.t.Recorded, err = parseAbout(args)
		return err
	case "address":
		if !p.t.Live {
			return expected("an address in a live trace only", line)
		}
		return p.address(args, line)
	case "end":
		return p.end(args, line)
	case "session", "choose":
		if p.t.Live {
			return expected("recorded, address, fail, skipped, a step or end: a live trace has nothing else", verb)
		}
		if verb == "session" {
			return p.session(args)
		}
		return p.decision(args)
	}
	return expected("session, choose, recorded, address, fail, skipped, a step or end", line)
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
