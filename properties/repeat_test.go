package properties

import (
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/sim"
	"millrace/traces"
)

// TestAWorldWithoutAnEndIsMadeSmall: each try that goes on costs all of its steps, so
// that one in which most did would be given up, as large as it was.
func TestAWorldWithoutAnEndIsMadeSmall(t *testing.T) {
	tr := parse(t, "world applet=chargen bufsize=100 segment=50 gap=1µs\n"+
		"session 0 client=recv:100,shutw,close\n"+
		"session 1 client=wait:1ms,recv:1000000000,eof,close\n"+
		"session 2 client=recv:200,close\n")
	src := &sim.Seeded{Seed: 1}
	src.Rates[sim.OpRank], src.Rates[sim.OpRace] = 6000, 3000
	w := NewWorld()
	f := w.Run(tr, src, Options{})
	require.NotNil(t, f)
	require.Equal(t, noEnd, f.Identity())
	tr = recorded(w, tr)
	tr.Fail = f.String()
	require.Greater(t, lines(tr), 20_000)

	s := &shrinking{w: NewWorld(), want: noEnd}
	s.stop = func() bool { return s.spent > 10*w.sim.Steps() }
	small := traces.Shrink(tr, s.fails, s.tired)
	require.LessOrEqual(t, lines(small), 5, "%s", small)
	f = NewWorld().Replay(small, Options{})
	require.NotNil(t, f)
	require.Equal(t, noEnd, f.Identity())
}
