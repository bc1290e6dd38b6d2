package real

import (
	"io"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/streamif"
)

// resetNow closes a connection with a RST.
func resetNow(t *testing.T, c *net.TCPConn) {
	require.NoError(t, c.SetLinger(0))
	require.NoError(t, c.Close())
}

func TestAResetIsAResetToTheOtherSide(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		t.Run("in an upload", func(t *testing.T) {
			r, client, server := pair(t, edge)
			send(t, client, "a piece")
			expect(t, server, "a piece")
			resetNow(t, client)
			expectReset(t, server)
			r.ended(t, streamif.ClientError)
		})
		t.Run("in an answer", func(t *testing.T) {
			r, client, server := pair(t, edge)
			send(t, client, "a question")
			expect(t, server, "a question")
			send(t, server, "half an")
			expect(t, client, "half an")
			resetNow(t, server)
			expectReset(t, client)
			r.ended(t, streamif.ServerError)
		})
	})
}

// TestAResetDoesNotOvertakeWhatWasTaken has a reader that is slow, a writer that
// resets behind megabytes, and counts what was taken off it.
func TestAResetDoesNotOvertakeWhatWasTaken(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		r, client, server := pair(t, edge)
		const size = 1 << 20
		_, err := server.Write(make([]byte, size))
		require.NoError(t, err)
		time.Sleep(100 * time.Millisecond)
		resetNow(t, server)
		time.Sleep(100 * time.Millisecond)
		got, err := io.Copy(io.Discard, &slow{r: client})
		require.ErrorIs(t, err, syscall.ECONNRESET)
		r.ended(t, streamif.ServerError)
		require.EqualValues(t, r.socks.sent[0], got)
		require.EqualValues(t, r.socks.received[1], got)
	})
}

// TestWithoutHalfClosesAnAnswerIsWhole: the client has more to say when the session
// ends, and is slow to take the answer.
func TestWithoutHalfClosesAnAnswerIsWhole(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		o := newOrigin(t)
		cfg := config(edge, o.addr)
		cfg.Proxy.NoHalf = true
		r := start(t, cfg)
		client, server := r.dial(t), o.accept(t)
		send(t, client, "a question")
		expect(t, server, "a question")
		const size = 300_000
		_, err := server.Write(make([]byte, size))
		require.NoError(t, err)
		require.NoError(t, server.CloseWrite())
		send(t, client, "and another that nobody will read")
		time.Sleep(100 * time.Millisecond)
		got, err := io.Copy(io.Discard, &slow{r: client})
		require.NoError(t, err)
		require.EqualValues(t, size, got)
		r.ended(t, streamif.Normal)
	})
}

func TestAPeerThatTakesNothingIsNotWaitedForBeyondItsTimeout(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		o := newOrigin(t)
		cfg := config(edge, o.addr)
		cfg.Proxy.ClientTimeout = 200 * core.Millisecond
		r := start(t, cfg)
		client, server := r.dial(t), o.accept(t)
		require.NoError(t, client.SetReadBuffer(4096))
		_, err := server.Write(make([]byte, 200_000))
		require.NoError(t, err)
		time.Sleep(50 * time.Millisecond)
		resetNow(t, server)
		r.eventually(t, "relay_sessions_ended_total", 1)
		require.NoError(t, r.stop(t))
	})
}

// TestWhyAConnectFailedAtOnceIsLogged: end=SC alone does not tell that there is no way to
// a server, nor end=RC of what there is no more.
func TestWhyAConnectFailedAtOnceIsLogged(t *testing.T) {
	var out sink
	log := NewLog(&out, 1)
	cfg := config(true, netip.MustParseAddrPort("255.255.255.255:1")) // no connection leads there
	cfg.Log, cfg.Sessions, cfg.Proxy.Retries = log, true, 0
	r := start(t, cfg)
	expectGone(t, r.dial(t))
	r.eventually(t, "relay_sessions_ended_total", 1)
	require.NoError(t, r.stop(t))
	require.True(t, log.Close(patience))
	require.Contains(t, out.text.String(), " end=SC err=ENETUNREACH\n")
}
