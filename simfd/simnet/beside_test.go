package simnet_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"millrace/properties"
	"millrace/sim"
	"millrace/simfd/simnet"
	"millrace/traces"
)

// anHour says that a read which waits for an hour by the bubble's clock ends after just that.
func anHour(c net.Conn) bool {
	from := time.Now()
	c.SetReadDeadline(from.Add(time.Hour))
	_, err := c.Read(make([]byte, 1))
	return errors.Is(err, os.ErrDeadlineExceeded) && time.Since(from) == time.Hour
}

// hours tries it on each network, in a bubble.
func hours(t *testing.T) (piped, linux, world bool) {
	synctest.Test(t, func(*testing.T) {
		a, b := net.Pipe()
		defer b.Close()
		piped = anHour(a)
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	made := make(chan net.Conn, 1)
	go func() {
		c := <-made
		time.Sleep(50 * time.Millisecond)
		c.Close() // the hour would be one
	}()
	synctest.Test(t, func(t *testing.T) {
		c, err := net.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		made <- c
		linux = anHour(c)
	})
	p := properties.Register(&properties.Program{Name: "hours", Within: simnet.Bubble(t), Dials: true, Main: simnet.Goroutines(func(n *simnet.Net) {
		c, err := n.Dial("tcp", n.Listener().Addr().String())
		other, failed := n.Listener().Accept()
		if err := errors.Join(err, failed); err != nil {
			n.Failf("%v", err)
			return
		}
		defer c.Close()
		defer other.Close()
		world = anHour(c)
	})})
	tr := p.Scenario()
	tr.Sessions = make([]traces.Session, 1)
	require.Nil(t, properties.NewWorld(p).Run(tr, sim.Benign{}, properties.Options{}))
	return piped, linux, world
}

// ordered says that who of several is read from first is a seed's: the same each time, and
// not the same with each.
func ordered(t *testing.T) bool {
	var order strings.Builder
	p := properties.Register(&properties.Program{
		Name: "order",
		Main: simnet.Coroutines(simnet.Serve(func(_ *simnet.Net, c *simnet.Conn) {
			defer c.Close()
			if _, err := c.Read(make([]byte, 1)); err == nil {
				fmt.Fprintln(&order, c.RemoteAddr())
			}
		})),
		Draw: func(_ *sim.Rand, t *traces.Trace) {
			for range 4 {
				t.Sessions = append(t.Sessions, traces.Session{Client: traces.Script{properties.Say("x"), {Verb: traces.EOF}, {Verb: traces.Close}}})
			}
		},
	})
	w, orders := properties.NewWorld(p), map[string]bool{}
	run := func(seed uint64) string {
		order.Reset()
		require.Nil(t, w.Hunt(seed))
		return order.String()
	}
	for seed := range uint64(30) {
		first := run(seed)
		if run(seed) != first {
			return false
		}
		orders[first] = true
	}
	return len(orders) > 1
}

// TestThePackageCommentSaysWhoHasTimeAndSeeds: what has no seed has none to try, and nothing
// that could be made small; that simnet's failures are is tried with each planted fault.
func TestThePackageCommentSaysWhoHasTimeAndSeeds(t *testing.T) {
	piped, linux, world := hours(t)
	var table strings.Builder
	for _, r := range []struct {
		name                 string
		piped, linux, simnet bool
	}{
		{"an hour passes at once in a bubble", piped, linux, world},
		{"who is first is a seed's to say", false, false, ordered(t)},
	} {
		table.WriteString(row(r.name, r.piped, r.linux, r.simnet))
	}
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	require.Contains(t, string(doc), table.String())
}
