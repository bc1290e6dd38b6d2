package properties_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/properties"
)

// TestAnExplanationSaysWhatItsDecisionsDo, each kind once: their names are of this house.
func TestAnExplanationSaysWhatItsDecisionsDo(t *testing.T) {
	p := &properties.Program{Name: "chat", Level: true, Main: chat(false)}
	tr := chatting(t, p, talk+"choose f0 recv-again 0 = 1\nchoose c0 peer-reset 1 = 1\nchoose f1 recv-again 0 = 1\n")
	var out strings.Builder
	require.NotNil(t, properties.Explain(&out, tr, "chat.trace", false))
	require.Contains(t, out.String(), `
what happens to it
  recv-again     recv() says EAGAIN, and what is there is reported soon
  peer-reset     the peer resets the connection at this point of its script

who is who
`)
}
