package simnet_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/properties"
	"millrace/sim"
	"millrace/simfd/simnet"
	"millrace/traces"
)

// fails hunts for a failure of a program that has one, makes it small, and returns what is
// said of it.
func fails(t *testing.T, p *properties.Program) string {
	t.Helper()
	properties.Register(p)
	w, began := properties.NewWorld(p), time.Now()
	for seed := range uint64(3000) {
		if found := w.Hunt(seed + 1); found != nil {
			small := properties.Shrink(found, "x.trace", nil)
			var text strings.Builder
			require.NotNil(t, properties.Explain(&text, small, "x.trace", false))
			t.Logf("seed %d, %s, %d lines\n%s", seed+1, time.Since(began).Round(time.Millisecond), properties.Lines(small), &text)
			require.LessOrEqual(t, properties.Lines(small), 12)
			return text.String()
		}
	}
	t.Fatal("nothing was found")
	return ""
}

// impatient sends back what comes, and takes it that a write which was given up in the middle
// has sent nothing: bytes come twice.
func impatient(n *simnet.Net, c *simnet.Conn) {
	defer c.Close()
	buf := make([]byte, 512)
	for {
		k, err := c.Read(buf)
		for left := buf[:k]; len(left) > 0; {
			c.SetWriteDeadline(n.Now().Add(20 * time.Millisecond))
			if _, err := c.Write(left); err == nil {
				break
			} else if e, ok := err.(net.Error); !ok || !e.Timeout() {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// forgetful is impatient who takes it that such a write has sent all: bytes are lost.
func forgetful(n *simnet.Net, c *simnet.Conn) {
	defer c.Close()
	buf := make([]byte, 512)
	for {
		k, err := c.Read(buf)
		c.SetWriteDeadline(n.Now().Add(20 * time.Millisecond))
		if _, lost := c.Write(buf[:k]); lost != nil && !errors.Is(lost, os.ErrDeadlineExceeded) || err != nil {
			return
		}
	}
}

func TestBytesLostOnAShortWriteAreFound(t *testing.T) {
	for _, way := range ways(t) {
		text := fails(t, &properties.Program{Name: "forgetful-" + way.name, Main: way.main(simnet.Serve(forgetful)), Within: way.within, Gets: properties.Echoed})
		require.Regexp(t, `; conn f\d Write \d+ = \d+, i/o timeout`, text)
	}
}

func TestBytesOfAWriteThatWasGivenUpAreFoundTwice(t *testing.T) {
	for _, way := range ways(t) {
		text := fails(t, &properties.Program{Name: "impatient-" + way.name, Main: way.main(simnet.Serve(impatient)), Within: way.within, Gets: properties.Echoed})
		require.Contains(t, text, "I29 peer")
		require.Contains(t, text, "i/o timeout")
	}
}

// hasty ends the connection when the client has ended its stream, whatever is under way.
func hasty(_ *simnet.Net, c *simnet.Conn) {
	c.SetLinger(0)
	defer c.Close()
	io.Copy(c, c)
}

func TestAResetInPlaceOfAnEndIsFound(t *testing.T) {
	for _, way := range ways(t) {
		text := fails(t, &properties.Program{Name: "hasty-" + way.name, Main: way.main(simnet.Serve(hasty)), Within: way.within, Gets: properties.Echoed})
		require.Contains(t, text, "I73")
	}
}

// way is how a program runs.
type way struct {
	name   string
	main   func(func(n *simnet.Net)) func(h core.Host)
	within func(run func()) error
}

func ways(t *testing.T) []way {
	return []way{{"coroutines", simnet.Coroutines, nil}, {"goroutines", simnet.Goroutines, simnet.Bubble(t)}}
}

// relay passes on what comes from either side, as people write it: two copies, and both ends
// closed when one is over. An end of one direction ends the other.
func closesBoth(n *simnet.Net, c *simnet.Conn) {
	defer c.Close()
	s, err := n.DialFor(c)(context.Background(), "tcp", "server:80")
	if err != nil {
		return
	}
	defer s.Close()
	done := make(chan struct{}, 2)
	for _, pair := range [2][2]net.Conn{{c, s}, {s, c}} {
		go func() {
			io.Copy(pair[0], pair[1])
			done <- struct{}{}
		}()
	}
	<-done
}

// halfCloses is closesBoth with what it lacks.
func halfCloses(n *simnet.Net, c *simnet.Conn) {
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := n.DialFor(c)(ctx, "tcp", "server:80")
	if err != nil {
		c.SetLinger(0)
		return
	}
	s := conn.(*simnet.Conn)
	defer s.Close()
	var both sync.WaitGroup
	for _, pair := range [2][2]*simnet.Conn{{c, s}, {s, c}} {
		both.Go(func() {
			to, from := pair[0], pair[1]
			if _, err := io.Copy(to, from); err != nil {
				to.SetLinger(0)
				to.Close()
				from.Close()
				return
			}
			to.CloseWrite()
		})
	}
	both.Wait()
}

func relay(t *testing.T, name string, handle func(*simnet.Net, *simnet.Conn)) *properties.Program {
	return &properties.Program{
		Name: name, Main: simnet.Goroutines(simnet.Serve(handle)), Within: simnet.Bubble(t), Servers: true, Gets: properties.Relayed,
	}
}

func TestAMissingHalfCloseOfARelayIsFound(t *testing.T) {
	text := fails(t, relay(t, "closes-both", closesBoth))
	require.Contains(t, text, "I73")
}

func TestARelayThatHalfClosesIsRight(t *testing.T) {
	properties.Check(t, relay(t, "half-closes", halfCloses))
}

// cut answers a question with a page, and gives up when that takes longer than a second.
func cut(_ *simnet.Net, c *simnet.Conn) {
	defer c.Close()
	if _, err := c.Read(make([]byte, 100)); err != nil {
		return
	}
	c.SetWriteDeadline(time.Now().Add(time.Second))
	fmt.Fprintf(c, "%s.", strings.Repeat("page ", 1000))
}

func TestAnAnswerThatADeadlineCutsIsFound(t *testing.T) {
	text := fails(t, &properties.Program{
		Name: "cut", Main: simnet.Goroutines(simnet.Serve(cut)), Within: simnet.Bubble(t),
		Draw: func(r *sim.Rand, t *traces.Trace) {
			properties.DrawNetwork(r, &t.Settings)
			t.Sessions = append(t.Sessions, traces.Session{Client: traces.Script{
				properties.Say("?"), properties.Expect("page ."), {Verb: traces.EOF}, properties.Quiet(), {Verb: traces.Close},
			}})
		},
	})
	require.Contains(t, text, `expected "page ."`)
	require.Contains(t, text, "i/o timeout")
}

func TestErrorsAreThoseOfPackageNet(t *testing.T) {
	seen := map[string]bool{}
	for _, way := range ways(t) {
		p := &properties.Program{Name: "errors-" + way.name, Within: way.within, Calm: func(*traces.Trace, int) bool { return false }, Main: way.main(simnet.Serve(func(n *simnet.Net, c *simnet.Conn) {
			defer c.Close()
			c.SetReadDeadline(n.Now().Add(time.Millisecond))
			buf := make([]byte, 10)
			var err error
			for err == nil {
				_, err = c.Read(buf)
			}
			op, is := err.(*net.OpError)
			switch {
			case err == io.EOF:
				seen["EOF"] = true
			case !is || op.Op != "read" || op.Net != "tcp" || op.Addr.String() != c.RemoteAddr().String():
				n.Failf("%#v", err)
			case errors.Is(err, syscall.ECONNRESET):
				seen["ECONNRESET"] = true
			case op.Timeout():
				seen["timeout"] = true
			case errors.Is(err, net.ErrClosed):
				seen["closed"] = true
			}
			c.Close()
			if _, err := c.Write(buf); !errors.Is(err, net.ErrClosed) {
				n.Failf("%v", err)
			}
		}))}
		properties.Check(t, p)
	}
	require.Equal(t, map[string]bool{"EOF": true, "ECONNRESET": true, "timeout": true, "closed": true}, seen)
}
