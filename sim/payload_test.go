package sim

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestPayloadIsTheSameForEver(t *testing.T) {
	require.Equal(t, "ee12ba0c9c4e7f90a983c101f46cdfaa", hex.EncodeToString(Payload(0, 0, 16)))
	require.Equal(t, "675c1f8b65fe37f3ecef24ad320476fc", hex.EncodeToString(Payload(5, 1e12, 16)))
}

func TestPayloadIsAFunctionOfStreamAndOffset(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stream := rapid.Uint32().Draw(t, "stream")
		offset := rapid.Int64Range(0, 1<<50).Draw(t, "offset")
		n := rapid.IntRange(1, 1000).Draw(t, "n")
		cut := rapid.IntRange(0, n).Draw(t, "cut")
		whole := string(Payload(stream, offset, n))
		pieces := string(Payload(stream, offset, cut)) + string(Payload(stream, offset+int64(cut), n-cut))
		require.Equal(t, whole, pieces)
	})
}

func TestPayloadHasNoSeam(t *testing.T) {
	const before = 50
	whole := Payload(0, patternLen-before, 2*before)
	for i, b := range whole {
		require.Equal(t, Payload(0, int64(patternLen-before+i), 1)[0], b, "byte %d", i)
	}
	require.Equal(t, Payload(0, 0, before), whole[before:])
}

// TestTheLongestPayloadHasNoSeamEither: its last bytes come from what is repeated, and were zeros.
// The replay of a recording that sent half a MiB at a time was told of wrong bytes.
func TestTheLongestPayloadHasNoSeamEither(t *testing.T) {
	const last = 100
	for _, offset := range []int64{patternLen - 1, patternLen - 15, 0} {
		whole := Payload(0, offset, patternMax)
		for i := len(whole) - last; i < len(whole); i++ {
			require.Equal(t, Payload(0, offset+int64(i), 1)[0], whole[i], "byte %d from %d", i, offset)
		}
	}
}

func TestPayloadGivesNoMoreThanItHasInOnePiece(t *testing.T) {
	for offset := int64(0); offset < 3*patternLen; offset += 997 {
		require.Len(t, Payload(3, offset, patternMax), patternMax)
		require.Len(t, Payload(3, offset, patternMax+1), patternMax)
	}
	require.Empty(t, Payload(3, 0, 0))
}

func TestMatchFindsTheFirstWrongByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stream := rapid.Uint32Range(0, 9).Draw(t, "stream")
		offset := rapid.Int64Range(0, 1<<20).Draw(t, "offset")
		n := rapid.SampledFrom([]int{1, 2, 100, patternMax, patternMax + 1, 3 * patternMax}).Draw(t, "n")
		var p []byte
		for len(p) < n {
			p = append(p, Payload(stream, offset+int64(len(p)), n-len(p))...)
		}
		require.Equal(t, n, Match(stream, offset, p))
		first := rapid.IntRange(0, n-1).Draw(t, "first wrong")
		p[first]++
		p[rapid.IntRange(first, n-1).Draw(t, "another")] ^= 0x80
		require.Equal(t, first, Match(stream, offset, p))
	})
}

func TestALostOrDoubledByteDoesNotMatch(t *testing.T) {
	const n = 64
	for shift := int64(1); shift < 2000; shift++ {
		require.Less(t, Match(2, 500, Payload(2, 500+shift, n)), n, "shifted by %d", shift)
	}
	require.Less(t, Match(Upstream(1), 0, Payload(Downstream(1), 0, n)), n)
	require.Less(t, Match(Upstream(1), 0, Payload(Upstream(2), 0, n)), n)
}

func TestNoTwoSessionsShareAStream(t *testing.T) {
	seen := map[uint32]bool{}
	for label := range uint32(100) {
		seen[Upstream(label)] = true
		seen[Downstream(label)] = true
	}
	require.Len(t, seen, 200)
	require.EqualValues(t, 6, Upstream(3))
	require.EqualValues(t, 7, Downstream(3))
}
