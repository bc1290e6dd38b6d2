package properties_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/properties"
	"millrace/sim"
	"millrace/traces"
)

// TestADoubtOfADeedIsToldIfNothingExplainsIt: no accident to its session, and nothing that a peer
// of it does by its script. What happens to others is no explanation.
func TestADoubtOfADeedIsToldIfNothingExplainsIt(t *testing.T) {
	p := properties.Register(&properties.Program{Name: "doubted-shout", Main: shout, Level: true, Deeds: map[string]func(c *properties.Conn){
		"doubt": func(c *properties.Conn) { c.Doubtf("it is no echo"); c.Doubtf("nor anything else") },
		"rude":  func(c *properties.Conn) { c.Doubtf("it has doubts"); c.Reset() },
	}})
	const told = "I73 deed: c0: it is no echo, and nothing happened to it that explains that"
	for text, want := range map[string]string{
		"session 0 client=do:\"doubt\",shutw,eof,close":                                                            told,
		"session 0 client=do:\"doubt\",close":                                                                      told,
		"session 0 client=do:\"doubt\",shutw,eof,close\nchoose f0 recv-again 0 = 1":                                told,
		"session 0 client=do:\"doubt\",shutw,eof,close\nsession 1 client=send:3,reset\nchoose c1 peer-reset 0 = 1": told,
		"session 0 client=do:\"doubt\",shutw,eof,close\nchoose c0 peer-reset 0 = 1":                                "",
		"session 0 client=do:\"doubt\",reset":                                                                      "",
		"session 0 client=do:\"rude\"":                                                                             "",
	} {
		tr, err := traces.Parse("x", []byte("millrace 1\nworld program=doubted-shout\n"+text+"\n"))
		require.NoError(t, err)
		got := ""
		if f := properties.NewWorld(p).Replay(tr, properties.Options{}); f != nil {
			got = f.String()
		}
		require.Equal(t, want, got, text)
	}
}

// TestADoubtOfAMainIsToldIfNothingExplainsIt: it knows no world, and need not.
func TestADoubtOfAMainIsToldIfNothingExplainsIt(t *testing.T) {
	p := properties.Register(&properties.Program{Name: "doubting", Level: true, Main: func(h core.Host) {
		shout(h)
		properties.Doubt(h, "%d things are not done", 2)
	}})
	tr := p.Scenario()
	tr.Sessions = []traces.Session{{Client: traces.Script{properties.Say("x"), {Verb: traces.ShutW}, {Verb: traces.EOF}, {Verb: traces.Close}}}}
	w := properties.NewWorld(p)
	f := w.Run(tr, sim.Benign{}, properties.Options{})
	require.NotNil(t, f)
	require.Equal(t, "I73 program: 2 things are not done, and nothing happened that explains that", f.String())
	tr.Decisions = []sim.Decision{{Actor: sim.Front, Op: sim.OpRecvFail, Val: 1}}
	require.Nil(t, w.Replay(tr, properties.Options{}))
	properties.Doubt(nobody{}, "nobody listens")
}

// TestADoubtIsNotMadeSmallToAnotherOne: they all have one name, and the first words say which it is.
func TestADoubtIsNotMadeSmallToAnotherOne(t *testing.T) {
	p := properties.Register(&properties.Program{Name: "doubting-twice", Main: shout, Level: true, Deeds: map[string]func(c *properties.Conn){
		"ask": func(c *properties.Conn) {
			got := make([]byte, 8)
			c.Write([]byte("question"))
			if n, _ := c.Read(got); n < 8 {
				c.Doubtf("of the answer only %d bytes came at once, such as %q", n, got[:n])
			}
			c.Doubtf("the answer is not a good one")
		},
	}})
	tr, err := traces.Parse("x", []byte("millrace 1\nworld program=doubting-twice segment=3\nsession 0 client=do:\"ask\",close\n"))
	require.NoError(t, err)
	f := properties.NewWorld(p).Replay(tr, properties.Options{})
	require.NotNil(t, f)
	require.Contains(t, f.What, "came at once")
	tr.Fail = f.Line()
	small := properties.Shrink(tr, "x", nil)
	require.Contains(t, small.Fail, "came at once")
}

// nobody is a host that is no world.
type nobody struct{ core.Host }
