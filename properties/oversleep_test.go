package properties_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/properties"
	"millrace/properties/picture"
	"millrace/sim"
	"millrace/traces"
)

// reader is an edge-triggered server that answers nothing, and takes a client for gone when it
// has been quiet for so long: it is how it reads that differs.
type reader struct {
	idle   core.Time // after which it closes
	tick   core.Time // after which it looks at everybody; 0 = never
	pause  core.Time // between two reads of one client
	short  bool      // it takes a short count for the end of what there is
	single bool      // it accepts one client for each report
}

type talker struct {
	core.FD
	key         core.Key
	quiet, next core.Time // since when, and when it is read from next
	ready, over bool
}

// take reads from a client.
func (s *reader) take(c *talker, now core.Time) {
	var buf [64]byte
	for c.ready && now >= c.next {
		n, e := c.Recv(buf[:])
		c.over = n == 0 && e != core.EAGAIN && e != core.EINTR
		if e == core.EINTR {
			continue
		}
		if c.ready = e == 0 && n > 0 && (n == len(buf) || !s.short); e == 0 {
			c.quiet, c.next = now, now+s.pause
		}
		if c.over {
			return
		}
	}
}

func (s *reader) main(h core.Host) {
	poll, door := h.Poller(), h.Listener()
	poll.Set(core.Key(door.Num()), 0, core.EvIn)
	var all []*talker
	ready := make([]core.Ready, 16)
	lives, ticked := core.Key(0), h.Now()
	accept := func() {
		for {
			fd, _, e := door.Accept()
			if e == core.EINTR || e == core.ECONNABORTED {
				continue
			}
			if e != 0 {
				return
			}
			lives++
			c := &talker{FD: fd, key: lives<<32 | core.Key(fd.Num()), quiet: h.Now()}
			all = append(all, c)
			poll.Set(c.key, 0, core.EvIn)
			if s.single {
				return
			}
		}
	}
	for {
		until := core.Time(0)
		for _, c := range all {
			until = core.First(until, c.quiet+s.idle)
			if c.ready {
				until = core.First(until, c.next)
			}
		}
		if s.tick != 0 {
			until = core.First(until, ticked+s.tick)
		}
		n, now, e := poll.Wait(ready, until)
		if e == core.ECANCELED {
			break
		}
		tick := s.tick != 0 && now >= ticked+s.tick
		if tick {
			ticked = now
			accept()
		}
		for _, r := range ready[:n] {
			if r.Key == core.Key(door.Num()) {
				accept()
			}
			for _, c := range all {
				c.ready = c.ready || c.key == r.Key
			}
		}
		left := all[:0]
		for _, c := range all {
			c.ready = c.ready || tick
			if s.take(c, now); c.over || now >= c.quiet+s.idle {
				c.Close(false)
				continue
			}
			left = append(left, c)
		}
		all = left
	}
	for _, c := range all {
		c.Close(true)
	}
	door.Close()
}

func (s reader) program(name string) *properties.Program {
	return properties.Register(&properties.Program{
		Name: name, Main: s.main, Leaves: true,
		Meets:  func(op sim.Op) bool { return op != sim.OpAccept && properties.ServerMeets(op) },
		Temper: func(t *traces.Trace, _ *sim.Rates) { t.Settings[traces.Poller] = traces.Edge },
		Calm:   func(*traces.Trace, int) bool { return false },
	})
}

// found is the identity of the first failure in some worlds, "" if there is none.
func found(p *properties.Program) (id string, failing *traces.Trace) {
	w := properties.NewWorld(p)
	w.Share = 20
	for seed := range uint64(400) {
		if t := w.Hunt(seed); t != nil {
			return properties.Identity(t), t
		}
	}
	return "", nil
}

// TestAWakeupLostInFrontOfAnEndIsNotHiddenByATimer: no peer can tell a program that sleeps over
// what it has not read, until its own timer wakes it, from a slow one.
func TestAWakeupLostInFrontOfAnEndIsNotHiddenByATimer(t *testing.T) {
	for name, s := range map[string]reader{
		"short-count": {idle: 30 * core.Second, short: true},
		"ticks":       {idle: 30 * core.Second, short: true, tick: 100 * core.Millisecond},
		"one-accept":  {idle: 30 * core.Second, tick: 100 * core.Millisecond, single: true},
	} {
		id, failing := found(s.program(name))
		require.Equal(t, "I32 program", id, name)
		small := properties.Shrink(failing, "x", nil)
		require.Equal(t, "I32 program", properties.Identity(small), "%s", small)
		require.LessOrEqual(t, len(small.Sessions)+len(small.Decisions), 2, "%s", small)
		drawn := picture.Simulated(small, "x") // which is one run, that is watched
		require.Equal(t, "I32 program", drawn.Rule)
	}
}

// TestAnExplanationEndsWhereItBroke: how a run is cleared away is nobody's fault.
func TestAnExplanationEndsWhereItBroke(t *testing.T) {
	failed := check(t, reader{idle: 30 * core.Second, short: true}.program("explained"))
	require.Contains(t, failed, "I32 program\n  there was something to take from f0 all the 30s that the program slept")
	require.Contains(t, failed, "f0 recv 64 = 1")
	require.Contains(t, failed, "f0 close = OK")
	require.NotContains(t, failed, "ECANCELED")
	require.NotContains(t, failed, "l0 close")
}

// TestWhoDoesNotReadOnPurposeLosesNoWakeup: whatever wakes it.
func TestWhoDoesNotReadOnPurposeLosesNoWakeup(t *testing.T) {
	for name, s := range map[string]reader{
		"to-the-end": {idle: 30 * core.Second},
		"ticking":    {idle: 30 * core.Second, tick: 100 * core.Millisecond},
		"rate":       {idle: 30 * core.Second, pause: 50 * core.Millisecond},
		"late":       {idle: 10 * core.Millisecond, pause: 50 * core.Millisecond, tick: 7 * core.Millisecond},
	} {
		id, failing := found(s.program(name))
		require.Empty(t, id, "%s %s", name, failing)
	}
}
