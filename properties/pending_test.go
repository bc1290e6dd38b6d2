package properties_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/properties"
	"millrace/sim"
	"millrace/traces"
)

// TestAPeerThatWaitsSaysForWhat: the program takes nobody's bytes and ends nobody's stream, and
// says nothing but "ab".
func TestAPeerThatWaitsSaysForWhat(t *testing.T) {
	p := properties.Register(&properties.Program{Name: "mute", Level: true, Main: func(h core.Host) {
		poll, door, ready := h.Poller(), h.Listener(), make([]core.Ready, 4)
		poll.Set(core.Key(door.Num()), 0, core.EvIn)
		var open []core.FD
		for {
			if _, _, e := poll.Wait(ready, 0); e == core.ECANCELED {
				break
			}
			if fd, _, e := door.Accept(); e == 0 {
				fd.Send([]byte("ab"), false)
				open = append(open, fd)
			}
		}
		for _, fd := range open {
			fd.Close(true)
		}
		door.Close()
	}})
	const spared, ended = ", and nothing happened to it that explains that", ", and nothing will happen"
	for script, want := range map[string]string{
		`shutw`:                      "I40 peer: c0 still waits for the end of the stream" + ended,
		`say:"x",shutw,eof`:          "I40 peer: c0 still waits for the end of the stream" + ended,
		`say:"x",shutw,recv:9`:       "I40 peer: c0 still waits for 9 bytes, of which 2 came" + ended,
		`hold,say:"12345678",go`:     "I73 peer: c0 still waits to get rid of the last 2 of 8 bytes, and reads nothing meanwhile" + spared,
		`say:"x",send:7`:             "I73 peer: c0 still waits to get rid of the last 2 of 7 bytes" + spared,
		`say:"x",echo`:               "I73 peer: c0 still waits in echo" + spared,
		`say:"12345678",expect:"ab"`: "I73 peer: c0 still waits to get rid of the last 2 of 8 bytes" + spared,
	} {
		tr := p.Scenario()
		tr.Settings[traces.SndBuf], tr.Settings[traces.RcvBuf] = 2, 4
		client, err := traces.ParseScript(script)
		require.NoError(t, err)
		tr.Sessions = []traces.Session{{Client: client}}
		f := properties.NewWorld(p).Run(tr, sim.Benign{}, properties.Options{})
		require.NotNil(t, f, script)
		got := f.String()
		require.Equal(t, want, got, script)
	}
}

// TestWhatIsNotClosedIsNamed, as the calls are that made it.
func TestWhatIsNotClosedIsNamed(t *testing.T) {
	p := properties.Register(&properties.Program{Name: "keeper", Level: true, Main: func(h core.Host) {
		poll, door, ready := h.Poller(), h.Listener(), make([]core.Ready, 4)
		poll.Set(core.Key(door.Num()), 0, core.EvIn)
		for e := core.Errno(0); e != core.ECANCELED; {
			if _, _, e = poll.Wait(ready, 0); e == 0 {
				door.Accept()
			}
		}
	}})
	for n, want := range map[int]string{0: "l0", 2: "l0, f0, f1", 6: "l0, f0, f1, f2, f3, 2 more"} {
		tr := p.Scenario()
		for range n {
			tr.Sessions = append(tr.Sessions, traces.Session{Client: traces.Script{{Verb: traces.Close}}})
		}
		f := properties.NewWorld(p).Run(tr, sim.Benign{}, properties.Options{})
		require.NotNil(t, f)
		require.Equal(t, "I44 end: the program has ended, and has not closed "+want, f.String())
	}
}
