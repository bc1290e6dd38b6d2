package simnet_test

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/properties"
	"millrace/sim"
	"millrace/simfd/simnet"
	"millrace/traces"
)

// outcome runs one client that sends ten bytes in a healthy world, and returns what broke.
func outcome(t *testing.T, name string, main func(h core.Host), within func(func()) error) string {
	t.Helper()
	p := properties.Register(&properties.Program{Name: name, Main: main, Within: within})
	tr := p.Scenario()
	tr.Sessions = []traces.Session{{Client: traces.Script{{Verb: traces.Send, N: 10}, {Verb: traces.ShutW}, {Verb: traces.EOF}, {Verb: traces.Close}}}}
	if f := properties.NewWorld(p).Run(tr, sim.Benign{}, properties.Options{}); f != nil {
		return f.Line()
	}
	return "nothing broke"
}

func TestWhatIsLeftBehindIsToldOf(t *testing.T) {
	for _, way := range ways(t) {
		require.Contains(t, outcome(t, "keeps-"+way.name, way.main(simnet.Serve(func(_ *simnet.Net, c *simnet.Conn) {
			io.Copy(io.Discard, c)
		})), way.within), "I44 end: the program has ended, and has not closed f0")
		require.Contains(t, outcome(t, "panics-"+way.name, way.main(simnet.Serve(func(_ *simnet.Net, c *simnet.Conn) {
			defer c.Close()
			c.Read(nil)
			panic("mine")
		})), way.within), "panic mine in simnet_test.TestWhatIsLeftBehindIsToldOf")
		require.Contains(t, outcome(t, "insists-"+way.name, way.main(func(n *simnet.Net) {
			for {
				n.Listener().Accept()
			}
		}), way.within), "I40 program")
	}
	require.Contains(t, outcome(t, "waits", simnet.Goroutines(func(n *simnet.Net) {
		if c, err := n.Listener().Accept(); err == nil {
			io.Copy(io.Discard, c)
			c.Close()
		}
		<-make(chan bool)
	}), simnet.Bubble(t)), "goroutines of the program are left: chan receive at left_test.go:")
}

// TestWhatWaitsForEverSaysWhereItDoes, and where it was started, and not what an earlier world left.
func TestWhatWaitsForEverSaysWhereItDoes(t *testing.T) {
	for _, way := range []struct {
		n    int
		want string
	}{
		{5, `left: (chan receive at left_test.go:\d+, started at left_test.go:\d+; ){3}and 2 more \(`},
		{1, `left: chan receive at left_test.go:\d+, started at left_test.go:\d+ \(`},
	} {
		require.Regexp(t, way.want, outcome(t, "leaves", simnet.Goroutines(func(n *simnet.Net) {
			never := make(chan bool)
			for range way.n {
				go func() { <-never }()
			}
			for !n.Ended() {
				if c, err := n.Listener().Accept(); err == nil {
					io.Copy(io.Discard, c)
					c.Close()
				}
			}
		}), simnet.Bubble(t)))
	}
}

func TestADeadlineOfTheMachinesClockIsRefusedOutsideABubble(t *testing.T) {
	require.Contains(t, outcome(t, "by-the-clock", simnet.Coroutines(simnet.Serve(func(_ *simnet.Net, c *simnet.Conn) {
		defer c.Close()
		c.SetReadDeadline(time.Now().Add(time.Second))
	})), nil), "simnet: a deadline by the clock of the machine")
}

func TestTryIsHeldToItsEndWhereNothingHappens(t *testing.T) {
	for _, way := range ways(t) {
		require.Contains(t, outcome(t, "stuck-"+way.name, way.main(func(n *simnet.Net) {
			n.Try("it", func() error { _, err := n.Listener().AcceptTCP(); n.Listener().AcceptTCP(); return err })
		}), way.within), "I44")
		require.Contains(t, outcome(t, "ends-"+way.name, way.main(func(n *simnet.Net) {
			n.Try("it", func() error {
				c, err := n.Listener().AcceptTCP()
				if err == nil {
					io.Copy(io.Discard, c)
					c.Close()
					err = io.ErrUnexpectedEOF
				}
				return err
			})
		}), way.within), "I73 program: it: unexpected EOF, and nothing happened that explains that")
	}
}
