package properties

import (
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
		w := NewWorld()
		w.begin()
		w.reset(tr, src, Options{})
		for range 20000 {
			require.True(t, w.sim.Step())
		}
		// What is listed of a run grows with the run; here it has room.
		w.sim.Choices.Taken = append(make([]sim.Decision, 0, 1<<20), w.sim.Choices.Taken...)
		calls := w.kernel.Stats.Calls
		allocs := testing.AllocsPerRun(5000, func() { w.sim.Step() })
		require.Nil(t, w.fail)
		require.Greater(t, w.kernel.Stats.Calls, calls+2000, "the steps did something")
		require.Zero(t, allocs, poller)
	}
}

// BenchmarkWorlds reports how fast drawn worlds run, all invariants on.
func BenchmarkWorlds(b *testing.B) {
	w := NewWorld()
	seed := uint64(0)
	for b.Loop() {
		w.Hunt(seed)
		seed++
	}
	var t Totals
	w.Flush(&t)
	b.ReportMetric(float64(t.Calls)/b.Elapsed().Seconds(), "calls/s")
	b.ReportMetric(float64(t.Virtual)/float64(b.Elapsed()), "virtual/real")
}
