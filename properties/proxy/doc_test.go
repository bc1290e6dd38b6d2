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
	for _, r := range sideRules {
		require.Contains(t, regexp.MustCompile(`//\t`+r.id+` +(\w+) `).FindString(string(doc)), "s", "%s is looked at in every session", r.id)
	}
}
