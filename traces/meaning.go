package traces

import (
	"fmt"
	"time"

	"millrace/core"
	"millrace/sim"
)

// Means says in words what the program asked for.
func (s *Step) Means() string {
	who, n := whose(s.Actor), s.Arg
	switch s.Call {
	case CallWait:
		if n < 0 {
			return "sleep until something happens"
		}
		return fmt.Sprintf("sleep until something happens, %v at most", time.Duration(n))
	case CallSet, CallAdd, CallMod:
		if n == 0 {
			return "be told nothing of " + who + " any more"
		}
		return fmt.Sprintf("be told when %s has %s", who, core.Events(n))
	case CallSocket:
		return fmt.Sprintf("make a socket for session %d towards server %d", s.Actor.Num(), n)
	case CallClose:
		if s.More {
			return "reset " + who
		}
		return "close " + who
	case CallSend, CallSpliceOut:
		from := [...]string{"", " out of a pipe"}[b2i(s.Call == CallSpliceOut)]
		more := [...]string{"", ", with more to come at once"}[b2i(s.More)]
		return fmt.Sprintf("send %d bytes%s to %s%s", n, from, who, more)
	}
	if form, known := meanings[s.Call]; known {
		return form(n, who)
	}
	return s.Asked()
}

// meanings are those of calls that need no more than their number and whose they are.
var meanings = map[Call]func(n int64, who string) string{
	CallConnect: func(_ int64, who string) string { return "connect " + who + ", or ask how that went" },
	CallAccept:  func(int64, string) string { return "take the next client off the queue" },
	CallRecv:    func(n int64, who string) string { return fmt.Sprintf("read up to %d bytes from %s", n, who) },
	CallPeek:    func(n int64, who string) string { return fmt.Sprintf("look at up to %d bytes from %s", n, who) },
	CallSplice: func(n int64, who string) string {
		return fmt.Sprintf("move up to %d bytes from %s into a pipe", n, who)
	},
	CallUntaken:  func(_ int64, who string) string { return "ask how much " + who + " has not yet taken" },
	CallShutW:    func(_ int64, who string) string { return "end the stream to " + who },
	CallPipe:     func(int64, string) string { return "make a pipe" },
	CallPipeRead: func(n int64, _ string) string { return fmt.Sprintf("read up to %d bytes out of a pipe", n) },
	CallPipeClose: func(int64, string) string {
		return "close a pipe"
	},
	CallDel:   func(_ int64, who string) string { return "be told nothing of " + who + " any more" },
	CallLowat: func(n int64, who string) string { return fmt.Sprintf("hear of %s once there are %d bytes", who, n) },
	CallStop:  func(int64, string) string { return "(the operator stops the listener)" },
	CallShed:  func(int64, string) string { return "(the operator wants a pipe back)" },
	CallFull:  func(_ int64, who string) string { return "refuse " + who + ", which has its share of sessions" },
	CallDelay: func(int64, string) string { return "(tasks wait for the next round)" },
	CallEvent: func(n int64, who string) string { return fmt.Sprintf("(a report: %s has %s)", who, core.Events(n)) },
	CallShake: func(n int64, who string) string {
		return fmt.Sprintf("go on with the handshake of %s, with %d bytes read", who, n)
	},
	CallOpen: func(n int64, who string) string { return fmt.Sprintf("decrypt up to %d bytes from %s", n, who) },
	CallSeal: func(n int64, who string) string { return fmt.Sprintf("encrypt %d bytes for %s", n, who) },
	CallBye:  func(_ int64, who string) string { return "say goodbye to " + who },
}

// whose is an actor in words.
func whose(a sim.Actor) string {
	switch a.Kind() {
	case sim.Front:
		return fmt.Sprintf("the client of session %d", a.Num())
	case sim.Back:
		return fmt.Sprintf("the server of session %d", a.Num())
	case sim.Listener:
		return "the listener"
	case sim.Worker:
		return "the worker"
	}
	return "a descriptor that is closed"
}

// Legend says who the actors of some steps are, a line each, as they come: for who has not
// yet learned that f0 is a socket. Of many it names the first. The steps are those of a run of the
// trace, or its own.
func (t *Trace) Legend(steps []Step) (lines []string) {
	const most = 8
	known := map[sim.Actor]bool{}
	for i := range steps {
		a := steps[i].Actor
		if known[a] || len(lines) == most {
			continue
		}
		known[a] = true
		who := "the socket " + t.end(a)
		switch a.Kind() {
		case sim.PollerOf:
			who = "the poller"
		case sim.Listener, sim.Worker:
			who = whose(a)
		}
		lines = append(lines, fmt.Sprintf("%-3s %s", a, who))
	}
	return lines
}

// end says what a connection is to. One that a client makes by itself is of no session, and its
// server does what that of one of them does.
func (t *Trace) end(a sim.Actor) string {
	if a.Kind() != sim.Back || !t.program().Client || t.Live {
		return "to " + whose(a)
	}
	n, of := a.Num(), len(t.Sessions)
	if of == 0 {
		return fmt.Sprintf("of the program's connection %d, and nobody is there", n)
	}
	return fmt.Sprintf("of the program's connection %d, whose server is that of session %d", n, n%of)
}

// Answered says in words what the kernel answered, "" if that says nothing that the call
// does not.
func (s *Step) Answered() string {
	switch {
	case s.Err != 0:
		return "and was told " + s.Err.String()
	case (s.Call == CallRecv || s.Call == CallReadv) && s.Answer == 0 && s.Arg > 0:
		return "and was told that the stream has ended"
	case callInfo[s.Call].answer == 'n' && s.Call != CallWait:
		return fmt.Sprintf("and it was %d", s.Answer)
	case s.Call == CallWait:
		return fmt.Sprintf("and there were %d reports, after %v", s.Answer, time.Duration(s.After))
	}
	return ""
}

// Session returns the session that a step is about, and whether it is about one.
func (s *Step) Session() (label int, ok bool) {
	a := s.Actor
	if s.Call == CallAccept && s.Err == 0 {
		a = sim.Actor(s.Answer)
	}
	return a.Num(), a.Kind() == sim.Front || a.Kind() == sim.Back
}
