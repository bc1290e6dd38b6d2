package streamif

import (
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/core"
)

// counter makes applets that count their own runs.
type counter struct {
	made  []*counted
	ended []Reason
}

type counted struct {
	by   *counter
	runs int
}

func (c *counter) New(*Session) Applet {
	c.made = append(c.made, &counted{by: c})
	return c.made[len(c.made)-1]
}

func (c *counted) Run(*StreamInterface) { c.runs++ }

func (c *counted) End(s *Session) { c.by.ended = append(c.by.ended, s.Reason()) }

// served makes a proxy with an applet, and sessions whose applets may run.
func served(m Maker, n int) *Proxy {
	cfg := Defaults()
	cfg.Applet = m
	p := New(cfg, core.NewLoop(deafPoller{}, 1, 1), nil, nil)
	for i := range n {
		s := p.seat()
		s.begin(p, core.Peer{Label: uint32(i)})
		s.back.on(EvAttach)
	}
	return p
}

func TestEverySessionHasAnAppletOfItsOwnAndItIsToldOfTheEndOnce(t *testing.T) {
	c := new(counter)
	p := served(c, 3)
	for i := range 2 {
		for range i + 1 {
			p.Session(i).back.runApplet()
		}
	}
	require.Len(t, c.made, 2, "the third was never run")
	require.Equal(t, 1, c.made[0].runs)
	require.Equal(t, 2, c.made[1].runs)
	p.Session(1).end(ClientError)
	for p.Live() > 0 {
		p.release(p.Session(0))
	}
	require.ElementsMatch(t, []Reason{Normal, ClientError}, c.ended)
}

func TestAnAppletSeesWhatIsBehindTheWrapOfItsRing(t *testing.T) {
	p := served(Discard{}, 1)
	p.pool.init(&Config{BufSize: 8, Buffers: 4})
	si := &p.Session(0).back
	require.True(t, si.out().acquire())
	ring := si.out().buf
	ring.Append(copy(ring.Room(8), "......ab"))
	ring.Advance(8)
	ring.Drop(6)
	ring.Append(copy(ring.Room(6), "cde"))
	ring.Advance(3)
	require.Equal(t, "ab", string(si.Output()))
	require.Equal(t, "cde", string(si.OutputRest()))
	require.Equal(t, "ab", string(si.Output()), "nothing was taken")
}

func TestAnAppletWritesOverTheEndOfItsRing(t *testing.T) {
	p := served(Discard{}, 1)
	p.cfg.BufSize = 8
	p.pool.init(&Config{BufSize: 8, Buffers: 4})
	si := &p.Session(0).back
	require.Len(t, si.Space(), 8)
	ring := si.in().buf
	ring.Append(copy(ring.Room(8), "......"))
	ring.Advance(6)
	ring.Drop(5)
	require.Len(t, si.Space(), 2)
	require.Len(t, si.SpaceRest(), 5)
	copy(si.Space(), "ab")
	copy(si.SpaceRest(), "cde")
	si.Produced(5)
	ring.Advance(5)
	require.Equal(t, ".ab", string(ring.Output()))
	require.Equal(t, "cde", string(ring.OutputRest()))
	require.Len(t, si.Space(), 2)
	require.Empty(t, si.SpaceRest(), "the ring does not go on behind what is free")
}
