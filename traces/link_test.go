package traces

import (
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/sim"
)

// TestConnectionsDifferWhereTheirSessionsSaySo: and are like the world's where they do not.
func TestConnectionsDifferWhereTheirSessionsSaySo(t *testing.T) {
	text := "millrace 1\nworld latency=1ms sndbuf=50\n" +
		"session 0 client=close\n" +
		"session 1 at=1ms front=latency:5ms,segment:10 back=gap:3µs,sndbuf:7,rcvbuf:9 client=close\n"
	tr, err := Parse("x", []byte(text))
	require.NoError(t, err)
	require.Equal(t, text, tr.String())
	all := sim.Link{Latency: sim.Millisecond, Gap: 1000, Segment: 1448, SndBuf: 50, RcvBuf: 16384}
	require.Equal(t, all, tr.Link(0, true))
	require.Equal(t, all, tr.Link(9, false), "a session that there is not")
	require.Equal(t, sim.Link{Latency: 5 * sim.Millisecond, Gap: 1000, Segment: 10, SndBuf: 50, RcvBuf: 16384}, tr.Link(1, true))
	require.Equal(t, sim.Link{Latency: sim.Millisecond, Gap: 3000, Segment: 1448, SndBuf: 7, RcvBuf: 9}, tr.Link(1, false))
	bytes, latency := tr.Narrowest(1)
	require.Equal(t, []any{int64(7), 5 * sim.Millisecond}, []any{bytes, latency})
	for _, wrong := range []string{"latency:", "latency:0s", "speed:3", "sndbuf:1,sndbuf:2", "segment:0", ""} {
		_, err := Parse("x", []byte("millrace 1\nworld\nsession 0 front="+wrong+" client=close\n"))
		require.Error(t, err, wrong)
	}
}

// TestShrinkingMakesConnectionsAlike: if they need not be special.
func TestShrinkingMakesConnectionsAlike(t *testing.T) {
	tr, err := Parse("x", []byte("millrace 1\nworld\nsession 0 front=latency:5ms,segment:10 back=sndbuf:7 client=close\n"))
	require.NoError(t, err)
	small := Shrink(tr, func(t *Trace) bool { return len(t.Sessions) == 1 && t.Sessions[0].Front[Segment-Latency] == 10 }, nil)
	require.Equal(t, "millrace 1\nworld\nsession 0 front=segment:10 client=-\n", small.String())
}
