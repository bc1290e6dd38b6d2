package simnet_test

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/simfd/simnet"
)

// lonely is a host to which one client comes, whose connection hears what vigil is to be kept.
type lonely struct {
	core.FD
	came  bool
	vigil []core.Vigil
}

func (h *lonely) Poller() core.Poller     { return h }
func (h *lonely) Dialer() core.Dialer     { return nil }
func (h *lonely) Listener() core.Listener { return h }
func (h *lonely) Now() core.Time          { return 1 }
func (h *lonely) Edge() bool              { return true }
func (h *lonely) Num() int                { return 5 }
func (h *lonely) Close() core.Errno       { return 0 }

func (h *lonely) Set(core.Key, core.Events, core.Events) core.Errno { return 0 }
func (h *lonely) Wait([]core.Ready, core.Time) (int, core.Time, core.Errno) {
	return 0, 1, core.ECANCELED
}

func (h *lonely) Accept() (core.FD, core.Peer, core.Errno) {
	if h.came {
		return nil, core.Peer{}, core.EAGAIN
	}
	h.came = true
	return watched{h}, core.Peer{}, 0
}

// watched is its connection.
type watched struct{ *lonely }

func (w watched) Close(bool) core.Errno { return 0 }
func (w watched) Watch(v core.Vigil) core.Errno {
	w.vigil = append(w.vigil, v)
	return 0
}

func TestKeepAliveIsWhatWasAskedForLast(t *testing.T) {
	const s = core.Second
	h := new(lonely)
	simnet.Coroutines(func(n *simnet.Net) {
		c, err := n.Listener().AcceptTCP()
		require.NoError(t, err)
		for _, ask := range []func() error{
			func() error { return c.SetKeepAlivePeriod(7 * time.Second) },
			func() error {
				return c.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: -1, Interval: 3 * time.Second})
			},
			func() error { return c.SetKeepAliveConfig(net.KeepAliveConfig{}) },
			func() error { return c.SetKeepAlivePeriod(time.Minute) },
			func() error { return c.SetKeepAlive(true) },
			func() error { return c.SetKeepAlive(false) },
			func() error {
				require.NoError(t, c.Close())
				require.ErrorIs(t, c.SetKeepAlive(true), net.ErrClosed)
				return nil
			},
		} {
			require.NoError(t, ask())
			c.CloseRead() // it has its turn behind what was asked for
		}
	})(h)
	usual := core.Vigil{Idle: 15 * s, Interval: 15 * s, Count: 9}
	require.Equal(t, []core.Vigil{
		usual, {Idle: 7 * s, Interval: 15 * s, Count: 9}, {Idle: 7 * s, Interval: 3 * s, Count: 9}, {}, {}, usual, {},
	}, h.vigil)
}

// TestSeveralThreadsMayKeepAlive at once: under the race detector that is seen.
func TestSeveralThreadsMayKeepAlive(t *testing.T) {
	require.Equal(t, "nothing broke", outcome(t, "keeps-alive", simnet.Goroutines(func(n *simnet.Net) {
		c, err := n.Listener().Accept()
		if err != nil {
			return
		}
		defer c.Close()
		var both sync.WaitGroup
		for i := range 2 {
			both.Go(func() {
				if err := c.(*simnet.Conn).SetKeepAlivePeriod(time.Duration(1+i) * time.Second); err != nil {
					n.Failf("%v", err)
				}
			})
		}
		both.Wait()
		io.Copy(io.Discard, c)
	}), simnet.Bubble(t)))
}
