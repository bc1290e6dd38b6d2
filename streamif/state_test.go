package streamif

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write golden files")

// TestEveryStateTimesEveryEvent prints the whole table: a change of one line is
// seen as what it does to all of it.
func TestEveryStateTimesEveryEvent(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "%-8s", "")
	for s := range numStates {
		fmt.Fprintf(&b, " %s", s)
	}
	for e := range numEvents {
		fmt.Fprintf(&b, "\n%-8s", e)
		for s := range numStates {
			if to, ok := Next(s, e); ok {
				fmt.Fprintf(&b, " %s", to)
			} else {
				b.WriteString("   -")
			}
		}
	}
	b.WriteByte('\n')
	golden(t, "testdata/states.txt", b.String())
}

func TestAnIllegalEventIsABreach(t *testing.T) {
	si := &StreamInterface{state: CLO}
	require.PanicsWithError(t, "I43 si: event up in state CLO", func() { si.on(EvUp) })
}

// TestEveryFlagHasAName: no unnamed bit, no name without a bit.
func TestEveryFlagHasAName(t *testing.T) {
	require.Len(t, chanFlagNames, bits(uint32(PipeFull)))
	require.Len(t, siFlagNames, bits(uint32(SIWrote)))
	for _, names := range [][]string{chanFlagNames, siFlagNames, stateNames[:], eventNames[:]} {
		seen := ""
		for _, n := range names {
			require.NotEmpty(t, n)
			require.NotContains(t, seen, "|"+n+"|")
			seen += "|" + n + "|"
		}
	}
	require.Equal(t, "SHUTR|SHUTW_NOW", (ShutR | ShutWNow).String())
	require.Equal(t, "WAIT_ROOM|NOHALF", (SIWaitRoom | SINoHalf).String())
}

func bits(highest uint32) (n int) {
	for ; highest != 0; highest >>= 1 {
		n++
	}
	return n
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o666))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}
