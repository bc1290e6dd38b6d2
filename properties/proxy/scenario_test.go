package proxy

import (
	"millrace/properties"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/traces"
)

// TestScenariosRunAsWritten runs each scenario and compares all of it: every
// call of the proxy with its answer, and how each session ended. The golden
// files are the place to see what the proxy does.
func TestScenariosRunAsWritten(t *testing.T) {
	files, err := filepath.Glob("testdata/scenarios/*.trace")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".trace")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			tr, err := traces.Parse(path, text)
			require.NoError(t, err)
			require.Empty(t, tr.Steps)
			var b strings.Builder
			require.Nil(t, properties.Show(&b, tr, false, false))
			golden(t, strings.TrimSuffix(path, ".trace")+".golden", b.String())
		})
	}
}
