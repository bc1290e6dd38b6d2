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

// hasty is a socket with a mistake in its send: of a large block that went but for one byte,
// that byte is taken for sent when the next send is interrupted.
type hasty struct {
	core.FD
	rest bool // one byte of a large block
}

func (s *hasty) Send(p []byte, more bool) (int, core.Errno) {
	n, e := s.FD.Send(p, more)
	if e == core.EINTR && s.rest {
		return 1, 0
	}
	s.rest = len(p) > 1000 && n == len(p)-1
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

// TestAFaultAtTwoPlacesIsFoundByPairsAndNotBySeeds in as many calls: a seed draws how many bytes
// of a thousand a send takes, and that it is all but one only comes up if somebody asks for
// that.
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
