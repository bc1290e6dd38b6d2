package proxy

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRulesOfSidesSayThatTheyLookAtSessions: the table of invariants says where each is
// looked at.
func TestRulesOfSidesSayThatTheyLookAtSessions(t *testing.T) {
	doc, err := os.ReadFile("../doc.go")
	require.NoError(t, err)
	rules, err := os.ReadFile("invariants.go")
	require.NoError(t, err)
	ids := regexp.MustCompile(`breaks\("(I\d+)"`).FindAllStringSubmatch(string(rules), -1)
	require.Greater(t, len(ids), 25)
	for _, id := range ids {
		require.Contains(t, regexp.MustCompile(`//\t`+id[1]+` +(\w+)[*+]? `).FindString(string(doc)), "s", "%s is looked at in every session", id[1])
	}
}
