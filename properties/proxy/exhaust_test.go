package proxy

import (
	"millrace/properties"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/sim"
)

// TestSmallWorldsHoldExhaustively goes through every sequence of a few kinds of
// choices in worlds of a handful of bytes.
func TestSmallWorldsHoldExhaustively(t *testing.T) {
	const body = " segment=2 sndbuf=2 rcvbuf=3 bufsize=2 retries=1\n" +
		"session 0 client=send:3,shutw,eof,close server=recv:1,send:2,shutw,eof,close\n"
	for _, c := range []struct {
		name  string
		ops   []sim.Op
		depth int
	}{
		{"calls", []sim.Op{sim.OpShortRead, sim.OpRecvAgain, sim.OpShortWrite, sim.OpSendAgain}, 12},
		{"network", []sim.Op{sim.OpSegment, sim.OpFinApart, sim.OpRace}, 6},
		{"connect", []sim.Op{sim.OpConnect, sim.OpSocket, sim.OpTaskDelay}, 6},
		{"reports", []sim.Op{sim.OpLate, sim.OpSplit, sim.OpSpurious, sim.OpWaitIntr}, 8},
		{"resets", []sim.Op{sim.OpPeerRst, sim.OpTaskDelay}, 14},
	} {
		for _, poller := range []string{"level", "edge"} {
			t.Run(c.name+"/"+poller, func(t *testing.T) {
				t.Parallel()
				tr := parse(t, "world poller="+poller+body)
				w := properties.NewWorld(Program)
				e := sim.Exhaust{Ops: c.ops, Depth: c.depth}
				runs := 0
				for e.Next() {
					runs++
					if f := w.Run(tr, &e, properties.Options{}); f != nil {
						report(t, recorded(w, tr), f)
					}
				}
				t.Logf("%d runs", runs)
				require.Greater(t, runs, 200)
			})
		}
	}
}
