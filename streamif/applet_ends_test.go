package streamif_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/core"
	"millrace/properties"
	"millrace/streamif"
	"millrace/traces"
)

// shelf makes applets and takes them back, to be used by later sessions.
type shelf struct {
	free []*tally
	made int
	ends []string // what every End was told, in order
}

// tally counts the bytes of its session.
type tally struct {
	by  *shelf
	got int
}

func (b *shelf) New(*streamif.Session) streamif.Applet {
	if len(b.free) == 0 {
		b.made++
		b.free = append(b.free, new(tally))
	}
	last := len(b.free) - 1
	a := b.free[last]
	b.free = b.free[:last]
	*a = tally{by: b}
	return a
}

func (a *tally) Run(si *streamif.StreamInterface) {
	a.got += len(si.Output()) + len(si.OutputRest())
	streamif.Discard{}.Run(si)
}

func (a *tally) End(s *streamif.Session) {
	a.by.ends = append(a.by.ends, fmt.Sprintf("%d %s %d bytes", s.Peer().Label, s.Reason(), a.got))
	a.by.free = append(a.by.free, a)
}

// killer is a server whose operator loses patience.
type killer struct {
	server
	at core.Time
}

func (k *killer) Step() {
	k.server.Step()
	if k.at != 0 && k.Now() >= k.at {
		k.proxy.Kill()
	}
}

// shelve runs sessions in a world, whose operator kills them at a time unless that is 0.
func shelve(t *testing.T, at core.Time, sessions string) *shelf {
	b := new(shelf)
	p := properties.Register(&properties.Program{Name: "shelf", Leaves: true, Start: func(w *properties.World) properties.Running {
		k := &killer{server: server{Looping: properties.NewLooping(w, 8)}}
		if at != 0 {
			k.at = w.Now() + at
		}
		cfg := streamif.Defaults()
		cfg.Applet, cfg.ClientTimeout = b, core.Second
		k.proxy = streamif.New(cfg, k.Loop, w.Dialer(), nil)
		k.proxy.Listen(w.Listener())
		return k
	}})
	tr, err := traces.Parse(t.Name(), []byte(traces.Magic+"\nworld program=shelf\n"+sessions))
	require.NoError(t, err)
	f := properties.NewWorld(p).Replay(tr, properties.Options{})
	if at == 0 { // to be killed is nothing that a world expects
		require.Nil(t, f)
	}
	slices.Sort(b.ends)
	return b
}

func TestAnAppletIsToldOnceHoweverItsSessionEnds(t *testing.T) {
	b := shelve(t, 0, "session 0 client=send:5,shutw,eof,close\n"+
		"session 1 client=send:6,wait:10ms,reset\n"+
		"session 2 client=send:7,wait:5s,close\n"+
		"session 3 client=close\n")
	require.Equal(t, []string{"0 -- 5 bytes", "1 CD 6 bytes", "2 cD 7 bytes", "3 -- 0 bytes"}, b.ends)
	require.Len(t, b.free, b.made, "all came back")
}

func TestAnAppletIsToldWhenItsSessionIsKilled(t *testing.T) {
	b := shelve(t, 50*core.Millisecond, "session 0 client=send:5,wait:60ms,send:1,wait:5s,close\n"+
		"session 1 client=wait:5s,close\n")
	require.Equal(t, []string{"0 KD 6 bytes", "1 KD 0 bytes"}, b.ends)
}

func TestAMakerMayUseAgainWhatItGotBack(t *testing.T) {
	b := shelve(t, 0, "session 0 client=send:5,shutw,eof,close\n"+
		"session 1 at=100ms client=send:6,shutw,eof,close\n"+
		"session 2 at=200ms client=send:7,shutw,eof,close\n")
	require.Equal(t, 1, b.made)
	require.Equal(t, []string{"0 -- 5 bytes", "1 -- 6 bytes", "2 -- 7 bytes"}, b.ends, "each began with nothing")
}
