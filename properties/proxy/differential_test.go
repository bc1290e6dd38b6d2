package proxy

import (
	"fmt"
	"millrace/properties"
	"millrace/traces/proxytrace"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/sim"
	"millrace/traces"
	"pgregory.net/rapid"
)

// harmless are the faults that may slow a session of the proxy down and must not change
// what its peers see.
var harmless = func() (list []sim.Op) {
	for op := range sim.NumOps {
		if op.Mild() && op != sim.OpPriority && op != sim.OpDemote || op == sim.OpSetFail || op == sim.OpSplice {
			list = append(list, op)
		}
	}
	return list
}()

// story is what the peers of a run saw.
func story(t *testing.T, w *properties.World, tr *traces.Trace, src sim.Source) string {
	if f := w.Run(tr, src, properties.Options{}); f != nil {
		report(t, recorded(w, tr), f)
	}
	var b strings.Builder
	for i := range w.Outcomes() {
		fmt.Fprintf(&b, "session %d: %s\n", i, w.Story(i))
	}
	return b.String()
}

// TestLevelAndEdgeTellTheSameStory is I55: the same peers see the same streams
// and sessions end for the same reasons, whatever the poller, the sizes of
// buffers and segments, what comes before the data, and the harmless faults.
func TestLevelAndEdgeTellTheSameStory(t *testing.T) {
	w := properties.NewWorld(Program)
	rapid.Check(t, func(rt *rapid.T) {
		base := &traces.Trace{Settings: traces.Default()}
		for range rapid.IntRange(1, 5).Draw(rt, "sessions") {
			base.Sessions = append(base.Sessions, rapid.SampledFrom(calmScripts).Draw(rt, "script"))
		}
		want := story(t, w, base, sim.Benign{})
		for _, poller := range []int64{traces.Level, traces.Edge} {
			c := *base
			s := &c.Settings
			s[traces.Poller] = poller
			s[proxytrace.BufSize] = rapid.SampledFrom([]int64{7, 100, 1000, 16384}).Draw(rt, "bufsize")
			s[traces.SndBuf] = rapid.SampledFrom([]int64{20, 1000, 16384}).Draw(rt, "sndbuf")
			s[traces.RcvBuf] = rapid.SampledFrom([]int64{20, 1000, 16384}).Draw(rt, "rcvbuf")
			s[traces.Segment] = rapid.SampledFrom([]int64{9, 536, 1448}).Draw(rt, "segment")
			s[proxytrace.MaxReads] = rapid.Int64Range(1, 4).Draw(rt, "maxreads")
			s[proxytrace.Buffers] = rapid.SampledFrom([]int64{0, 2, 4}).Draw(rt, "buffers")
			s[proxytrace.Window] = rapid.SampledFrom([]int64{0, 30}).Draw(rt, "window")
			s[proxytrace.SpliceReq] = rapid.Int64Range(0, 2).Draw(rt, "splice-req")
			s[proxytrace.SpliceRep] = rapid.Int64Range(0, 2).Draw(rt, "splice-rep")
			s[proxytrace.MaxPipes] = rapid.SampledFrom([]int64{0, 1, 500}).Draw(rt, "maxpipes")
			s[traces.PipeSlots] = rapid.SampledFrom([]int64{1, 3, 16}).Draw(rt, "pipe-slots")
			s[proxytrace.AcceptProxy] = rapid.Int64Range(0, proxytrace.ProxyV2Checked).Draw(rt, "accept-proxy")
			s[proxytrace.SendProxy] = rapid.Int64Range(0, 2).Draw(rt, "send-proxy")
			s[proxytrace.ClientTLS] = rapid.Int64Range(0, proxytrace.TLSDouble).Draw(rt, "client-tls")
			s[proxytrace.ServerTLS] = rapid.Int64Range(0, proxytrace.TLSDouble).Draw(rt, "server-tls")
			if proxytrace.Handshakes(s) {
				quiet(s)
			}
			src := &sim.Seeded{Seed: rapid.Uint64().Draw(rt, "seed")}
			for _, op := range harmless {
				src.Rates[op] = rapid.SampledFrom([]uint16{0, 0, 600, 6000}).Draw(rt, op.String())
			}
			require.Equal(t, want, story(t, w, &c, src), "settings: %s", c.String())
		}
	})
}
