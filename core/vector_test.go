package core_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
)

func TestWhatIsScatteredIsGatheredAgain(t *testing.T) {
	pieces := [][]byte{make([]byte, 2), nil, make([]byte, 3), make([]byte, 1)}
	require.Equal(t, 6, core.Size(pieces))
	core.Scatter(pieces, []byte("abcd"))
	require.Equal(t, "ab||cd\x00|\x00", string(pieces[0])+"|"+string(pieces[1])+"|"+string(pieces[2])+"|"+string(pieces[3]))
	for n, want := range []string{"", "a", "ab", "abc", "abcd"} {
		require.Equal(t, "-"+want, string(core.Gather([]byte("-"), pieces, n)))
	}
}
