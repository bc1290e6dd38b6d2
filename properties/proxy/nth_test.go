package proxy

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/properties"
	"millrace/traces"
)

// TestNoSingleAccidentBreaksAScenario: each that can strike the annotated scenarios, alone.
func TestNoSingleAccidentBreaksAScenario(t *testing.T) {
	w, total := properties.NewWorld(Program), properties.Totals{}
	files, err := filepath.Glob("testdata/scenarios/*.trace")
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		tr, err := traces.Parse(file, text)
		require.NoError(t, err)
		tr.Decisions = nil
		w.Each(tr, false, func(f *traces.Trace) bool {
			t.Errorf("%s, with one accident:\n%s", file, f)
			return false
		})
	}
	w.Flush(&total)
	t.Log(total.Claim.String())
	require.Greater(t, total.Claim.Singles, uint64(10_000))
}
