package proxy

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/properties"
	"millrace/sim"
	"millrace/traces"
	"millrace/traces/proxytrace"
)

// recording runs a world and returns what a relay would have recorded of it: the calls, and
// the settings of the program, but neither its peers nor what there was between. Without a
// source the decisions are those of the trace.
func recording(t *testing.T, tr *traces.Trace, src sim.Source) *traces.Trace {
	w, o := properties.NewWorld(Program), properties.Options{Record: -1, Ciphers: true}
	if src == nil {
		require.Nil(t, w.Replay(tr, o))
	} else {
		require.Nil(t, w.Run(tr, src, o))
	}
	live := &traces.Trace{Live: true, Settings: tr.Settings, Steps: slices.Clone(w.Steps())}
	usual := traces.Default()
	for _, p := range []traces.Param{traces.Latency, traces.Gap, traces.Segment, traces.SndBuf, traces.RcvBuf} {
		live.Settings[p] = usual[p]
	}
	return live
}

// TestWhatWorldsRecordIsToldAgain takes the calls of small drawn worlds for recordings: whatever
// happened there, most sessions end in the same way in a world that only knows these.
func TestWhatWorldsRecordIsToldAgain(t *testing.T) {
	for _, c := range []struct {
		name        string
		tls         bool
		seeds       uint64
		calls, ends int // percent that are the same at least; most accidents are not to be seen from the program
	}{
		{"plain", false, 160, 40, 80},
		{"sealed", true, 120, 40, 60},
	} {
		t.Run(c.name, func(t *testing.T) {
			var all, same, sessions, ends int
			for seed := range c.seeds {
				tr, src := Program.Generate(seed)
				sealed := tr.Settings[proxytrace.ClientTLS]+tr.Settings[proxytrace.ServerTLS] != 0
				if len(tr.Sessions) > 3 || tr.Settings[proxytrace.Applet] != 0 || sealed != c.tls {
					continue
				}
				s, fit, err := properties.Retell(recording(t, tr, src))
				if err != nil {
					continue // nobody came
				}
				require.Nil(t, fit.Fail, "seed %d: %s", seed, s)
				all, same, sessions, ends = all+fit.Calls, same+fit.Same, sessions+fit.Sessions, ends+fit.Ends
			}
			t.Logf("%d of %d calls, %d of %d sessions", same, all, ends, sessions)
			require.Greater(t, sessions, 10)
			require.Greater(t, 100*same, c.calls*all)
			require.Greater(t, 100*ends, c.ends*sessions)
		})
	}
}

// TestWhatOnlyACipherSeesIsToldToo: of a side with TLS the bytes that are sent are others each
// time, so it is told by the text that they are of. A header is no part of any stream: a server
// that waited for as many bytes as it had got with one waited for ever.
func TestWhatOnlyACipherSeesIsToldToo(t *testing.T) {
	for _, c := range []struct{ name, world, want string }{
		{"a header to a server",
			"world send-proxy=v1\nsession 0 client=send:3,eof,close server=recv:3,send:4,eof,close",
			"server=recv:3,wait:200µs,send:4,"},
		{"a header from a client, and TLS behind it",
			"world accept-proxy=v2 client-tls=double\nsession 0 client=send:3,eof,close server=recv:3,send:4,eof,close",
			"server=recv:3,wait:200µs,send:4,"},
		{"a FIN without a goodbye",
			"world client-tls=double\nsession 0 client=send:3,shutw,eof,close server=recv:3,eof,close\nchoose c0 no-goodbye 0 = 1",
			"choose c0 no-goodbye 0 = 1"},
		{"a sealed send that is short",
			"world client-tls=double\nsession 0 client=send:3,eof,close server=recv:3,send:500,shutw,eof,close\nchoose f0 short-write 2 = 100",
			"choose f0 short-write 2 = "},
		{"a sealed send that has no room",
			"world client-tls=double\nsession 0 client=send:3,eof,close server=recv:3,send:500,shutw,eof,close\nchoose f0 send-again 2 = 1",
			"choose f0 send-again 2 = 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr, err := traces.Parse("w", []byte("millrace 1\n"+c.world+"\n"))
			require.NoError(t, err)
			s, fit, err := properties.Retell(recording(t, tr, nil))
			require.NoError(t, err)
			text := s.String()
			require.Contains(t, text, c.want)
			require.LessOrEqual(t, fit.Calls-fit.Same, 1, "of the two sides at one time, either may be first: %s\n%s\n%s", text, fit, strings.Join(fit.Differ, "\n"))
			require.Equal(t, 1, fit.Ends)
		})
	}
}
