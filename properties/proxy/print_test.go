package proxy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/properties"
)

// TestTheStateOfSessionsFitsATerminal, in the middle of drawn worlds.
func TestTheStateOfSessionsFitsATerminal(t *testing.T) {
	printed, most := 0, 0
	for seed := range uint64(200) {
		tr, src := Program.Generate(seed)
		w, left := properties.NewWorld(Program), 300
		require.Nil(t, w.Run(tr, src, properties.Options{After: func() bool { left--; return left > 0 }}))
		var b strings.Builder
		w.Program().(properties.Printer).Print(&b)
		for line := range strings.Lines(b.String()) {
			require.LessOrEqual(t, len(line), 101, line)
			printed++
		}
		most = max(most, strings.Count(b.String(), "# session"))
	}
	require.Greater(t, printed, 500)
	require.Equal(t, maxShown, most)
}
