package properties_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/properties"
	"millrace/traces"
)

// TestShowHasTheTextsThatWereMoved, as comments: it can still be read, and where nobody talks there
// are none, since what peers send then says nothing.
func TestShowHasTheTextsThatWereMoved(t *testing.T) {
	for text, want := range map[string][]string{
		`client=say:"QUIT\n",expect:"221",eof,close`: {`# "220 lines\n"`, `# "QUIT\n"`, `# "221 bye\n"`},
		"client=send:3,close":                        nil,
	} {
		tr, err := traces.Parse("x", []byte("millrace 1\nworld program=lines\nsession 0 "+text+"\n"))
		require.NoError(t, err)
		for _, turns := range []bool{false, true} {
			var b strings.Builder
			require.Nil(t, properties.Show(&b, tr, false, turns))
			var said []string
			for line := range strings.Lines(b.String()) {
				if strings.HasPrefix(line, `# "`) {
					said = append(said, strings.TrimSpace(line))
				}
			}
			require.Equal(t, want, said, "%s", &b)
			if want != nil {
				require.Contains(t, b.String(), "+0s f0 recv 64 = 5\n# \"QUIT\\n\"\n", "behind its step")
			}
			_, err := traces.Parse("shown", []byte(b.String()))
			require.NoError(t, err)
		}
	}
}
