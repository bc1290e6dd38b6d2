package main

import (
	"io"
	"net"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestASecondSIGTERMEndsAtOnce(t *testing.T) {
	p := launch(t, "-drain-timeout", "0")
	c := p.dial(t)
	echoed(t, c, "before")
	p.signal(t, syscall.SIGTERM)
	p.line(t, "msg=draining")
	time.Sleep(sameOrder + 100*time.Millisecond)
	p.signal(t, syscall.SIGTERM)
	require.Equal(t, exitKilled, p.exit(t))
	_, err := c.Read(make([]byte, 1))
	require.ErrorIs(t, err, syscall.ECONNRESET)
	require.Equal(t, "KD", field(p.line(t, "msg=session"), "end"))
}

// TestTwoSIGTERMsWithinASecondAreOneOrder: a service manager and the shell between
// may both pass on one.
func TestTwoSIGTERMsWithinASecondAreOneOrder(t *testing.T) {
	p := launch(t)
	c := p.dial(t)
	echoed(t, c, "before")
	p.signal(t, syscall.SIGTERM)
	p.line(t, "msg=draining")
	p.signal(t, syscall.SIGINT)
	time.Sleep(100 * time.Millisecond)
	p.signal(t, syscall.SIGTERM)
	time.Sleep(sameOrder)
	echoed(t, c, "after")
	require.NoError(t, c.Close())
	require.Equal(t, exitDrained, p.exit(t))
}

func TestADrainThatDoesNotEndIsEnded(t *testing.T) {
	p := launch(t, "-drain-timeout", "300ms")
	c := p.dial(t)
	echoed(t, c, "before")
	p.signal(t, syscall.SIGTERM)
	begin := time.Now()
	require.Equal(t, exitKilled, p.exit(t))
	require.GreaterOrEqual(t, time.Since(begin), 250*time.Millisecond)
	_, err := c.Read(make([]byte, 1))
	require.ErrorIs(t, err, syscall.ECONNRESET)
	require.Equal(t, "KD", field(p.line(t, "msg=session"), "end"))
	line := p.line(t, "drain-timeout")
	require.Contains(t, line, "level=WARN")
	require.Equal(t, "1", field(line, "sessions"))
}

func TestADrainWithoutSessionsDoesNotWait(t *testing.T) {
	p := launch(t, "-workers", "2")
	begin := time.Now()
	p.signal(t, syscall.SIGTERM)
	require.Equal(t, exitDrained, p.exit(t))
	require.Less(t, time.Since(begin), soon)
}

// TestClientsThatWaitWhenADrainBeginsAreServed: they are connected, as far as they
// know. At the connection limit they wait for room.
func TestClientsThatWaitWhenADrainBeginsAreServed(t *testing.T) {
	for _, poller := range []string{"level", "edge"} {
		for workers, limit := range map[int]int{1: 200, 2: 200, 3: 3} {
			t.Run(poller+" "+strconv.Itoa(workers), func(t *testing.T) {
				p := launch(t, "-poller", poller, "-workers", strconv.Itoa(workers), "-maxconn", strconv.Itoa(limit))
				first := p.dial(t)
				echoed(t, first, "hello")
				p.signal(t, syscall.SIGSTOP)
				var clients []net.Conn
				for range 150 {
					clients = append(clients, p.dial(t))
				}
				p.signal(t, syscall.SIGTERM)
				p.signal(t, syscall.SIGCONT)
				p.line(t, "msg=draining")
				require.NoError(t, first.Close())
				errs := make(chan error, len(clients))
				for _, c := range clients {
					go func() {
						_, err := io.WriteString(c, "x")
						if err == nil {
							_, err = io.ReadFull(c, make([]byte, 1))
						}
						c.Close()
						errs <- err
					}()
				}
				for range clients {
					require.NoError(t, <-errs)
				}
				require.Equal(t, exitDrained, p.exit(t))
			})
		}
	}
}
