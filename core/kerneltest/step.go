package kerneltest

import (
	"fmt"
	"strconv"
	"strings"

	"millrace/core"
)

// Kind is what an actor is.
type Kind uint8

// The kinds of actors.
const (
	Nobody   Kind = iota // the step belongs to the pollers
	Us                   // a descriptor of the process under test
	Far                  // the other end of its connection
	Listener             // the listener of the process under test
	Tube                 // a pipe of the process under test
	Outlet               // its end that is read, in a poller
	Inlet                // and the one that is written
	Counter              // an eventfd of the process under test
	Twin                 // another number of a descriptor
	numKinds
)

var kindNames = [...]string{"", "us", "peer", "lst", "pipe", "piper", "pipew", "event", "twin"}

// Actor is who makes a step. N numbers connections from 1.
type Actor struct {
	Kind Kind
	N    int
}

// String prints the actor: us, peer2, lst.
func (a Actor) String() string {
	if a.N > 1 {
		return kindNames[a.Kind] + strconv.Itoa(a.N)
	}
	return kindNames[a.Kind]
}

// maxActors bounds the connections of a script, its pipes and its eventfds.
const maxActors = 99

// tooMany says that a name is that of an actor, but for its number.
func tooMany(s string) bool {
	name := strings.TrimRight(s, "0123456789")
	n, err := strconv.Atoi(s[len(name):])
	a, ok := parseActor(name)
	return ok && a.Kind != Listener && err == nil && n > maxActors
}

func parseActor(s string) (Actor, bool) {
	if s == kindNames[Listener] {
		return Actor{Listener, 1}, true
	}
	name := strings.TrimRight(s, "0123456789")
	for k, known := range kindNames {
		if known != name || k == int(Nobody) || k == int(Listener) {
			continue
		}
		if name == s {
			return Actor{Kind(k), 1}, true
		}
		n, err := strconv.Atoi(s[len(name):])
		a := Actor{Kind(k), n}
		return a, err == nil && n <= maxActors && a.String() == s
	}
	return Actor{}, false
}

// Target is where a socket is aimed.
type Target int

// The targets.
const (
	Open    Target = iota // a server that accepts
	Closed                // nobody listens there
	Full                  // a listener whose backlog is full: no answer
	Nowhere               // no route leads there
	NumTargets
)

var targetNames = [NumTargets]string{"open", "closed", "full", "nowhere"}

// String returns the target's name.
func (t Target) String() string { return targetNames[t] }

// Verb is what a step does.
type Verb uint8

// The verbs; the package comment says what they mean.
const (
	Listen Verb = iota
	Dial
	Accept
	Socket
	Connect
	Send
	Recv
	Peek
	Fill
	Drain
	Make
	Take
	Readv
	Writev
	Splice
	SpliceOut
	ShutW
	ShutR
	ShutRW
	Close
	Reset
	Dup
	Error
	SndBuf
	RcvBuf
	RcvLowat
	Write
	CloseRead
	CloseWrite
	Tee
	Urgent
	Poll
	Watch
	Add
	Mod
	Del
	Number
	Level
	Edge
	Oneshot
	Sleep
	Woken
	numVerbs
)

// argument is the kind of argument a verb takes.
type argument uint8

const (
	noArg argument = iota
	count
	countAndMore
	countAndPieces
	countOrAll
	mask
	maskOrAll
	targetOrOpen
	tube
	tubeAndCount
)

// polled are who a poller takes.
var polled = []Kind{Us, Listener, Outlet, Inlet, Counter, Twin}

var verbs = [numVerbs]struct {
	name string
	arg  argument
	who  []Kind
}{
	Listen:     {"listen", noArg, []Kind{Listener}},
	Dial:       {"dial", noArg, []Kind{Far}},
	Accept:     {"accept", noArg, []Kind{Us}},
	Socket:     {"socket", targetOrOpen, []Kind{Us}},
	Connect:    {"connect", noArg, []Kind{Us}},
	Send:       {"send", countAndMore, []Kind{Us, Far, Twin}},
	Recv:       {"recv", count, []Kind{Us, Far, Twin}},
	Peek:       {"peek", count, []Kind{Us, Far}},
	Fill:       {"fill", noArg, []Kind{Us, Far, Tube, Counter}},
	Drain:      {"drain", noArg, []Kind{Us, Far, Counter}},
	Make:       {"make", count, []Kind{Tube, Counter}},
	Take:       {"take", count, []Kind{Tube}},
	Readv:      {"readv", countAndPieces, []Kind{Us, Far, Twin, Tube}},
	Writev:     {"writev", countAndPieces, []Kind{Us, Far, Twin, Tube}},
	Splice:     {"splice", tubeAndCount, []Kind{Us, Tube}},
	SpliceOut:  {"splice-out", tube, []Kind{Us}},
	ShutW:      {"shutw", noArg, []Kind{Us, Far, Listener, Twin}},
	ShutR:      {"shutr", noArg, []Kind{Us, Far, Listener}},
	ShutRW:     {"shutrw", noArg, []Kind{Us, Far, Listener}},
	Close:      {"close", noArg, []Kind{Us, Far, Listener, Tube, Counter, Twin}},
	Reset:      {"reset", noArg, []Kind{Us, Far, Twin}},
	Dup:        {"dup", noArg, []Kind{Us, Twin}},
	Error:      {"error", noArg, []Kind{Us, Far}},
	SndBuf:     {"sndbuf", countOrAll, []Kind{Us, Far}},
	RcvBuf:     {"rcvbuf", countOrAll, []Kind{Us, Far}},
	RcvLowat:   {"rcvlowat", countOrAll, []Kind{Us}},
	Write:      {"write", count, []Kind{Tube, Counter}},
	CloseRead:  {"close-read", noArg, []Kind{Tube}},
	CloseWrite: {"close-write", noArg, []Kind{Tube}},
	Tee:        {"tee", tubeAndCount, []Kind{Tube}},
	Urgent:     {"urgent", noArg, []Kind{Far}},
	Poll:       {"poll", maskOrAll, polled},
	Watch:      {"watch", mask, polled},
	Add:        {"add", mask, polled},
	Mod:        {"mod", mask, polled},
	Del:        {"del", noArg, polled},
	Number:     {"number", noArg, []Kind{Us, Listener, Twin}},
	Level:      {"level", countOrAll, []Kind{Nobody}},
	Edge:       {"edge", countOrAll, []Kind{Nobody}},
	Oneshot:    {"oneshot", countOrAll, []Kind{Nobody}},
	Sleep:      {"sleep", noArg, []Kind{Nobody}},
	Woken:      {"woken", noArg, []Kind{Nobody}},
}

// All is the mask that a poll asks for if it names none.
const All = core.EvIn | core.EvOut | core.EvRdHup

// Step is one line that does something.
type Step struct {
	Actor  Actor
	Verb   Verb
	Count  int         // bytes, lines of a report or slots; where it may be left out that is 0, and 0 is naught
	Pipe   int         // of splice and splice-out
	Pieces int         // of readv and writev
	More   bool        // of send: others follow at once
	Mask   core.Events // of poll and watch
	Target Target      // of socket
	Answer string      // "" if there is none yet
}

// maxPieces is one more than a call takes.
const maxPieces = core.MaxPieces + 1

// naught is a count of 0 where 0 stands for one that was left out.
const naught = -1

// String prints the step as the script language has it.
func (s Step) String() string {
	text := verbs[s.Verb].name
	if s.Actor.Kind != Nobody {
		text = s.Actor.String() + " " + text
	}
	switch arg := verbs[s.Verb].arg; {
	case arg == count, arg == countAndMore, arg == countOrAll && s.Count != 0:
		text += " " + strconv.Itoa(max(0, s.Count))
		if s.More {
			text += " more"
		}
	case arg == countAndPieces:
		text += fmt.Sprintf(" %d %d", s.Count, s.Pieces)
	case arg == mask, arg == maskOrAll && s.Mask != All:
		text += " " + s.Mask.String()
	case arg == targetOrOpen && s.Target != Open:
		text += " " + s.Target.String()
	case arg == tube:
		text += " " + Actor{Tube, s.Pipe}.String()
	case arg == tubeAndCount:
		text += " " + Actor{Tube, s.Pipe}.String() + " " + strconv.Itoa(s.Count)
	}
	if s.Answer == "" {
		return text
	}
	return fmt.Sprintf("%-24s = %s", text, s.Answer)
}

// ParseStep reads one step.
func ParseStep(line string) (Step, error) {
	text, answer, _ := strings.Cut(line, " = ")
	s := Step{Answer: strings.TrimSpace(answer)}
	words := strings.Fields(text)
	if len(words) > 0 && s.verb(words[0]) {
		return s, s.argument(words[1:])
	}
	if len(words) > 1 {
		var ok bool
		if s.Actor, ok = parseActor(words[0]); ok && s.verb(words[1]) {
			return s, s.argument(words[2:])
		}
	}
	for _, word := range words {
		if tooMany(word) {
			return s, fmt.Errorf("%s: a script has no more than %d of a kind", word, maxActors)
		}
	}
	return s, fmt.Errorf("%q is not what any actor does", strings.TrimSpace(text))
}

// verb sets the verb by its name, if the actor has it.
func (s *Step) verb(name string) bool {
	for v := range numVerbs {
		if verbs[v].name != name {
			continue
		}
		for _, k := range verbs[v].who {
			if k == s.Actor.Kind {
				s.Verb = v
				return true
			}
		}
	}
	return false
}

func (s *Step) argument(words []string) error {
	arg := verbs[s.Verb].arg
	if len(words) == 0 && arg == maskOrAll {
		s.Mask = All
		return nil
	}
	if len(words) == 0 && (arg == noArg || arg == targetOrOpen || arg == countOrAll) {
		return nil
	}
	if len(words) > 0 && (arg == tube || arg == tubeAndCount) {
		a, ok := parseActor(words[0])
		if !ok || a.Kind != Tube {
			if tooMany(words[0]) {
				return fmt.Errorf("%s: a script has no more than %d of a kind", words[0], maxActors)
			}
			return fmt.Errorf("%s: %q is no pipe", verbs[s.Verb].name, words[0])
		}
		s.Pipe, words = a.N, words[1:]
		if arg == tube && len(words) == 0 {
			return nil
		}
		if arg == tubeAndCount {
			arg = count
		}
	}
	if arg == countAndMore {
		arg = count
		if n := len(words); n == 2 && words[1] == "more" {
			s.More, words = true, words[:1]
		}
	}
	if arg == countAndPieces && len(words) == 2 {
		n, err := strconv.Atoi(words[1])
		if s.Pieces = n; err == nil && n >= 0 && n <= maxPieces && (n > 0 || words[0] == "0") {
			arg, words = count, words[:1]
		}
	}
	ok := len(words) == 1
	switch {
	case !ok:
	case arg == count, arg == countOrAll:
		n, err := strconv.Atoi(words[0])
		s.Count, ok = n, err == nil && n >= 0 && n <= maxCount && (s.Verb != Make || s.Actor.Kind != Tube || n > 0 && n&(n-1) == 0)
		if n == 0 && arg == countOrAll {
			s.Count = naught
		}
	case arg == mask, arg == maskOrAll:
		s.Mask, ok = core.ParseEvents(words[0])
		ok = ok && (s.Mask != 0 || arg == mask)
	case arg == targetOrOpen:
		s.Target, ok = parseTarget(words[0])
	default:
		ok = false
	}
	if !ok {
		return fmt.Errorf("%s: bad argument %q", verbs[s.Verb].name, strings.Join(words, " "))
	}
	return nil
}

func parseTarget(s string) (Target, bool) {
	for i, name := range targetNames {
		if name == s {
			return Target(i), true
		}
	}
	return 0, false
}
