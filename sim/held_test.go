package sim

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhatMoreWasPromisedBehindWaitsForIt: only whole segments leave before more is
// written, the stream ends, or the time for that is over.
func TestWhatMoreWasPromisedBehindWaitsForIt(t *testing.T) {
	link := Link{Latency: Millisecond, Gap: 1, Segment: 10, SndBuf: 100, RcvBuf: 100}
	for _, c := range []struct {
		name string
		do   func(p *wire)
		want string // readable after 100 ms, and after 300
	}{
		{"alone", func(p *wire) { p.Write(make([]byte, 25), true) }, "20 25"},
		{"followed", func(p *wire) { p.Write(make([]byte, 25), true); p.Write(make([]byte, 1), false) }, "26 26"},
		{"promised again", func(p *wire) { p.Write(make([]byte, 4), true); p.Write(make([]byte, 4), true) }, "0 8"},
		{"promised until it is a segment", func(p *wire) { p.Write(make([]byte, 7), true); p.Write(make([]byte, 7), true) }, "10 14"},
		{"ended", func(p *wire) { p.Write(make([]byte, 4), true); p.End() }, "4 4"},
		{"without room for it", func(p *wire) { p.Write(make([]byte, 105), true) }, "100 100"},
		{"lost", func(p *wire) { p.Write(make([]byte, 4), true); p.Cut() }, "0 0"},
	} {
		p := newWire(Benign{}, link)
		c.do(p)
		got := ""
		for _, at := range []Time{100 * Millisecond, 300 * Millisecond} {
			for next, ok := p.World.Next(); ok && next <= Epoch+at; next, ok = p.World.Next() {
				p.World.Step()
			}
			got += fmt.Sprint(p.Readable(), " ")
		}
		require.Equal(t, c.want, strings.TrimSpace(got), c.name)
		require.Zero(t, p.Held(), c.name)
	}
}
