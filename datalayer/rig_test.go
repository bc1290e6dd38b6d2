package datalayer

import (
	"fmt"
	"strconv"
	"strings"

	"millrace/core"
)

// socket answers its calls from a list of "5" or "EAGAIN". What is read from it
// counts up.
type socket struct {
	core.NoSplice
	answers []string
	calls   []string
	draw    func(room int) string // where further answers come from
	next    byte
	text    string // what is read instead, if there is any
	wire    []byte // everything that was sent
}

var _ core.FD = (*socket)(nil)

func (s *socket) answer(call string, room int) (int, core.Errno) {
	if s.draw != nil {
		s.answers = append(s.answers, s.draw(room))
	}
	core.BugOn(len(s.answers) == 0, "test", "socket", "nobody expected "+call)
	text := s.answers[0]
	s.answers = s.answers[1:]
	s.calls = append(s.calls, call+"="+text)
	if e, ok := core.ParseErrno(text); ok {
		return 0, e
	}
	n, err := strconv.Atoi(text)
	core.BugOn(err != nil || n > room, "test", "socket", call+" cannot be answered "+text)
	return n, 0
}

func (s *socket) Num() int                       { return 3 }
func (s *socket) Connect() core.Errno            { return core.EINPROGRESS }
func (s *socket) Local() (core.Addr, core.Errno) { return core.Addr{}, 0 }
func (s *socket) Untaken() int                   { return 0 }
func (s *socket) ShutW() core.Errno              { return 0 }
func (s *socket) Close(bool) core.Errno          { return 0 }

// expect adds answers, such as "5 EAGAIN".
func (s *socket) expect(answers string) {
	s.answers = append(s.answers, strings.Fields(answers)...)
}

// heard returns the calls since the last time.
func (s *socket) heard() string {
	calls := strings.Join(s.calls, ", ")
	s.calls = nil
	return calls
}

// counting is what the first n bytes read are.
func counting(n int) string {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i + 1)
	}
	return string(p)
}

func (s *socket) Recv(p []byte) (int, core.Errno) {
	n, e := s.answer(fmt.Sprint("recv ", len(p)), len(p))
	if s.text != "" {
		k := copy(p[:n], s.text)
		s.text = s.text[k:]
		return n, e
	}
	for i := range n {
		s.next++
		p[i] = s.next
	}
	return n, e
}

func (s *socket) Peek(p []byte) (int, core.Errno) {
	n, e := s.answer(fmt.Sprint("peek ", len(p)), len(p))
	copy(p[:n], counting(int(s.next) + n)[s.next:])
	return n, e
}

func (s *socket) Send(p []byte, more bool) (int, core.Errno) {
	call := fmt.Sprint("send ", len(p))
	if more {
		call += " more"
	}
	n, e := s.answer(call, len(p))
	s.wire = append(s.wire, p[:n]...)
	return n, e
}

// rig is a real connection in a real loop over a fake kernel, with an upper
// layer that does what the test says.
type rig struct {
	socket
	loop  *core.Loop
	conn  core.Conn
	line  core.Events // of the next report
	recv  func()
	send  func()
	chain core.Chain
}

func newRig(connecting bool) *rig {
	r := &rig{}
	r.loop = core.NewLoop(rigPoller{r}, 1, 1)
	if connecting {
		r.conn.Connect(&r.loop.Table, r, rigUpper{r}, true)
	} else {
		r.conn.Attach(&r.loop.Table, r, rigUpper{r})
	}
	return r
}

// report runs a round in which the poller reports these events.
func (r *rig) report(ev core.Events) {
	r.line = ev
	r.loop.Step()
}

// state prints the connection as a data layer left it.
func (r *rig) state(n int, st Status) string {
	flags := (r.conn.Flags() &^ core.ConnTurn).String()
	if r.conn.Err() != 0 {
		flags += " " + r.conn.Err().String()
	}
	return fmt.Sprintf("%d %v; ready %v; %s; %s", n, st, r.conn.Desc().Ready(), flags, r.heard())
}

type rigPoller struct{ *rig }

func (rigPoller) Edge() bool                                        { return true }
func (rigPoller) Set(core.Key, core.Events, core.Events) core.Errno { return 0 }

func (p rigPoller) Wait(ready []core.Ready, _ core.Time) (int, core.Time, core.Errno) {
	if p.line == 0 {
		return 0, 1, 0
	}
	ready[0] = core.Ready{Key: p.conn.Desc().Key(), Events: p.line}
	p.line = 0
	return 1, 1, 0
}

type rigUpper struct{ *rig }

func (u rigUpper) Turn() { u.conn.Turn(u) }

func (u rigUpper) Chain() *core.Chain { return &u.chain }

func (u rigUpper) Wake(*core.Conn, bool) {}

func (u rigUpper) Recv(*core.Conn) {
	if u.recv != nil {
		u.recv()
	}
}

func (u rigUpper) Send(*core.Conn) {
	if u.send != nil {
		u.send()
	}
}

// held makes a ring of 10 bytes that holds out and in bytes from head on.
func held(head, out, in int) *Buffer {
	b := &Buffer{}
	b.Give(make([]byte, 10))
	b.head, b.out, b.in = head, out, in
	return b
}
