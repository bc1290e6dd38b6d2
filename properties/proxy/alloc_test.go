package proxy

import (
	"millrace/properties"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/sim"
)

// TestNoAllocationPerStepOnceWarm steps a world of endless bulk in both
// directions, with all invariants on and harmless faults.
func TestNoAllocationPerStepOnceWarm(t *testing.T) {
	for _, poller := range []string{
		"level", "edge", "level splice-req=on splice-rep=on", "edge splice-req=auto splice-rep=on pipe-slots=3", "level client-tls=double server-tls=double", "edge client-tls=double accept-proxy=v2 send-proxy=v1",
	} {
		tr := parse(t, "world poller="+poller+" bufsize=1000 gap=1µs\n"+
			"session 0 client=send:100000000,close server=send:100000000,close\n"+
			"session 1 client=send:100000000,close\n")
		src := &sim.Seeded{Seed: 1}
		for _, op := range harmless {
			src.Rates[op] = 300
		}
		w := properties.NewWorld(Program)
		w.Begin(tr, src, properties.Options{})
		for range 20000 {
			require.True(t, w.Sim().Step())
		}
		// What is listed of a run grows with the run; here it has room.
		w.Sim().Choices.Taken = append(make([]sim.Decision, 0, 1<<20), w.Sim().Choices.Taken...)
		calls := w.Kernel().Stats.Calls
		allocs := testing.AllocsPerRun(5000, func() { w.Sim().Step() })
		require.Nil(t, w.Failed())
		require.Greater(t, w.Kernel().Stats.Calls, calls+2000, "the steps did something")
		require.Zero(t, allocs, poller)
	}
}
