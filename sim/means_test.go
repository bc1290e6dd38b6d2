package sim

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryDecisionIsSaidInWords: whoever reads its name for the first time has them.
func TestEveryDecisionIsSaidInWords(t *testing.T) {
	for op := range NumOps {
		require.NotEmpty(t, Decision{Op: op, Val: 1}.Means(), "%s", op)
	}
	said := map[string]bool{}
	for v := 1; v < NumConnect; v++ {
		words := Decision{Op: OpConnect, Val: v}.Means()
		require.NotEmpty(t, words)
		require.False(t, said[words], "%s", words)
		said[words] = true
	}
	require.Equal(t, "the attempt fails at once, with EADDRINUSE", Decision{Op: OpConnect, Val: ConnectInUse}.Means())
}
