package properties_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/properties"
	"millrace/sim"
	"millrace/traces"
)

// TestWhatAccidentsHoldUpIsNoWorldWithoutAnEnd: a hundred partitions take hours, one behind the other,
// where bytes pass one by one, and it is nobody's fault. Without them there is no such excuse.
func TestWhatAccidentsHoldUpIsNoWorldWithoutAnEnd(t *testing.T) {
	p := properties.Register(&properties.Program{Name: "patient-shout", Level: true, Main: shout})
	tr := p.Scenario()
	tr.Settings[traces.SndBuf] = 1
	tr.Sessions = []traces.Session{{Client: traces.Script{{Verb: traces.Send, N: 200}, {Verb: traces.ShutW}, {Verb: traces.EOF}}}}
	for ord := range uint32(100) {
		tr.Decisions = append(tr.Decisions, sim.Decision{Actor: sim.Client, Op: sim.OpPartition, Ord: ord, Val: 4})
	}
	w := properties.NewWorld(p)
	require.Nil(t, w.Replay(tr, properties.Options{}))
	require.Greater(t, w.Sim().Now(), 2*3600*sim.Second)

	tr.Sessions[0].Client = traces.Script{{Verb: traces.Wait, N: int64(1000 * 3600 * sim.Second)}, {Verb: traces.Close}}
	tr.Decisions = nil
	f := w.Replay(tr, properties.Options{})
	require.NotNil(t, f)
	require.Equal(t, "I40 world: no end within two hours of virtual time, beside what accidents held up", f.String())
}
