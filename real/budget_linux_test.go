package real

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"millrace/streamif"
)

// crowded is a worker with descriptors for eight sessions and nothing else.
func crowded(t *testing.T, edge bool) (*relay, *origin) {
	o := newOrigin(t)
	cfg := config(edge, o.addr)
	cfg.Descriptors, cfg.Proxy.MaxConn, cfg.Proxy.MaxPipes = 16, 8, 4
	cfg.Proxy.SpliceReq, cfg.Proxy.SpliceRep = streamif.SpliceOn, streamif.SpliceOn
	return start(t, cfg), o
}

// pass sends bytes through a session, once its server is there: through a pipe.
func pass(t *testing.T, from, to net.Conn) {
	send(t, from, "first")
	expect(t, to, "first")
	send(t, from, "through a pipe")
	expect(t, to, "through a pipe")
}

func TestPipesAreGivenBackToSessions(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		r, o := crowded(t, edge)
		client := r.dial(t)
		server := o.accept(t)
		pass(t, client, server)
		r.eventually(t, "relay_pipes", 1)
		for range 7 {
			c := r.dial(t)
			s := o.accept(t)
			pass(t, s, c)
		}
		r.eventually(t, "relay_sessions", 8)
		r.eventually(t, "relay_pipes", 0)
		pass(t, client, server) // by copying
		require.NoError(t, r.stop(t))
		require.Zero(t, r.socks.pipes)
		require.NotZero(t, r.proxy.Pipes().Stats.Missed)
		require.Zero(t, r.obs.why, "only the connection limit stopped it")
	})
}

// TestAPipeWithBytesIsGivenBackWhenTheyAreGone: until then the last client waits.
func TestAPipeWithBytesIsGivenBackWhenTheyAreGone(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		r, o := crowded(t, edge)
		client := r.dial(t)
		server := o.accept(t)
		pass(t, client, server)
		total := make(chan int, 1)
		go func() {
			n, chunk := 0, []byte(strings.Repeat("x", 64<<10))
			for {
				// Until nobody takes any more, for a while.
				_ = client.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
				m, err := client.Write(chunk)
				if n += m; err != nil {
					total <- n
					return
				}
			}
		}()
		sent := <-total
		for range 6 {
			r.dial(t)
			o.accept(t)
		}
		time.Sleep(250 * time.Millisecond)
		require.EqualValues(t, 1, r.Metric("relay_accepting"), "nobody waits")
		last := r.dial(t)
		r.eventually(t, "relay_accepting", 0)
		r.eventually(t, "relay_sessions", 7)
		require.NoError(t, client.CloseWrite())
		got, err := drink(server)
		require.NoError(t, err)
		require.EqualValues(t, sent, got.n)
		pass(t, last, o.accept(t))
		r.eventually(t, "relay_sessions", 8)
		r.eventually(t, "relay_pipes", 0)
	})
}
