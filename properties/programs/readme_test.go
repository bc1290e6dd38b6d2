package programs_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestREADMEShowsTheServerThatIsTested: and not what it once was.
func TestREADMEShowsTheServerThatIsTested(t *testing.T) {
	code, err := os.ReadFile("stranger_test.go")
	require.NoError(t, err)
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	require.Contains(t, string(readme), strings.Replace(string(code), "package programs_test", "package server", 1))
}
