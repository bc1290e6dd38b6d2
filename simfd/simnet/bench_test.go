package simnet_test

import (
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"

	"millrace/properties"
	"millrace/sim"
	"millrace/simfd/simnet"
	"millrace/traces"
)

// What a world costs beside a bare bubble: in all of these three callers say something to an
// echo, and hear it again.
const (
	callers = 3 // as drawOurs has
	spoken  = 64
)

// exchange is what a caller does.
func exchange(c net.Conn) error {
	defer c.Close()
	if _, err := c.Write(make([]byte, spoken)); err != nil {
		return err
	}
	_, err := io.ReadFull(c, make([]byte, spoken))
	return err
}

// tested is a benchmark of what needs a test.
func tested(b *testing.B, f func(t *testing.T)) {
	all := func(string, string) (bool, error) { return true, nil }
	if !testing.RunTests(all, []testing.InternalTest{{Name: b.Name(), F: f}}) {
		b.Fail()
	}
}

func BenchmarkBareBubble(b *testing.B) {
	tested(b, func(t *testing.T) {
		for range b.N {
			synctest.Test(t, func(t *testing.T) {
				var all sync.WaitGroup
				for range callers {
					here, there := net.Pipe()
					all.Go(func() { io.Copy(there, there) })
					all.Go(func() {
						if err := exchange(here); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
			})
		}
	})
}

// drawCallers draws the worlds of drawOurs, with callers that are scripts.
func drawCallers(r *sim.Rand, t *traces.Trace) {
	drawOurs(r, t)
	for i := range t.Sessions {
		t.Sessions[i].Client = traces.Script{{Verb: traces.Send, N: spoken}, {Verb: traces.Recv, N: spoken}, {Verb: traces.Close}}
	}
}

// met is an echo whose callers are of the program too.
func met(n *simnet.Net) {
	n.Go(func() { simnet.Serve(echo)(n) })
	for range callers {
		n.Go(func() {
			if c, err := n.Dial("tcp", n.Listener().Addr().String()); err == nil {
				exchange(c)
			}
		})
	}
}

func BenchmarkWorld(b *testing.B) {
	for _, kind := range []struct {
		name    string
		program func(t *testing.T) *properties.Program
	}{
		{"coroutines", func(*testing.T) *properties.Program {
			return &properties.Program{Main: simnet.Coroutines(simnet.Serve(echo)), Gets: properties.Echoed, Draw: drawCallers}
		}},
		{"goroutines", func(t *testing.T) *properties.Program {
			return &properties.Program{Main: simnet.Goroutines(simnet.Serve(echo)), Within: simnet.Bubble(t), Gets: properties.Echoed, Draw: drawCallers}
		}},
		{"both-ends", func(t *testing.T) *properties.Program {
			return &properties.Program{Main: simnet.Goroutines(met), Within: simnet.Bubble(t), Dials: true, Draw: drawOurs}
		}},
	} {
		b.Run(kind.name, func(b *testing.B) {
			tested(b, func(t *testing.T) {
				p := kind.program(t)
				p.Name = "bench-" + kind.name
				w := properties.NewWorld(properties.Register(p))
				for seed := range uint64(b.N) {
					if found := w.Hunt(seed); found != nil {
						t.Fatal(found)
					}
				}
			})
		})
	}
}
