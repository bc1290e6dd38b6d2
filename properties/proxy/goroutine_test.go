package proxy

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/properties"
	"millrace/sim"
	"millrace/traces"
	"millrace/traces/proxytrace"
)

// TestNoWorldLeavesAGoroutineBehind: a handshake of crypto/tls runs in a coroutine, which
// stays for ever if nobody stops it; be it that a peer falls silent in the middle of one, or
// that the whole world ends there.
func TestNoWorldLeavesAGoroutineBehind(t *testing.T) {
	w := properties.NewWorld(Program)
	run := func(seed uint64) {
		tr, src := Program.Generate(seed)
		tr.Settings[proxytrace.ClientTLS], tr.Settings[proxytrace.ServerTLS] = proxytrace.TLSReal, proxytrace.TLSReal
		if src.Rates[sim.OpShakeMute] = 2000; seed%2 == 0 {
			tr.Settings[traces.Stop] = int64(seed % 50 * uint64(sim.Millisecond))
		}
		if f := w.Run(tr, src, properties.Options{}); f != nil {
			report(t, recorded(w, tr), f)
		}
	}
	run(0) // whatever is made once
	before := runtime.NumGoroutine()
	for seed := range uint64(60) {
		run(seed)
		require.LessOrEqual(t, runtime.NumGoroutine(), before, "seed %d", seed)
	}
}
