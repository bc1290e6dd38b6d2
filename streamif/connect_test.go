package streamif

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/core"
)

// lateDialer knows servers that never answer in time.
type lateDialer struct{ asked string }

func (d *lateDialer) Socket(to int, label uint32) (core.FD, core.Errno) {
	d.asked += fmt.Sprintf(" %d:%d", label, to)
	return nil, core.ETIMEDOUT
}

// TestARedispatchTakesNobodysTurn: with a server that is down, a session's last
// attempt goes to the server behind its own, and the next session begins where
// it would have begun anyway. If it did not, all would begin with the one that is
// down.
func TestARedispatchTakesNobodysTurn(t *testing.T) {
	cfg := Defaults()
	cfg.Servers, cfg.Retries, cfg.Redispatch = 3, 1, true
	d := &lateDialer{}
	loop := core.NewLoop(deafPoller{}, 1, 1)
	p := New(cfg, loop, d, nil)
	for i := range 4 {
		s := new(Session)
		s.begin(p, core.Peer{Label: uint32(i)})
		s.back.on(EvWant)
		s.retries = 1
		s.connect()
		require.Equal(t, CLO, s.back.state)
		require.Equal(t, ConnectLate, s.reason)
	}
	require.Equal(t, " 0:0 0:1 1:1 1:2 2:2 2:0 3:0 3:1", d.asked)
}
