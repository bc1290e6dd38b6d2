package simfd

import (
	"fmt"

	"millrace/core"
	"millrace/sim"
)

// Params is what a kernel and its network are like.
type Params struct {
	Files     int      // descriptor numbers the process may use
	Front     sim.Link // between clients and the program
	Back      sim.Link // between the program and servers
	Queue     int      // listen backlog
	PipeSlots int      // pieces of segments that a pipe holds
	Addresses int      // from which clients come; 0 = one for each
	// Labels is how many labels sockets for servers are asked for with, from 0; 0 = any number.
	Labels   int
	Deserted bool // no server is anywhere, and connections to any are refused
	// Vigil is of the listener, and so of what it accepts, and of sockets for servers.
	Vigil core.Vigil
	// Judge makes breaches of calls that no correct program makes: sending after its own
	// FIN, or a second one. Without it they are answered, as Linux does.
	Judge bool
	// House makes breaches of bad manners too: calling again before the poller said so,
	// or after a fatal error, sending nothing, splicing without keeping count.
	House bool
}

// Watcher is told what pollers and peers want to know.
type Watcher interface {
	// Changed: a descriptor may have become ready for one of these events. With
	// EvExclusive, one that sleeps is enough of those who wish for it like that.
	Changed(num int, ev core.Events)
	// Closed: a descriptor number is given back, and what it was of is closed.
	Closed(num int)
	// Parted: it is given back, and the socket has others. Joined: it is one of several now.
	Parted(num int)
	Joined(num int)
}

// Peer is the other end of a connection, driven by a script.
type Peer interface {
	// Ready: its socket may be ready.
	Ready()
}

// Network answers for the servers.
type Network interface {
	// Served is called when a connection of session label reaches a server.
	Served(label uint32, s *Socket) Peer
}

// Linker is a Network whose connections are not all alike.
type Linker interface {
	// Link is what a session's connection is like, to its client or to its server.
	Link(label uint32, front bool) sim.Link
}

// agents are the four actors of a session.
type agents struct {
	front, back, client, server sim.Agent
	told                        [2]core.Errno // the last failure told on front and back
	begun                       core.Errno    // what the last attempt to reach a server began with
	slain                       [2]slain      // front and back
	refused                     bool          // a splice was, for good
	holder                      *Kernel       // of the worker that its client came to
	life                        int           // which life of that worker
	closed                      sim.Time      // when the program last closed one of its sockets
	parted                      [2]parting    `digest:"-"` // front and back; it is only told
}

// slain is what is known of a connection that the program reset.
type slain struct {
	yes  bool
	idle sim.Time // how long ago something left last; negative if nothing was under way
}

// Witness is told of calls that say something about the program, before they have an effect.
type Witness interface {
	// Failing: a call that sends is going to be told that the connection failed.
	Failing(num int)
	// Closing: a descriptor is given back. cut says that it makes a reset, of bytes that
	// nobody read, and does not ask for one.
	Closing(num int, cut bool)
}

// Kernel is the simulated kernel of one process and of all its peers, which those of the
// program's other workers have in common with it (see Join).
type Kernel struct {
	w      *sim.World
	params Params
	watch  Watcher
	*common
	own     common       `digest:"-"` // what common is, of the first one
	number  int          // which worker's
	nums    []descriptor // by number
	open    int
	low     int // no number below is free
	lst     *Listener
	worker  sim.Agent // chooses for what belongs to no socket
	accepts sim.Agent // chooses for the listener
	pipes   int
	things  int      // how many pipes' ends and eventfds there were
	last    uint64   `digest:"-"` // of Stats.Calls, the last one of the round
	doomed  bool     // the process dies with it
	deaths  int      // of processes that had this place
	looked  sim.Time // when the program looked at the clock last
	Witness Witness  // nil: nobody
	turn    uint64   `digest:"-"` // see Turn
	// Touched are the numbers of which anything may have changed, on either side of the
	// surface, until whoever looks at them clears it.
	Touched sim.Set `digest:"-"`
	Stats   Stats
}

// descriptor is one line of the process's table.
type descriptor struct {
	sock  *Socket
	lst   *Listener
	pipe  *Pipe
	event *Event
}

// Stats counts what the process under test did.
type Stats struct {
	Calls    uint64 // calls on descriptors, listeners and the dialer
	Opened   uint64
	Closed   uint64
	MaxOpen  int
	Sent     uint64 // bytes
	Received uint64
	Spliced  uint64 // of those received, into pipes
	Reads    uint64 // calls that received any
	Dropped  uint64 // connections that waited for accept() when the listener was closed
	Deserted uint64 // connections that ended since nobody answered, with nothing under way
	Choked   uint64 // connections that ended since the other end let nothing in for too long
	Promised uint64 // sends and splices out that said more would follow
	Refused  uint64 // calls of accept() that failed, with somebody waiting
	Piped    uint64 // pipes that were made
	Pipeless uint64 // calls of pipe() that failed
	Spilt    uint64 // pipes that were closed with bytes in them
}

// link is one connection: two sockets, two streams.
type link struct {
	a, b   Socket     // a is the program's end
	ab, ba sim.Stream // named by direction
}

// Reset starts over in a world that was just reset, keeping memory.
func (k *Kernel) Reset(w *sim.World, p Params, watch Watcher, net Network) {
	c := common{net: net, actors: k.own.actors[:0], links: k.own.links[:0], origins: k.own.origins[:0], group: k.own.group[:0]}
	c.linker, _ = net.(Linker)
	k.number = 0
	k.reset(w, p, watch)
	k.own = c
	k.common = &k.own
}

// reset is what every worker's kernel begins with.
func (k *Kernel) reset(w *sim.World, p Params, watch Watcher) {
	*k = Kernel{w: w, params: p, watch: watch, own: k.own, number: k.number, nums: k.nums[:0], Touched: k.Touched.Reset()}
	k.worker.Init(sim.Worker.Of(k.number), &w.Choices)
	k.accepts.Init(sim.Listener.Of(k.number), &w.Choices)
}

// linkOf is what a session's connection is like.
func (k *Kernel) linkOf(label uint32, front bool) sim.Link {
	switch {
	case k.linker != nil:
		return k.linker.Link(label, front)
	case front:
		return k.params.Front
	}
	return k.params.Back
}

// session returns the actors of a session.
func (k *Kernel) session(label uint32) *agents {
	for int(label) >= len(k.actors) {
		n, c := sim.Actor(len(k.actors)), &k.w.Choices
		s := sim.Take(&k.actors)
		*s = agents{}
		s.front.Init(sim.Front|n, c)
		s.back.Init(sim.Back|n, c)
		s.client.Init(sim.Client|n, c)
		s.server.Init(sim.Server|n, c)
	}
	return k.actors[label]
}

// ClientAgent returns the actor that is client number label.
func (k *Kernel) ClientAgent(label uint32) *sim.Agent { return &k.session(label).client }

// ServerAgent returns the actor that is the server's end of session label.
func (k *Kernel) ServerAgent(label uint32) *sim.Agent { return &k.session(label).server }

// link makes the two ends of a connection that is not there yet.
func (k *Kernel) link(label uint32, front bool) *link {
	l, s := sim.Take(&k.links), k.session(label)
	near := &s.back
	if front {
		near = &s.front
	}
	l.a = Socket{k: k, agent: near, label: label, own: none, num: none, told: front}
	l.a.nudge.Init(&l.a, near)
	k.wire(&l.a, &l.b, &l.ab, &l.ba)
	return l
}

// wire makes the other end of a socket of the program's, and the streams between them.
func (k *Kernel) wire(a, b *Socket, ab, ba *sim.Stream) {
	s := k.session(a.label)
	front := a.agent == &s.front
	far, params := &s.server, k.linkOf(a.label, front)
	if front {
		far = &s.client
	}
	ab.Init(k.w, a.agent, params, a, b)
	ba.Init(k.w, far, params, b, a)
	sim.Join(ab, ba)
	a.in, a.out, a.other = ba, ab, b
	*b = Socket{k: k, far: true, agent: far, label: a.label, num: none, own: none, in: ab, out: ba, other: a}
	b.nudge.Init(b, far)
}

// lowest takes the lowest free number, as POSIX demands; none if there is none.
func (k *Kernel) lowest() int32 {
	if k.open >= k.params.Files {
		return none
	}
	k.open++
	k.Stats.Opened++
	k.Stats.MaxOpen = max(k.Stats.MaxOpen, k.open)
	for k.low < len(k.nums) && k.nums[k.low] != (descriptor{}) {
		k.low++
	}
	if k.low == len(k.nums) {
		k.nums = append(k.nums, descriptor{})
	}
	k.low++
	k.Touched.Add(k.low - 1)
	return int32(k.low - 1)
}

func (k *Kernel) giveBack(num int32) {
	k.watch.Closed(int(num))
	k.free(num)
}

func (k *Kernel) free(num int32) {
	k.nums[num] = descriptor{}
	k.low = min(k.low, int(num))
	k.open--
	k.Stats.Closed++
	k.Touched.Add(int(num))
}

// Open returns how many descriptors are open.
func (k *Kernel) Open() int { return k.open }

// Looked says that the program looks at the clock, as it does when a wait ends. What it
// puts off it puts off from then, whatever time its round has taken since.
func (k *Kernel) Looked() { k.looked = k.w.Now() }

// Socket returns a socket aimed at a server. Which one makes a difference to how an
// attempt ends, and none to what a connection is like. It implements core.Dialer.
func (k *Kernel) Socket(to int, label uint32) (core.FD, core.Errno) {
	k.count()
	if n := k.params.Labels; n > 0 && uint64(label) >= uint64(n) {
		core.BugOn(true, "label", "kernel", fmt.Sprintf("a socket for session %d, and there are %d: a label is that of the client"+
			" for whom one connects, as Accept told it; a program that connects for nobody says that it Dials, and may give any", label, n))
	}
	a := k.session(label)
	if v := a.back.Choose(sim.OpSocket, 5); v != 0 {
		a.begun = [...]core.Errno{core.EMFILE, core.ENFILE, core.ENOBUFS, core.ENOMEM}[v-1]
		return nil, a.begun
	}
	num := k.lowest()
	if num == none {
		a.begun = core.EMFILE
		return nil, core.EMFILE
	}
	a.begun, a.told[1] = 0, 0
	s := &k.link(label, false).a
	s.to, s.vigil = to, k.params.Vigil
	s.opened(num)
	return s, 0
}

// Poll returns what the kernel reports for a number to a program that asks.
func (k *Kernel) Poll(num int) core.Events {
	if s := k.FD(num); s != nil {
		return s.Poll()
	}
	return k.Events(num)
}

// Events returns what Poll would, and nobody has asked: whoever watches a world must not
// be part of it.
func (k *Kernel) Events(num int) core.Events {
	if num >= len(k.nums) {
		return 0
	}
	switch d := &k.nums[num]; {
	case d.sock != nil:
		return d.sock.events()
	case d.lst != nil:
		return d.lst.events()
	case d.pipe != nil:
		return d.pipe.events(int32(num))
	case d.event != nil:
		return d.event.events()
	}
	return 0
}

// Agent returns the actor who chooses for an open number.
func (k *Kernel) Agent(num int) *sim.Agent {
	switch d := &k.nums[num]; {
	case d.sock != nil:
		return d.sock.agent
	case d.lst != nil:
		return d.lst.agent
	case d.event != nil:
		return &d.event.agent
	}
	p := k.nums[num].pipe
	return &p.agents[b2i(int32(num) == p.nums[1])]
}

// FD returns the open socket with this number; nil if there is none.
func (k *Kernel) FD(num int) *Socket {
	if num >= len(k.nums) {
		return nil
	}
	return k.nums[num].sock
}

// IsOpen says whether a number is open.
func (k *Kernel) IsOpen(num int) bool {
	return num >= 0 && num < len(k.nums) && k.nums[num] != (descriptor{})
}

const none = -1

// Numbers is one more than the highest number ever used.
func (k *Kernel) Numbers() int { return len(k.nums) }

// Owes says that a wake-up for this number is on its way.
func (k *Kernel) Owes(num int) bool {
	s := k.FD(num)
	return s != nil && s.Owed()
}

// Told returns the last failure that a session's front or back socket told the
// program; 0 if there was none.
func (k *Kernel) Told(label uint32, front bool) core.Errno {
	return k.session(label).told[b2i(!front)]
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Turn says that the program gives its time to something else from now on: what it sends on a
// socket until then might have been one segment. Who does not say so is not held to that.
func (k *Kernel) Turn() { k.turn++ }

// Begun returns what the last attempt of a session to reach a server began with: the error of
// socket() or of the first connect(), 0 if there was none.
func (k *Kernel) Begun(label uint32) core.Errno { return k.session(label).begun }

// Slain says whether the program reset a connection of a session that was there, and how
// long ago something had left it last: negative if nothing was under way.
func (k *Kernel) Slain(label uint32, front bool) (yes bool, idle sim.Time) {
	s := &k.session(label).slain[b2i(!front)]
	return s.yes, s.idle
}

// SpliceRefused says whether a splice of a session was answered with what will not change.
func (k *Kernel) SpliceRefused(label uint32) bool { return k.session(label).refused }

// LastClose returns when the program last closed a socket of a session; 0 if it never did.
func (k *Kernel) LastClose(label uint32) sim.Time { return k.session(label).closed }

// Backlog is how many connections wait to be accepted.
func (k *Kernel) Backlog() int {
	if k.lst == nil {
		return 0
	}
	return len(k.lst.queue)
}
