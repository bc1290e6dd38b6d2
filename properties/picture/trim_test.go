package picture

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOfALongRunTheEndIsKeptWithItsStates(t *testing.T) {
	var g gather
	const all = 2*maxEvents + 5000
	for i := range all {
		g.add(Event{Label: i, State: g.state([]string{"always: there", fmt.Sprint("number: ", i)})})
	}
	g.trim()
	require.Len(t, g.Events, maxEvents)
	require.Equal(t, all-maxEvents, g.Cut)
	require.Len(t, g.States, maxEvents)
	for i, e := range g.Events {
		if want := []string{"always: there", fmt.Sprint("number: ", g.Cut+i)}; want[1] != g.State(e)[1] {
			require.Equal(t, want, g.State(e))
		}
	}
	require.Equal(t, g.Cut, g.Events[0].Label)
}
