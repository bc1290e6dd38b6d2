package real

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestADozeIsLongOnlyWhereSomebodyElseCanRun: the workers keep what goroutines run on.
func TestADozeIsLongOnlyWhereSomebodyElseCanRun(t *testing.T) {
	if !signalled {
		t.Skip("nobody can end a doze here")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	first, _, _ := pair(t, true)
	require.EqualValues(t, long, nap())
	second, _, _ := pair(t, true)
	require.EqualValues(t, brief, nap())
	require.NoError(t, second.stop(t))
	require.EqualValues(t, long, nap())
	require.NoError(t, first.stop(t))
}
