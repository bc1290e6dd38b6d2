package programs_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/traces"
)

// TestREADMEShowsTheServerThatIsTested: and not what it once was.
func TestREADMEShowsTheServerThatIsTested(t *testing.T) {
	code, err := os.ReadFile("stranger_test.go")
	require.NoError(t, err)
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	require.Contains(t, string(readme), strings.Replace(string(code), "package programs_test", "package server", 1))
}

// TestREADMEDrawsPeersThatThereAre: each script of the table is one.
func TestREADMEDrawsPeersThatThereAre(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, table, ok := strings.Cut(string(readme), "\n| a peer who | is drawn as | shows |\n|---|---|---|\n")
	require.True(t, ok)
	table, _, _ = strings.Cut(table, "\n\n")
	rows := strings.Split(table, "\n")
	require.Greater(t, len(rows), 5)
	for _, row := range rows {
		script := strings.Split(row, "`")[1]
		session := "client=" + script
		if strings.Contains(script, "=") {
			session = script + " client=-"
		}
		_, err := traces.Parse(row, []byte(traces.Magic+"\nworld program=lines\nsession 0 "+session+"\n"))
		require.NoError(t, err)
	}
}
