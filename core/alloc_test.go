package core

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// steady is a connection whose socket always has something to read and to
// write, and a session task that is woken by each turn and moves its timer.
type steady struct {
	NoSplice
	loop *Loop
	task Task
	conn Conn
	runs int
}

func (s *steady) Num() int                           { return 3 }
func (s *steady) Connect() Errno                     { return 0 }
func (s *steady) Recv(p []byte) (int, Errno)         { return len(p), 0 }
func (s *steady) Peek(p []byte) (int, Errno)         { return len(p), 0 }
func (s *steady) Local() (Addr, Errno)               { return Addr{}, 0 }
func (s *steady) Send(p []byte, _ bool) (int, Errno) { return len(p), 0 }
func (s *steady) ShutW() Errno                       { return 0 }
func (s *steady) Untaken() int                       { return 0 }
func (s *steady) Close(bool) Errno                   { return 0 }

func TestASteadyTurnAllocatesNothing(t *testing.T) {
	bothModes(t, func(t *testing.T, edge bool) {
		loop, poller := newFakeLoop(edge, nil)
		s := &steady{loop: loop}
		u := &steadyUpper{s}
		loop.Bind(&s.task, u)
		s.conn.Attach(&loop.Table, s, u)
		s.conn.Want(RW)
		lines := []Ready{{Key: s.conn.Desc().Key(), Events: EvIn | EvOut}}
		turn := func() {
			poller.batch = lines
			loop.Step()
		}
		require.Zero(t, testing.AllocsPerRun(1000, turn))
		require.EqualValues(t, 1001, s.runs)
		require.EqualValues(t, 1001, loop.Table.Stats.Turns)
	})
}

// steadyUpper moves a little each way, and is then told to wait.
type steadyUpper struct{ *steady }

var moved [64]byte

func (u *steadyUpper) Turn()         { u.conn.Turn(u) }
func (u *steadyUpper) Chain() *Chain { return nil }

func (u *steadyUpper) Recv(c *Conn) {
	c.FD().Recv(moved[:])
	c.Moved()
	c.Cant(R)
}

func (u *steadyUpper) Send(c *Conn) {
	c.FD().Send(moved[:], true)
	c.Moved()
	c.Cant(W)
	c.Stop(W)
}

func (u *steadyUpper) Wake(c *Conn, _ bool) {
	c.Want(W)
	u.loop.Wake(&u.task)
	u.loop.SetTimer(&u.task, u.loop.Now()+Second)
}

func (u *steadyUpper) Run(bool) { u.runs++ }

func TestOpeningAndClosingAllocatesNothing(t *testing.T) {
	bothModes(t, func(t *testing.T, edge bool) {
		loop, _ := newFakeLoop(edge, nil)
		s := &steady{loop: loop}
		u := &steadyUpper{s}
		loop.Bind(&s.task, u)
		life := func() {
			s.conn.Attach(&loop.Table, s, u)
			s.conn.Want(RW)
			loop.Step()
			s.conn.Close(false)
			loop.Step()
		}
		require.Zero(t, testing.AllocsPerRun(100, life))
	})
}
