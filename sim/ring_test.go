package sim

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestARingIsNoLargerThanWhatItHolds: and what it holds is not lost when it grows.
func TestARingIsNoLargerThanWhatItHolds(t *testing.T) {
	var s Stream
	r := NewRand(3)
	require.Zero(t, len(s.ring))
	got := make([]byte, 2000)
	for range 2000 {
		n := r.Intn(300)
		s.put(Payload(1, s.wrote, n))
		s.wrote += int64(n)
		n = min(r.Intn(300), int(s.wrote-s.read))
		s.look(got[:n], s.read)
		require.Equal(t, n, Match(1, s.read, got[:n]))
		s.read += int64(n)
		if s.wrote-s.read > 1500 {
			s.read = s.wrote
		}
	}
	require.LessOrEqual(t, len(s.ring), 2048)
}
