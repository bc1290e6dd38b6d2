package traces

import (
	"strconv"
	"strings"
	"time"

	"millrace/core"
	"millrace/sim"
)

// Call is one kind of call on the kernel surface, or of what its operator does.
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
	CallPeek
	CallSplice
	CallSend
	CallSpliceOut
	CallUntaken
	CallShutW
	CallClose
	CallPipe
	CallPipeRead
	CallPipeClose
	CallStop  // the operator's: the listener is to be closed now
	CallDelay // the simulator's: tasks wait for the round after the next wait
	CallAdd
	CallMod
	CallDel
	CallLowat
	CallDup
	CallPipeWrite
	CallPipeMove
	CallPipeTee
	CallPipeEnd
	CallEventFD
	CallEventAdd
	CallEventTake
	CallEventClose
	CallReadv
	CallWritev
	CallPipeReadv
	CallPipeWritev
	CallKilled // the simulator's: the worker is no more, and all that it had is closed
	CallShed   // the operator's: the program is to give a pipe back, inside of its next call
	CallFull   // the program's: the client has its share of sessions, and gets none
	CallShake  // of a cipher, from here on
	CallOpen
	CallSeal
	CallBye
	numCalls
)

// callInfo says how each call is written. actors are the kinds that make it; arg
// is 0 for none, n for a number, e for events, t for a time span; answer is 0 for
// OK or an error, n for a number, a for the accepted actor, c for what a cipher did, - for
// no answer at all.
var callInfo = [numCalls]struct {
	name        string
	actors      string
	arg, answer byte
}{
	CallWait:      {"wait", "p", 't', 'n'},
	CallEvent:     {"event", "plfbw", 'e', '-'},
	CallSet:       {"set", "plfbw", 'e', 0},
	CallSocket:    {"socket", "b", 'n', 0},
	CallConnect:   {"connect", "b", 0, 0},
	CallAccept:    {"accept", "l", 0, 'a'},
	CallRecv:      {"recv", "fb", 'n', 'n'},
	CallPeek:      {"peek", "fb", 'n', 'n'},
	CallSend:      {"send", "fb", 'n', 'n'},
	CallSplice:    {"splice", "fb", 'n', 'n'},
	CallSpliceOut: {"splice-out", "fb", 'n', 'n'},
	CallPipe:      {"pipe", "w", 0, 0},
	CallPipeRead:  {"pipe-read", "w", 'n', 'n'},
	CallPipeClose: {"pipe-close", "w", 0, '-'},
	CallUntaken:   {"untaken", "fb", 0, 'n'},
	CallShutW:     {"shutw", "fb", 0, 0},
	CallClose:     {"close", "lfb", 0, 0},
	CallStop:      {"stop", "w", 0, '-'},
	CallDelay:     {"delay", "w", 0, '-'},

	CallAdd:        {"add", "plfbw", 'e', 0},
	CallMod:        {"mod", "plfbw", 'e', 0},
	CallDel:        {"del", "plfbw", 0, 0},
	CallLowat:      {"rcvlowat", "fb", 'n', 0},
	CallDup:        {"dup", "fb", 0, 0},
	CallPipeWrite:  {"pipe-write", "w", 'n', 'n'},
	CallPipeMove:   {"pipe-splice", "w", 'n', 'n'},
	CallPipeTee:    {"pipe-tee", "w", 'n', 'n'},
	CallPipeEnd:    {"pipe-close-end", "w", 0, '-'},
	CallEventFD:    {"eventfd", "w", 'n', 0},
	CallEventAdd:   {"eventfd-write", "w", 'n', 0},
	CallEventTake:  {"eventfd-read", "w", 0, 'n'},
	CallEventClose: {"eventfd-close", "w", 0, 0},
	CallReadv:      {"readv", "fb", 'n', 'n'},
	CallWritev:     {"writev", "fb", 'n', 'n'},
	CallPipeReadv:  {"pipe-readv", "w", 'n', 'n'},
	CallPipeWritev: {"pipe-writev", "w", 'n', 'n'},

	CallShed:   {"shed", "w", 0, '-'},
	CallKilled: {"killed", "w", 0, '-'},
	CallFull:   {"full", "f", 0, '-'},
	CallShake:  {"shake", "fb", 'n', 'c'},
	CallOpen:   {"open", "fb", 'n', 'c'},
	CallSeal:   {"seal", "fb", 'n', 'c'},
	CallBye:    {"goodbye", "fb", 0, 'c'},
}

// Receives says that a call takes bytes off a connection: as many as it was answered. None of a
// number above 0 that was asked for are the end of its stream, but for a splice.
func (c Call) Receives() bool { return c == CallRecv || c == CallReadv || c == CallSplice }

// Sends says that a call gives bytes to a connection: as many as it was answered.
func (c Call) Sends() bool { return c == CallSend || c == CallWritev || c == CallSpliceOut }

// ciphers says that the call is one of a cipher, which is no call on the kernel.
func (c Call) ciphers() bool { return c >= CallShake }

// Ciphers says that the step is one of a cipher, which is no call on the kernel.
func (s *Step) Ciphers() bool { return s.Call.ciphers() }

// What a cipher's answer holds above its number: why Open stopped short, as Why says it.
const (
	whyShift = 32
	// WhyDry and the others are why a cipher stopped short: it needs more input, the
	// peer said goodbye, or a handshake has to be run first.
	WhyDry   = 1
	WhyEnd   = 2
	WhyAgain = 3
)

var whyWords = [...]string{"", "dry", "end", "again"}

// Outcome is the answer of a cipher's call: a number, and why it stopped short, 0 or one
// of WhyDry, WhyEnd and WhyAgain.
func Outcome(n, why int) int64 { return int64(n) | int64(why)<<whyShift }

// Count returns the number in the answer of a cipher's call.
func (s *Step) Count() int { return int(s.Answer & (1<<whyShift - 1)) }

// Why returns the reason in it.
func (s *Step) Why() int { return int(s.Answer >> whyShift) }

// moreWord is how Step.More is written: more bytes or the FIN follow at once; the
// peer gets a RST; the report is for an earlier life of the descriptor's number; the end
// that is written to.
var moreWord = [numCalls]string{
	CallSend: "more", CallSpliceOut: "more", CallClose: "reset", CallEvent: "stale", CallPipeEnd: "write",
}

// String returns the call's name.
func (c Call) String() string { return callInfo[c].name }

// Step is one call of the proxy's and the kernel's answer. Numbers of
// descriptors are not in it: an actor is the same descriptor in every run.
type Step struct {
	After  int64     // nanoseconds since the step before
	Actor  sim.Actor // whose descriptor; the poller for wait
	Call   Call
	More   bool       // what moreWord says of the call
	Err    core.Errno // instead of an answer
	Arg    int64      // bytes asked, events, server, or span until the deadline (-1 = never)
	Answer int64      // bytes moved, lines reported, or the accepted actor
	Took   int32      // of a cipher: bytes that it took off those received
	Said   int32      // of a cipher: bytes that it has to send
}

// String prints the step as it stands in a trace:
//
//	+40us f0 recv 16384 = 512
func (s *Step) String() string { return string(s.appendText(nil)) }

// Untimed prints the call with its answer, and not when it was made.
func (s *Step) Untimed() string {
	_, call, _ := strings.Cut(s.String(), " ")
	return call
}

func (s *Step) appendText(b []byte) []byte {
	b = append(b, '+')
	b = append(b, time.Duration(s.After).String()...)
	b = append(b, ' ')
	b = s.appendCall(b)
	info := &callInfo[s.Call]
	if info.answer == '-' {
		return b
	}
	b = append(b, " = "...)
	switch {
	case info.answer == 'c':
		return s.appendCipher(b)
	case s.Err != 0:
		return append(b, s.Err.String()...)
	case info.answer == 'n':
		return strconv.AppendInt(b, s.Answer, 10)
	case info.answer == 'a':
		return append(b, sim.Actor(s.Answer).String()...)
	}
	return append(b, "OK"...)
}

// appendCipher prints what a cipher did: = 512 dry took 534 said 0.
func (s *Step) appendCipher(b []byte) []byte {
	b = strconv.AppendInt(b, int64(s.Count()), 10)
	if why := s.Why(); why != 0 {
		b = append(append(b, ' '), whyWords[why]...)
	}
	if s.Err != 0 {
		b = append(append(b, ' '), s.Err.String()...)
	}
	b = strconv.AppendInt(append(b, " took "...), int64(s.Took), 10)
	return strconv.AppendInt(append(b, " said "...), int64(s.Said), 10)
}

// Asked prints the call without time and answer: what a replay compares.
func (s *Step) Asked() string { return string(s.appendCall(nil)) }

// asksLike says whether the two steps are the same call.
func (s *Step) asksLike(o *Step) bool {
	return s.Call == o.Call && s.Actor == o.Actor && s.Arg == o.Arg && s.More == o.More
}

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
		b = append(append(b, ' '), moreWord[s.Call]...)
	}
	return b
}
