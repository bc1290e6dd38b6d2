package properties_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/properties"
	"millrace/properties/programs"
	"millrace/sim"
	"millrace/traces"
)

// hasty is a socket with a mistake in its send: of a large block of which half went, the last
// byte is taken for sent when all but that one went then.
type hasty struct {
	core.FD
	half bool // of a large block is left
}

func (s *hasty) Send(p []byte, more bool) (int, core.Errno) {
	n, e := s.FD.Send(p, more)
	if s.half && n == len(p)-1 {
		n++
	}
	s.half = len(p) > 1000 && n == len(p)/2
	return n, e
}

// hastyHost gives such sockets.
type hastyHost struct{ core.Host }

type hastyListener struct{ core.Listener }

func (h hastyHost) Listener() core.Listener { return hastyListener{h.Host.Listener()} }

func (l hastyListener) Accept() (core.FD, core.Peer, core.Errno) {
	fd, a, e := l.Listener.Accept()
	if e == 0 {
		fd = &hasty{FD: fd}
	}
	return fd, a, e
}

// TestAFaultAtTwoPlacesIsFoundByPairsAndNotBySeeds in many times as many calls: that one send
// takes half and the next all but one comes up by chance in one world of some ten thousand.
func TestAFaultAtTwoPlacesIsFoundByPairsAndNotBySeeds(t *testing.T) {
	p := *programs.Echo
	p.Name, p.Traces, p.Workers, p.Main = "hasty", nil, 0, func(h core.Host) { programs.Echo.Main(hastyHost{h}) }
	p.Draw = func(r *sim.Rand, t *traces.Trace) {
		t.Sessions = []traces.Session{{Client: traces.Script{{Verb: traces.Send, N: 500 + int64(r.Intn(3000))},
			{Verb: traces.ShutW}, {Verb: traces.EOF}, {Verb: traces.Close}}}}
	}
	hunt := func(how properties.Strategy, enough uint64) (found *traces.Trace, calls uint64) {
		w := properties.NewWorld(properties.Register(&p))
		var total properties.Totals
		for seed := uint64(1); found == nil && total.Calls < enough; seed++ {
			w.Try(how, seed, func(f *traces.Trace) bool {
				found = f.Clone()
				return false
			})
			w.Flush(&total)
		}
		return found, total.Calls
	}
	found, calls := hunt(properties.Pairs, 1<<30)
	require.NotNil(t, found)
	t.Logf("pairs: after %d calls\n%s", calls, found)
	require.Len(t, found.Decisions, 2)
	found, more := hunt(properties.Draws, 10*calls)
	require.Nil(t, found)
	t.Logf("seeds: nothing after %d calls", more)
}
