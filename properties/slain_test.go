package properties_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/properties"
	"millrace/sim"
	"millrace/traces"
)

// TestWhoIsResetIsToldWhatTheProgramDid: three closes that look alike to who gets the reset.
func TestWhoIsResetIsToldWhatTheProgramDid(t *testing.T) {
	leaves := func(reads int, reset bool) func(h core.Host) {
		return func(h core.Host) {
			poll, door, ready := h.Poller(), h.Listener(), make([]core.Ready, 4)
			poll.Set(core.Key(door.Num()), 0, core.EvIn)
			var open core.FD
			for {
				if _, _, e := poll.Wait(ready, 0); e == core.ECANCELED {
					break
				}
				if open == nil {
					open, _, _ = door.Accept()
					poll.Set(core.Key(open.Num()), 0, core.EvIn)
				} else if n, _ := open.Recv(make([]byte, reads)); n > 0 {
					open.Close(reset)
				}
			}
			door.Close()
		}
	}
	const told = "I73 client: c0 was reset, and nothing happened to it that explains that: the program closed its socket"
	for _, c := range []struct {
		reads int
		reset bool
		want  string
	}{
		{8, true, " with a reset"},
		{3, false, " with 1 bytes unread, which makes a reset of it"},
		{8, false, ", and what came behind that is answered with a reset"},
	} {
		p := properties.Register(&properties.Program{Name: "leaver", Level: true, Main: leaves(c.reads, c.reset)})
		tr := p.Scenario()
		tr.Sessions = []traces.Session{{Client: traces.Script{
			properties.Say("text"), {Verb: traces.Wait, N: int64(sim.Millisecond)}, properties.Say("text"), {Verb: traces.Wait, N: int64(sim.Millisecond)}, {Verb: traces.ShutW}, {Verb: traces.EOF},
		}}}
		f := properties.NewWorld(p).Run(tr, sim.Benign{}, properties.Options{})
		require.NotNil(t, f)
		require.Equal(t, told+c.want, f.String())
	}
}
