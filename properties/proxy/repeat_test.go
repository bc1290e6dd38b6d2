package proxy

import (
	"millrace/properties"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/sim"
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
	w := properties.NewWorld(Program)
	f := w.Run(tr, src, properties.Options{})
	require.NotNil(t, f)
	require.Equal(t, "I09 world", f.Identity())
	tr = recorded(w, tr)
	tr.Fail = f.String()
	require.Greater(t, strings.Count(tr.String(), "\n"), 20_000)
	small := properties.Shrink(tr, "x", nil)
	require.LessOrEqual(t, strings.Count(small.String(), "\n")-len(small.Comments), 5, "%s", small)
	f = properties.NewWorld(Program).Replay(small, properties.Options{})
	require.NotNil(t, f)
	require.Equal(t, "I09 world", f.Identity())
}
