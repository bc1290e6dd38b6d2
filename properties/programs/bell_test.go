package programs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/properties"
	"millrace/traces"
)

// bell is a loop that talks to its poller as one does without books, and puts off what it
// has read: it rings its own bell, an eventfd, and writes what waits in a pipe when that is
// reported. A client is closed by another number than the one that it came with.
type bell struct {
	core.Host
	poll  core.Registrar
	rung  core.EventFD
	work  core.Tube
	conns map[core.Key]*ringer
	lives core.Key
	deaf  bool // it does not take what it has rung: the mistake of a test
}

type ringer struct {
	fd, twin core.FD
	key      core.Key
}

func (b *bell) main(h core.Host) {
	b.Host, b.poll, b.conns = h, h.Poller().(core.Registrar), map[core.Key]*ringer{}
	rung, e := h.Dialer().(core.Eventer).EventFD(0)
	core.BugOn(e != 0, "bell", "bell", e.String())
	pipe, e := h.Dialer().(core.Plumber).Pipe()
	core.BugOn(e != 0, "bell", "bell", e.String())
	b.rung, b.work = rung, pipe.(core.Tube)
	r, _ := b.work.Ends()
	b.poll.Add(core.Key(h.Listener().Num()), core.EvIn)
	b.poll.Add(core.Key(rung.Num()), core.EvIn)
	b.poll.Add(core.Key(r), core.EvIn)
	ready := make([]core.Ready, 8)
	for {
		n, _, e := h.Poller().Wait(ready, 0)
		if e == core.ECANCELED {
			break
		}
		for _, line := range ready[:n] {
			b.turn(line.Key, core.Key(r))
		}
	}
	for life := core.Key(1); life <= b.lives; life++ {
		for key, c := range b.conns {
			if key.Gen() == uint32(life) {
				c.fd.Close(true)
				c.twin.Close(true)
			}
		}
	}
	b.work.Close()
	rung.Close()
	h.Listener().Close()
}

func (b *bell) turn(key, pipe core.Key) {
	c := b.conns[key]
	switch {
	case key == core.Key(b.Listener().Num()):
		b.accept()
	case key == core.Key(b.rung.Num()) && !b.deaf:
		n, _ := b.rung.Take()
		b.work.Writev([][]byte{make([]byte, n)})
	case key == pipe:
		var buf [16]byte
		b.work.Readv([][]byte{buf[:1], buf[1:]})
	case c != nil:
		b.serve(c)
	}
}

func (b *bell) accept() {
	fd, _, e := b.Listener().Accept()
	if e != 0 {
		return
	}
	b.lives++
	c := &ringer{fd: fd, key: b.lives<<32 | core.Key(fd.Num())}
	if c.twin, e = fd.(core.Duplicator).Dup(); e != 0 {
		fd.Close(true)
		return
	}
	fd.(core.Patient).RcvLowat(1)
	if b.poll.Add(c.key, core.EvIn) != 0 {
		fd.Close(true)
		c.twin.Close(true)
		return
	}
	b.conns[c.key] = c
}

func (b *bell) serve(c *ringer) {
	var buf [64]byte
	n, e := c.fd.(core.Vectored).Readv([][]byte{buf[:1], buf[1:]})
	switch {
	case e == core.EAGAIN || e == core.EINTR:
	case e != 0 || n == 0:
		b.poll.Del(c.key) // or it would go on being reported
		delete(b.conns, c.key)
		c.fd.Close(false)
		c.twin.Close(false)
	default:
		b.rung.Add(1)
	}
}

func program(deaf bool) *properties.Program {
	return &properties.Program{
		Name: fmt.Sprintf("bell-%t", deaf), Level: true,
		Main: func(h core.Host) { (&bell{deaf: deaf}).main(h) },
	}
}

func TestALoopMayWakeItself(t *testing.T) { properties.Check(t, program(false)) }

// TestABellThatGoesOnRingingIsFound: in what a journal writes down, too.
func TestABellThatGoesOnRingingIsFound(t *testing.T) {
	w := properties.NewWorld(program(true))
	trace, err := traces.Parse("bell", []byte("millrace 1\nworld\nsession 0 client=send:10,shutw\n"))
	require.NoError(t, err)
	var journal strings.Builder
	fail := w.Replay(trace, properties.Options{Journal: &journal})
	require.NotNil(t, fail)
	require.Equal(t, "I09", fail.ID)
	for _, call := range []string{
		"w0 eventfd 0 = OK", "w0 pipe = OK", "l0 add IN = OK", "w1 add IN = OK", "f0 dup = OK", "f0 rcvlowat 1 = OK",
		"f0 add IN = OK", "f0 readv 64 = 10", "w0 eventfd-write 1 = OK",
	} {
		require.Contains(t, journal.String(), call)
	}
}
