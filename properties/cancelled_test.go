package properties_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/properties"
	"millrace/traces"
)

// TestTheWaitInWhichAProgramIsToldToEndIsAmongItsSteps: until when it was to sleep is all
// that there is to see of a timer that was forgotten.
func TestTheWaitInWhichAProgramIsToldToEndIsAmongItsSteps(t *testing.T) {
	p := properties.Register(&properties.Program{Name: "sleeper", Level: true, Leaves: true, Main: func(h core.Host) {
		poll, door := h.Poller(), h.Listener()
		for _, until := range []core.Time{h.Now() + core.Second, 0} {
			poll.Wait(make([]core.Ready, 1), until)
		}
		door.Close()
	}})
	var b strings.Builder
	require.Nil(t, properties.Show(&b, p.Scenario(), false, false))
	require.Equal(t, "millrace 1\nworld program=sleeper\n"+
		"+1s p0 wait 1s = 0\n+0s w0 stop\n+0s p0 wait never = ECANCELED\n+0s l0 close = OK\n\n", b.String())
	_, err := traces.Parse("shown", []byte(b.String()))
	require.NoError(t, err)
}
