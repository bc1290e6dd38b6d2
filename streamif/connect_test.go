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

// TestARedispatchTakesNobodysTurn: a session whose server is late goes to the one
// behind it, and the next session begins where it would have begun anyway. If it did
// not, all would begin with the one that is down. Once all are, so does everybody.
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
		s.setAside().retries = 1
		s.connect()
		require.Equal(t, CLO, s.back.state)
		require.Equal(t, ConnectLate, s.reason)
		require.Equal(t, core.ETIMEDOUT, s.Refusal(), "there is no connection to ask")
	}
	require.Equal(t, " 0:0 0:1 1:2 1:0 2:0 2:1 3:1 3:2", d.asked)
}

// TestAnAttemptThatSucceedsHasNoRefusal, also where its client lingers, and so keeps what it
// took to connect.
func TestAnAttemptThatSucceedsHasNoRefusal(t *testing.T) {
	_, list := bench(2, 4)
	s := list[0]
	s.front.half().pause = lookSoon
	s.back.on(EvWant)
	s.setAside().why = core.ENETUNREACH
	require.Equal(t, core.ENETUNREACH, s.Refusal())
	s.choose(0)
	s.back.on(EvPick)
	s.trying()
	s.back.on(EvDial)
	s.established(&s.back)
	require.NotNil(t, s.aside)
	require.Zero(t, s.Refusal())
}

// TestServersChangeForSessionsToCome: a session whose server is gone tries it to
// the end, and then one of the new ones. Two of these are down when the third
// session begins, and all when the next one does.
func TestServersChangeForSessionsToCome(t *testing.T) {
	cfg := Defaults()
	cfg.Servers, cfg.Retries, cfg.Redispatch = 1, 1, true
	d := &lateDialer{}
	p := New(cfg, core.NewLoop(deafPoller{}, 1, 1), d, nil)
	require.False(t, p.Config().Redispatch, "there is nowhere else to go")
	begin := func(label uint32, server int32) {
		s := new(Session)
		s.begin(p, core.Peer{Label: label})
		s.back.on(EvWant)
		s.setAside().retries, s.server = 1, server
		if server >= 0 {
			s.back.on(EvPick)
		}
		s.connect()
	}
	begin(0, -1)
	p.SetServers([]int32{3, 1, 4})
	require.Equal(t, 3, p.Config().Servers)
	for label := range uint32(4) {
		begin(label+1, -1)
	}
	begin(5, 0)
	require.Equal(t, " 0:0 0:0 1:1 1:4 2:3 2:1 3:1 3:4 4:4 4:3 5:0 5:3", d.asked)
}
