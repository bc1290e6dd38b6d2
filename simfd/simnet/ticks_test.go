package simnet_test

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"millrace/properties"
	"millrace/sim"
	"millrace/simfd/simnet"
)

// TestAServerThatAcceptsWithADeadlineForEverComesToItsEnd: it looks now and then whether it is to end.
func TestAServerThatAcceptsWithADeadlineForEverComesToItsEnd(t *testing.T) {
	serve := func(n *simnet.Net, start func(f func())) {
		l := n.Listener()
		for {
			l.SetDeadline(n.Now().Add(50 * time.Millisecond))
			c, err := l.Accept()
			switch {
			case errors.Is(err, os.ErrDeadlineExceeded):
				continue
			case errors.Is(err, net.ErrClosed):
				return
			case err != nil:
				continue
			}
			start(func() {
				defer c.Close()
				for b := make([]byte, 64); ; {
					if _, err := c.Read(b); err != nil {
						return
					}
				}
			})
		}
	}
	for name, p := range map[string]*properties.Program{
		"coroutines": {Main: simnet.Coroutines(func(n *simnet.Net) { serve(n, n.Go) })},
		"goroutines": {Main: simnet.Goroutines(func(n *simnet.Net) { serve(n, func(f func()) { go f() }) }), Within: simnet.Bubble(t)},
	} {
		t.Run(name, func(t *testing.T) {
			p.Name = "deadline-" + name
			p.Meets = func(op sim.Op) bool { return op != sim.OpAccept && properties.ServerMeets(op) }
			properties.Check(t, p)
		})
	}
}
