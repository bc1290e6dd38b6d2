package properties_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/properties"
	"millrace/sim"
	"millrace/traces"
)

// TestAClosedDescriptorKeepsItsNumber: whether its calls are recorded or not, or the same
// program would fail in a hunt, and pass with the command that shows why.
func TestAClosedDescriptorKeepsItsNumber(t *testing.T) {
	closed := 0
	kept := func(num func() int, close func()) {
		was := num()
		close()
		require.Equal(t, was, num())
		closed++
	}
	p := properties.Register(&properties.Program{Name: "closer", Level: true, Main: func(h core.Host) {
		poll, door := h.Poller(), h.Listener()
		poll.Set(core.Key(door.Num()), 0, core.EvIn)
		bell, e := h.Dialer().(core.Eventer).EventFD(0)
		require.Zero(t, e)
		for {
			if _, _, e := poll.Wait(make([]core.Ready, 9), 0); e == core.ECANCELED {
				break
			}
			fd, _, e := door.Accept()
			require.Zero(t, e)
			twin, e := fd.(core.Duplicator).Dup()
			require.Zero(t, e)
			kept(fd.Num, func() { fd.Close(false) })
			kept(twin.Num, func() { twin.Close(false) })
		}
		kept(bell.Num, func() { bell.Close() })
		kept(door.Num, func() { door.Close() })
	}})
	for _, record := range []int{0, -1} {
		w := properties.NewWorld(p)
		tr := p.Scenario()
		tr.Sessions = []traces.Session{{Client: traces.Script{{Verb: traces.EOF}}}}
		require.Nil(t, w.Run(tr, sim.Benign{}, properties.Options{Record: record}))
	}
	require.Equal(t, 8, closed)
}
