package proxyproto

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOneLongHeaderKeepsNoMemory, which stays with a session's for as long as the proxy lives; what
// most headers need is not made anew for each.
func TestOneLongHeaderKeepsNoMemory(t *testing.T) {
	for have, kept := range map[int]int{0: 0, firstLook: firstLook, 4 * firstLook: 0, MaxV2: 0} {
		r := Reader{have: make([]byte, have)}
		r.Reset()
		require.Equal(t, kept, cap(r.have), "%d bytes", have)
	}
}
