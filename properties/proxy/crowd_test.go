package proxy

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/properties"
	"millrace/sim"
	"millrace/streamif"
)

var crowded = flag.Int("crowd", 2000, "how many sessions there are in TestACrowdRunsToItsEnd; 100000 take a minute")

// TestACrowdRunsToItsEnd has very many sessions in one world, all of them there at the same
// time, with every rule on: each gets through whole.
func TestACrowdRunsToItsEnd(t *testing.T) {
	n := *crowded
	tr := parse(t, "world files=1000000 maxconn=1000000 queue=65536 steps=10000000 events=1000\n"+
		"session 0 client=send:100,recv:100,wait:10s,send:100,recv:200,shutw,eof,close\n")
	one := tr.Sessions[0]
	tr.Sessions = tr.Sessions[:0]
	for i := range n {
		one.At = int64(i) * int64(5*sim.Second) / int64(n)
		tr.Sessions = append(tr.Sessions, one)
	}
	src := &sim.Seeded{Seed: 1}
	for _, op := range harmless {
		src.Rates[op] = 100
	}
	w := properties.NewWorld(Program)
	if f := w.Run(tr, src, properties.Options{}); f != nil {
		t.Fatal(f)
	}
	require.Greater(t, w.Kernel().Stats.MaxOpen, 2*n, "they were not all there at once")
	for label, o := range w.Outcomes() {
		reason, _, _ := Reason(w, label)
		require.Equal(t, streamif.Normal, reason)
		require.Equal(t, int64(200), o.DownGot)
	}
	t.Logf("%d steps, %d calls", w.Sim().Steps(), w.Kernel().Stats.Calls)
}
