package properties

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/core"
	"pgregory.net/rapid"
)

// TestWhatIsOursIsKnownByItsModule: a name without a dot is no proof that something
// belongs to the standard library, whose insides are no state of a program.
func TestWhatIsOursIsKnownByItsModule(t *testing.T) {
	for of, want := range map[reflect.Type]bool{
		reflect.TypeFor[World]():        true,
		reflect.TypeFor[core.Loop]():    true,
		reflect.TypeFor[rapid.T]():      true,
		reflect.TypeFor[int]():          true,
		reflect.TypeFor[bytes.Buffer](): false,
	} {
		require.Equal(t, want, Ours(of), "%s", of)
	}
}
