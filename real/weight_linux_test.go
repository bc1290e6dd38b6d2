package real

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// TestASocketIsSmall holds what a session takes twice. streamif has such a test of the rest,
// and the relay's weighs all of it.
func TestASocketIsSmall(t *testing.T) {
	require.LessOrEqual(t, unsafe.Sizeof(socket{}), unsafe.Sizeof(uintptr(0))+8)
}
