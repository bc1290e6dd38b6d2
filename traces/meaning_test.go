package traces_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/traces"
)

func TestALegendNamesWhoActs(t *testing.T) {
	tr, err := traces.Parse("x", []byte("millrace 1\nlive\n+0s p0 wait 0s = 1\n+0s l0 accept = f7\n+0s f7 recv 5 = 5\n+0s f7 recv 5 = 0\n+0s b7 socket 0 = OK\n+0s w0 stop\n"))
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(`
p0  the poller
l0  the listener
f7  the socket to the client of session 7
b7  the socket to the server of session 7
w0  the worker`), strings.Join(tr.Legend(tr.Steps), "\n"))
}

// TestTheConnectionsOfAClientAreNoSessions: there may be more of them.
func TestTheConnectionsOfAClientAreNoSessions(t *testing.T) {
	traces.Register(&traces.Program{Name: "client", Client: true})
	tr, err := traces.Parse("x", []byte("millrace 1\nworld program=client\nsession 0 server=close\nsession 1 server=eof\n"))
	require.NoError(t, err)
	steps, err := traces.Parse("x", []byte("millrace 1\nlive\n+0s b0 socket 0 = OK\n+0s b3 socket 0 = OK\n"))
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(`
b0  the socket of the program's connection 0, whose server is that of session 0
b3  the socket of the program's connection 3, whose server is that of session 1`), strings.Join(tr.Legend(steps.Steps), "\n"))
	tr.Sessions = nil
	require.Equal(t, "b0  the socket of the program's connection 0, and nobody is there", tr.Legend(steps.Steps)[0])
}
