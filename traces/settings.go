package traces

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"millrace/sim"
)

// Param is one setting of a world: of its kernel and network or, from Own on, of the
// program in it.
type Param uint8

// The settings that every world has.
const (
	Poller    Param = iota
	Files           // descriptor numbers that the process may use
	Queue           // listen backlog
	PipeSlots       // pieces that a pipe holds
	Latency
	Gap // between two segments
	Segment
	SndBuf
	RcvBuf
	Calm      // when accidents stop
	Steps     // after so many a world is taken to have no end
	Addresses // from which clients come, 0 = one for each
	Drain     // when the operator has the program take nobody any more
	Stop      // when the program is told to end, whatever is under way
	Reload    // when the operator changes what the program may be told anew, and as long after that back
	// How the kernel finds out that nobody is at the other end of the program's
	// connections.
	Keepalive // after so long a silence it asks, 0 = it does not
	KeepEvery // until it asks again
	KeepCount // of questions that are not answered
	Patience  // for which what was sent may not be, 0 = as usual
	Workers   // of the program, each with a loop, a poller and a listening socket of its own
	Respawn   // after which another worker takes the place of one that died, 0 = none does
	NumParams

	// Own is the first of the program's own.
	Own = NumParams
)

// Kind is how a setting's value is written.
type Kind uint8

// The kinds.
const (
	Number Kind = iota
	Span        // Go's duration, "1m30s"
	OnOff       // on, off
	Choice      // one of Names
)

// Setting names a setting and gives the value it has when it is not written, which is
// what a trace's reader may take as unremarkable.
type Setting struct {
	Name     string
	Def      int64
	Min, Max int64 // of a Number; of a Span only Min
	Kind     Kind
	Names    []string // of the values of a Choice, from 0
}

var settings = [NumParams]Setting{
	Poller:    {Name: "poller", Kind: Choice, Names: []string{"level", "edge"}},
	Files:     {Name: "files", Def: 1 << 20, Min: 3, Max: 1 << 30},
	Queue:     {Name: "queue", Def: 128, Min: 1, Max: 1 << 16},
	PipeSlots: {Name: "pipe-slots", Def: 16, Min: 1, Max: 1 << 16},
	Latency:   {Name: "latency", Def: 100e3, Kind: Span},
	Gap:       {Name: "gap", Def: 1e3, Min: 1, Kind: Span},
	Segment:   {Name: "segment", Def: 1448, Min: 1, Max: 1 << 24},
	SndBuf:    {Name: "sndbuf", Def: 16384, Min: 1, Max: 1 << 24},
	RcvBuf:    {Name: "rcvbuf", Def: 16384, Min: 1, Max: 1 << 24},
	Calm:      {Name: "calm", Kind: Span},
	Drain:     {Name: "drain", Kind: Span},
	Stop:      {Name: "stop", Kind: Span},
	Reload:    {Name: "reload", Kind: Span},
	Keepalive: {Name: "keepalive", Kind: Span},
	KeepEvery: {Name: "keepalive-interval", Def: 10e9, Min: 1e6, Kind: Span},
	KeepCount: {Name: "keepalive-count", Def: 6, Min: 1, Max: 127},
	Patience:  {Name: "user-timeout", Kind: Span},
	Workers:   {Name: "workers", Def: 1, Min: 1, Max: sim.MaxWorkers},
	Respawn:   {Name: "respawn", Kind: Span},
	Addresses: {Name: "addresses", Max: 1 << 16},
	Steps:     {Name: "steps", Def: 400_000, Min: 1, Max: 10_000_000},
}

// Values of Poller.
const (
	Level = 0
	Edge  = 1
)

// Settings gives every setting a value. Spans are in nanoseconds, flags 0 or 1.
type Settings [int(NumParams) + MaxOwn]int64

// Default returns the settings that a world has when nothing is written, of the
// program that a trace is of when nothing is written.
func Default() Settings { return (&Trace{}).program().Default() }

// programWord is how a world line says whose run it is.
const programWord = "program"

// appendSettings prints what differs from the default.
func (t *Trace) appendSettings(b []byte) []byte {
	p := t.program()
	if t.Program != "" && t.Program != DefaultProgram {
		b = append(b, " "+programWord+"="+t.Program...)
	}
	for n := Param(0); ; n++ {
		s := p.setting(n)
		if s == nil {
			return b
		}
		if v := t.Settings[n]; v != s.Def {
			b = s.appendValue(append(b, " "+s.Name+"="...), v)
		}
	}
}

func (s *Setting) appendValue(b []byte, v int64) []byte {
	switch s.Kind {
	case Span:
		return append(b, time.Duration(v).String()...)
	case OnOff:
		return append(b, [...]string{"off", "on"}[v]...)
	case Choice:
		return append(b, s.Names[v]...)
	}
	return strconv.AppendInt(b, v, 10)
}

// parseSettings reads the words behind "world" or "live".
func (t *Trace) parseSettings(words []string) error {
	t.Program = ""
	for _, w := range words {
		if name, ok := strings.CutPrefix(w, programWord+"="); ok && name != DefaultProgram {
			t.Program = name
		}
	}
	p := Lookup(t.Program)
	if p == nil && t.Program != "" {
		return fmt.Errorf("the run is of the program %s, which this command does not know: use that program's own", t.Program)
	} else if p == nil {
		p = &unknown
	}
	t.Settings = p.Default()
	for i, w := range words {
		name, value, ok := strings.Cut(w, "=")
		if !ok {
			return expected("name=value", w)
		}
		for _, before := range words[:i] {
			if strings.HasPrefix(before, name+"=") {
				return expected("each setting once", w)
			}
		}
		if name == programWord {
			continue
		}
		n, s := p.find(name)
		if s == nil {
			return expected("the name of a setting, such as latency", name)
		}
		v, err := s.parse(value)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		t.Settings[n] = v
	}
	if what := t.Invalid(); what != "" {
		return fmt.Errorf("expected %s", what)
	}
	return nil
}

// Invalid says which settings do not go together, and "" if all do: what no single
// one can be blamed for.
func (t *Trace) Invalid() string {
	if p := t.program(); p.Invalid != nil {
		return p.Invalid(&t.Settings)
	}
	return ""
}

func (s *Setting) parse(word string) (int64, error) {
	switch s.Kind {
	case Span:
		return parseSpan(word, s.Min, maxSpan)
	case OnOff:
		return parseName(word, []string{"off", "on"})
	case Choice:
		return parseName(word, s.Names)
	}
	v, err := strconv.ParseInt(word, 10, 64)
	if err != nil || v < s.Min || v > s.Max {
		return 0, expected(fmt.Sprintf("a number from %d to %d", s.Min, s.Max), word)
	}
	return v, nil
}

func parseName(s string, names []string) (int64, error) {
	for i, n := range names {
		if n == s {
			return int64(i), nil
		}
	}
	return 0, expected("one of "+strings.Join(names, ", "), s)
}

// maxSpan keeps sums of a few spans far from overflow: about 11 days.
const maxSpan = 1e15

func parseSpan(s string, least, most int64) (int64, error) {
	d, err := time.ParseDuration(s)
	switch {
	case err != nil || d < 0:
		return 0, expected("a time span such as 10ms", s)
	case int64(d) < least || int64(d) > most:
		return 0, expected(fmt.Sprintf("a time span from %s to %s", time.Duration(least), time.Duration(most)), s)
	}
	return int64(d), nil
}
