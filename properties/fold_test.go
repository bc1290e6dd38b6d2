package properties

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatIsSaidAgainAndAgainIsSaidOnce(t *testing.T) {
	for _, c := range [][2]string{
		{"", ""},
		{"a", "a"},
		{"a a", "a|a"},
		{"a a a", "3 times: a"},
		{"x a a a y", "x|3 times: a|y"},
		{"a b a b a b c", "3 times:|    a|    b|c"},
		{"a b b a b b a b b", "3 times:|    a|    b|    b"},
		{"w w w w e w e w e w", "4 times: w|3 times:|    e|    w"},
	} {
		require.Equal(t, c[1], strings.Join(Fold(strings.Fields(c[0])), "|"), "%q", c[0])
	}
}
