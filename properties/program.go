package properties

import (
	"fmt"
	"io"

	"millrace/core"
	"millrace/sim"
	"millrace/traces"
)

// Program is what is put into worlds: anybody's event loop, or a proxy.
//
// Only Name and one of Start and Main are needed. What is not given is what a server
// with clients needs: a scenario of a few clients that send something and listen to
// the end, every accident of the kernel surface, and the contract of the package
// comment.
type Program struct {
	// Name is what traces call the program.
	Name string
	// Start begins a run of it in a world that was just made: on its kernel, and with
	// nothing left of a run before.
	Start func(w *World) Running
	// Main is there for a loop that cannot be cut into rounds: it is a function that returns when
	// Wait fails with ECANCELED; one that Dials also when it is done, and has closed all that it
	// has, the listener too. It knows no world, and runs as well on Linux (see real.Host). What
	// must never be, such as more kept for a slow reader than it may, is a panic of its own, since
	// nobody else sees it; what must not be where nothing goes wrong it tells Doubt. One that
	// looks round now and then, for ever, is woken late, by a tenth, when nothing happens for some
	// seconds, and told to end when nothing will.
	Main func(h core.Host)
	// Draw makes up a scenario of a seed: settings, and clients with their scripts, as in
	//
	//	properties.DrawNetwork(r, &t.Settings)
	//	for range sim.Of(r, 1, 2, 5) {
	//		t.Sessions = append(t.Sessions, traces.Session{Client: traces.Script{
	//			properties.Say("HELO x\n"), properties.Expect("250"),
	//			properties.Say("QUIT\n"), properties.Expect("221"), {Verb: traces.EOF},
	//		}})
	//	}
	//
	// A client that expects what its script does not ask for is the scenario's mistake.
	Draw func(r *sim.Rand, t *traces.Trace)
	// Temper, if there is one, takes out accidents that such a scenario cannot stand.
	Temper func(t *traces.Trace, rates *sim.Rates)
	// Within, if there is one, runs each world of the program, which is all that run does, and
	// says what of it is left behind: simnet.Bubble, for programs with goroutines.
	Within func(run func()) error
	// Dials says that the program is a client: nobody comes to it, and the nth socket that it
	// asks for, from 0 and whatever label it gives, is b<n>, whose server does what that of
	// session n does. With more of them than sessions these go round, in order; without any
	// session all connections are refused. This holds of core.Host and of package simnet alike.
	Dials bool
	// Level says that the program's loop is level-triggered only, so that worlds with an
	// edge-triggered poller are none of its business.
	Level bool
	// Leaves says that the program has a timeout for idle clients: it ends a connection by
	// itself on which nothing happens, however long that takes. Of another one only those
	// clients must not be left waiting that have ended their stream.
	Leaves bool
	// Deeds are what a peer can do beside the verbs of scripts, by the name that do:"NAME"
	// gives it there: functions that talk on a connection that blocks. What must never be they
	// tell Conn.Failf, and what must not be where nothing goes wrong Conn.Doubtf: an answer that
	// comes late by Conn.Now, say, since it lay there until a timer of the program's own.
	Deeds map[string]func(c *Conn)
	// Calm says of which sessions of a scenario nothing but the two peers may end them:
	// no setting of the program's, such as a short timeout or a small limit, and nothing
	// that its protocol says of what they do; nil: of all. It is asked of what is left of a
	// scenario when it is made small too: what a client does not say any more must not be
	// what the program waits for.
	Calm func(t *traces.Trace, label int) bool
	// Steady says of which sessions of a scenario it must make no difference when things
	// happen: more than those of Calm, since a session may well wait for a place, or end in
	// another way than a peer had in mind, as long as it is the same way each time. No
	// timeout is near, and nobody is refused for coming too early. nil: those of Calm.
	Steady func(t *traces.Trace, label int) bool
	// Together says that sessions have to do with each other, as those of a chat do: what happens to
	// one explains what becomes of any, and it depends on when things happen what a client is told,
	// unless there is a Steady. What peers say and expect is then made small only where a failure is
	// about something else.
	Together bool
	// Workers is how many workers of the program there are at most in worlds that are drawn,
	// 0 being one. Each is a run of Start, or Main, of its own, as if it was a process of its
	// own that listens on the same port; they have nothing in common, or are wrong.
	Workers int
	// Servers says that the program is a relay: it connects to a server for each client, which gets
	// as many bytes as that one sends, and the other way round. One with words of its own for the
	// client first, such as a SOCKS proxy, does without it, and its scripts say and expect.
	Servers bool
	// Gets says what a peer must get. Without it any bytes will do, and what scripts
	// expect is what is looked for.
	Gets func(t *traces.Trace, label int, client bool) Stream
	// Situations are what a campaign is to reach, to be counted by World.Mark.
	Situations []string
	// Meets says whether a kind of accident can happen to the program at all: a campaign
	// in which one of those never did says so, and in 50,000 worlds it is a failure. Without
	// it: those of sockets and reports, of which none is a failure.
	Meets func(op sim.Op) bool
	// House holds the program to rules of good manners that Linux does not demand: a
	// call that was just refused is not made again before the poller said something.
	House bool
	// Played, if there is one, is given a program that plays a recording, and returns what
	// to look for after each of its rounds.
	Played func(r traces.Running) func() *Failure
	// PlayedView, if there is one, is what there is to see of a session of a program that
	// plays a recording, as a Viewer says it.
	PlayedView func(r traces.Running, label int) []Note
	// Replays and Hunts are what to type, in front of the path of a trace and of the flags
	// of a hunt, to see a failure again. Without them there is only what a test can do:
	// see Check.
	Replays, Hunts string
	// Code is where the program is, for tests that are written: the path of a package, a
	// dot, and the name of its variable, as in "example.org/server.Program".
	Code     string
	nameless bool // nobody said them
	tested   bool // they are a test's, whose flags have longer names
	// Traces has its settings. Without it there are none of its own.
	Traces *traces.Program
}

// Running is a program that runs.
type Running interface {
	traces.Running
	// Deadline is until when it sleeps if nothing happens; 0 = for ever.
	Deadline() core.Time
}

// What a Running may have beside.
type (
	// Wirer puts something between peers and their sockets: see Wire.
	Wirer interface {
		Wire(p *Peer) Wire
	}
	// Teller says what the program itself makes of the end of a session, "" if nothing.
	Teller interface {
		Tell(label int) string
	}
	// Printer prints the state of the program, for who looks at a failure.
	Printer interface {
		Print(out io.Writer)
	}
	// Mover returns a number that changes whenever the program gets on without any
	// call. Who only has calls to show for it needs none.
	Mover interface {
		Moved() uint64
	}
	// Judge is told when nothing will ever happen again, before Stop, and after it.
	Judge interface {
		Over()
		Stopped()
	}
	// Ender ends a run in the middle, which failed: what has threads of its own must go.
	Ender interface {
		Abandon()
	}
	// Drainer can be told to take nobody any more and to go on with whom it has. Stop then
	// comes later.
	Drainer interface {
		Drain()
	}
	// Killer can be told to end all that it has at once, and to take nobody any more. Without it
	// a world whose program can be drained, and does not wait, is over as it is.
	Killer interface {
		Kill()
	}
	// Reloader can be told other settings while it runs, and then the first ones again.
	Reloader interface {
		Reload(other bool)
	}
	// Bookish returns what its checks know of the past beside the state of the program: two
	// worlds are the same only if that is too.
	Bookish interface {
		Books() []any
	}
	// Rooted returns what the program's state consists of, where that is not itself.
	Rooted interface {
		Roots() []any
	}
)

var programs []*Program

// Register makes a program known by its name, to commands that are given a trace. It
// is for the initialization of packages, and for tests; the last one of a name counts.
func Register(p *Program) *Program {
	if p.Name == "" || (p.Start == nil) == (p.Main == nil) {
		panic("properties: a program needs a Name, and either Start or Main")
	}
	if p.Replays == "" {
		p.nameless = true
		p.Call("go test -millrace.replay", "go test", true)
	}
	if p.Traces == nil || p.Traces.Name != p.Name && len(p.Traces.Settings) == 0 { // of what this is a copy of
		p.Traces = &traces.Program{Name: p.Name}
	}
	p.Traces.Client = p.Dials
	p.Traces.Timed = (p.Leaves || p.Calm != nil) && len(p.Traces.Settings) == 0 // else Calm knows for how long
	if len(p.Situations) > maxSituations {
		panic(fmt.Sprintf("properties: program %s has %d situations, more than %d", p.Name, len(p.Situations), maxSituations))
	}
	traces.Register(p.Traces)
	for i, o := range programs {
		if o.Name == p.Name {
			programs[i] = p
			return p
		}
	}
	programs = append(programs, p)
	return p
}

// Lookup returns a program by its name, nil if there is none. "" is the program of
// traces that do not say whose they are.
func Lookup(name string) *Program {
	if name == "" {
		name = traces.DefaultProgram
	}
	for _, p := range programs {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// of returns the program that a trace is a run of.
func of(t *traces.Trace) *Program {
	p := Lookup(t.Program)
	if p == nil {
		panic(fmt.Sprintf("properties: nobody here knows the program %q of a trace", t.Program))
	}
	return p
}

// Met says whether an accident can happen to the program.
func (p *Program) Met(op sim.Op) bool {
	switch {
	case op.OfWorkers():
		return p.Workers > 1
	case p.Meets != nil:
		return p.Meets(op)
	case op == sim.OpConnect || op == sim.OpSocket || op == sim.OpServerLife:
		return p.Servers || p.Dials
	}
	return ServerMeets(op)
}

// Lacks says that an accident is that the kernel lacks memory for what it is asked. Few
// programs have an answer to that but to end; one that has includes it in its Meets.
func Lacks(op sim.Op) bool {
	return op == sim.OpSetFail || op == sim.OpRecvFail || op == sim.OpSendFail
}

// ServerMeets says what a server may meet that has no handshakes, pipes and tasks, on a
// kernel that has memory.
func ServerMeets(op sim.Op) bool {
	if Lacks(op) {
		return false
	}
	switch op {
	case sim.OpConnect, sim.OpSocket, sim.OpServerLife,
		sim.OpShakeReset, sim.OpShakeFin, sim.OpShakeMute, sim.OpShakeFlip, sim.OpRenew, sim.OpNoGoodbye,
		sim.OpPipe, sim.OpPipeSize, sim.OpSplice, sim.OpShortSplice, sim.OpTaskDelay,
		sim.OpDisagree, sim.OpNotYet, sim.OpEarlyHup: // which no textbook promises: a program has to ask for it
		return false
	}
	return true
}

// start begins a run of the program.
func (p *Program) start(w *World) Running {
	if p.Main != nil {
		return newBlocking(w, p.Main)
	}
	return p.Start(w)
}

// Scenario returns one of the program, which becomes known, in which nobody comes, with the
// settings that it has by itself.
func (p *Program) Scenario() *traces.Trace {
	if p.Traces == nil {
		Register(p)
	}
	t := &traces.Trace{Settings: p.Traces.Default()}
	if p.Name != traces.DefaultProgram {
		t.Program = p.Name
	}
	return t
}

// Stream is what a peer must get.
type Stream struct {
	// Known: the byte at each offset is given, by At or, if that is nil, as
	// sim.Payload has it for the stream of this number.
	Known bool
	ID    uint32
	At    func(offset int64) byte
	// Endless: it has no end, and who gets it does not wait for one.
	Endless bool
}

// back says whether a client gets its own bytes.
func (s *Stream) back(label int) bool {
	return s.Known && s.At == nil && s.ID == sim.Upstream(uint32(label))
}

// match returns how many bytes of p are right at an offset.
func (s *Stream) match(offset int64, p []byte) int {
	switch {
	case !s.Known:
		return len(p)
	case s.At == nil:
		return sim.Match(s.ID, offset, p)
	}
	for i := range p {
		if p[i] != s.At(offset+int64(i)) {
			return i
		}
	}
	return len(p)
}

// Relayed is Gets for who passes on what peers send to each other: the client gets what
// the server sends, its own bytes if that echoes, and the server what the client sends.
func Relayed(t *traces.Trace, label int, client bool) Stream {
	up := Stream{Known: true, ID: sim.Upstream(uint32(label))}
	if !client {
		return up
	}
	if serverScript(t, label).Has(traces.Echo) {
		return up
	}
	return Stream{Known: true, ID: sim.Downstream(uint32(label))}
}

// Echoed is Gets for who sends back what comes.
func Echoed(_ *traces.Trace, label int, _ bool) Stream {
	return Stream{Known: true, ID: sim.Upstream(uint32(label))}
}
