package traces

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"millrace/core"
	"millrace/sim"
)

// Call is one kind of call on the kernel surface.
type Call uint8

// The calls. CallEvent is one line of a wait's report and follows its wait.
const (
	CallWait Call = iota
	CallEvent
	CallSet
	CallSocket
	CallConnect
	CallAccept
	CallRecv
	CallSend
	CallShutW
	CallClose
	CallStop // the operator's: the listener is to be closed now
	numCalls
)

// callInfo says how each call is written: arg and answer are 0 for none, n for a
// number, e for events, t for a time span, a for an actor.
var callInfo = [numCalls]struct {
	name        string
	arg, answer byte
}{
	CallWait: {"wait", 't', 'n'}, CallEvent: {"event", 'e', 0}, CallSet: {"set", 'e', 0},
	CallSocket: {"socket", 'n', 0}, CallConnect: {"connect", 0, 0}, CallAccept: {"accept", 0, 'a'},
	CallRecv: {"recv", 'n', 'n'}, CallSend: {"send", 'n', 'n'}, CallShutW: {"shutw", 0, 0},
	CallClose: {"close", 0, 0}, CallStop: {"stop", 0, 0},
}

// String returns the call's name.
func (c Call) String() string { return callInfo[c].name }

// Step is one call of the proxy's and the kernel's answer. Numbers of
// descriptors are not in it: an actor is the same descriptor in every run.
type Step struct {
	After  int64     // nanoseconds since the step before
	Actor  sim.Actor // whose descriptor; the poller for wait
	Call   Call
	More   bool       // send: more follows; close: with a reset
	Arg    int64      // bytes asked, events, server, or span until the deadline (-1 = never)
	Answer int64      // bytes moved, lines reported, or the accepted actor
	Err    core.Errno // instead of an answer
}

// String prints the step as it stands in a trace:
//
//	+40us f0 recv 16384 = 512
func (s *Step) String() string { return string(s.appendText(nil)) }

func (s *Step) appendText(b []byte) []byte {
	b = append(b, '+')
	b = append(b, time.Duration(s.After).String()...)
	b = append(b, ' ')
	b = s.appendCall(b)
	info := &callInfo[s.Call]
	if s.Call == CallEvent || s.Call == CallStop {
		return b
	}
	b = append(b, " = "...)
	switch {
	case s.Err != 0:
		return append(b, s.Err.String()...)
	case info.answer == 'n':
		return strconv.AppendInt(b, s.Answer, 10)
	case info.answer == 'a':
		return append(b, sim.Actor(s.Answer).String()...)
	}
	return append(b, "OK"...)
}

// Asked prints the call without time and answer: what a replay compares.
func (s *Step) Asked() string { return string(s.appendCall(nil)) }

func (s *Step) appendCall(b []byte) []byte {
	info := &callInfo[s.Call]
	b = append(b, s.Actor.String()...)
	b = append(append(b, ' '), info.name...)
	switch info.arg {
	case 'n':
		b = strconv.AppendInt(append(b, ' '), s.Arg, 10)
	case 'e':
		b = append(append(b, ' '), core.Events(s.Arg).String()...)
	case 't':
		b = append(b, ' ')
		if s.Arg < 0 {
			b = append(b, "never"...)
		} else {
			b = append(b, time.Duration(s.Arg).String()...)
		}
	}
	if s.More {
		b = append(b, [...]string{" more", " reset"}[b2i(s.Call == CallClose)]...)
	}
	return b
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// parseStep reads the words of one step.
func parseStep(words []string) (Step, error) {
	var s Step
	fail := func(what, found string) (Step, error) {
		return Step{}, fmt.Errorf("expected %s, found %q", what, cut(found))
	}
	w := words
	next := func() string {
		if len(w) == 0 {
			return ""
		}
		word := w[0]
		w = w[1:]
		return word
	}
	after, ok := parseAfter(next())
	if !ok {
		return fail("a time such as +40µs", words[0])
	}
	s.After = after
	actor := next()
	if s.Actor, ok = sim.ParseActor(actor); !ok {
		return fail("an actor such as f0", actor)
	}
	name := next()
	if s.Call, ok = parseCall(name); !ok {
		return fail("a call such as recv", name)
	}
	info := &callInfo[s.Call]
	if info.arg != 0 {
		arg := next()
		if s.Arg, ok = parseArg(info.arg, arg); !ok {
			return fail("the argument of "+name, arg)
		}
	}
	if len(w) > 0 && (s.Call == CallSend && w[0] == "more" || s.Call == CallClose && w[0] == "reset") {
		s.More = true
		next()
	}
	if s.Call != CallEvent && s.Call != CallStop {
		if eq := next(); eq != "=" {
			return fail("=", eq)
		}
		answer := next()
		if !s.parseAnswer(info.answer, answer) {
			return fail("the answer of "+name, answer)
		}
	}
	if len(w) > 0 {
		return fail("the end of the line", w[0])
	}
	return s, nil
}

func parseAfter(word string) (int64, bool) {
	span, ok := strings.CutPrefix(word, "+")
	if !ok {
		return 0, false
	}
	n, err := parseSpan(span, 0)
	return n, err == nil
}

func parseCall(name string) (Call, bool) {
	for c := range numCalls {
		if callInfo[c].name == name {
			return c, true
		}
	}
	return 0, false
}

func parseArg(kind byte, word string) (int64, bool) {
	switch kind {
	case 'e':
		e, ok := core.ParseEvents(word)
		return int64(e), ok
	case 't':
		if word == "never" {
			return -1, true
		}
		n, err := parseSpan(word, 0)
		return n, err == nil
	}
	n, err := strconv.ParseUint(word, 10, 62)
	return int64(n), err == nil
}

func (s *Step) parseAnswer(kind byte, word string) bool {
	if e, ok := core.ParseErrno(word); ok {
		s.Err = e
		return e != 0 || kind == 0
	}
	switch kind {
	case 'n':
		n, err := strconv.ParseUint(word, 10, 62)
		s.Answer = int64(n)
		return err == nil
	case 'a':
		a, ok := sim.ParseActor(word)
		s.Answer = int64(a)
		return ok
	}
	return false
}
