package properties_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/properties"
	"millrace/sim"
	"millrace/traces"
)

// ticking is a server that looks round all the time: it reads what comes, and when a client has been
// quiet for so long it leaves him. late is when it did, behind the last that it heard of him.
func ticking(tick, idle core.Time, late *core.Time) func(h core.Host) {
	return func(h core.Host) {
		poll, door, ready, buf := h.Poller(), h.Listener(), make([]core.Ready, 4), make([]byte, 64)
		poll.Set(core.Key(door.Num()), 0, core.EvIn)
		var c core.FD
		heard := core.Time(0)
		for {
			n, now, e := poll.Wait(ready, h.Now()+tick)
			if e == core.ECANCELED {
				break
			}
			for _, r := range ready[:n] {
				if r.Key.Num() == door.Num() {
					if fd, _, e := door.Accept(); e == 0 {
						c, heard = fd, now
						poll.Set(core.Key(c.Num()), 0, core.EvIn)
					}
				} else if c != nil {
					if n, _ := c.Recv(buf); n > 0 {
						heard = now
					}
				}
			}
			if c != nil && now > heard+idle {
				*late = now - heard
				c.Close(false)
				c = nil
			}
		}
		if c != nil {
			c.Close(true)
		}
		door.Close()
	}
}

// TestALoopThatTicksForEverComesToItsEnd: a wait with a timeout is no reason for a world to have none.
func TestALoopThatTicksForEverComesToItsEnd(t *testing.T) {
	for _, c := range []struct{ tick, idle, late core.Time }{
		{1 * core.Millisecond, 3 * core.Second, 3002 * core.Millisecond},
		{100 * core.Millisecond, 30 * core.Second, 34 * core.Second},
		{20 * core.Second, 50 * core.Second, 70 * core.Second},
		{600 * core.Second, 1000 * core.Second, 1201 * core.Second},
		{100 * core.Millisecond, 1800 * core.Second, 2000 * core.Second},
	} {
		late := core.Time(0)
		p := properties.Register(&properties.Program{Name: "ticking", Level: true, Leaves: true, Main: ticking(c.tick, c.idle, &late)})
		tr := p.Scenario()
		tr.Sessions = []traces.Session{{Client: traces.Script{properties.Say("x"), {Verb: traces.EOF}, {Verb: traces.Close}}}}
		for _, workers := range []int64{1, 3} {
			tr.Settings[traces.Workers] = workers
			w := properties.NewWorld(p)
			require.Nil(t, w.Run(tr, sim.Benign{}, properties.Options{}))
			require.Greater(t, late, c.idle)
			require.Less(t, late, c.late)
			require.Less(t, w.Sim().Steps(), uint64(10_000*workers), "%d", c.tick)
		}
	}
}
