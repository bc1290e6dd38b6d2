package programs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/properties"
	"millrace/properties/programs"
	"millrace/sim"
	"millrace/traces"
)

// guest is a client who talks for half a second.
const guest = `client=expect:"220\x20lines\n",say:"HELO\x20x\n",expect:"250\x20hello\x20x\n",wait:500ms,` +
	`say:"ADD\x202\n",expect:"250\x202\n",say:"QUIT\n",expect:"221\x20bye\n",eof,close`

// visit runs a world in which guests come to workers in turn, and says how it went for each.
func visit(t *testing.T, world, decisions string, at ...string) (w *properties.World, went string) {
	text := "millrace 1\nworld program=lines " + world + "\n"
	for i, at := range at {
		text += fmt.Sprintf("session %d%s %s\n", i, at, guest)
	}
	tr, err := traces.Parse("test", []byte(text+decisions))
	require.NoError(t, err)
	w = properties.NewWorld(programs.Lines)
	require.Nil(t, w.Replay(tr, properties.Options{Record: -1}))
	require.Empty(t, w.Unasked())
	for i := range w.Clients() {
		c := &w.Clients()[i]
		how := "served"
		if c.Missed != "" || c.Rst {
			how = "left alone"
		}
		went += fmt.Sprintf(", %s by worker %d within %ds", how, w.Kernel().Holder(c.Label), 1+(c.Gone()-sim.Epoch)/sim.Second)
	}
	return w, went[2:]
}

func TestAWorkerThatDiesTakesItsGuestsWithItAndNobodyElses(t *testing.T) {
	w, went := visit(t, "workers=2", "choose w0 killed 2 = 1\n", "", "", " at=2s")
	require.Equal(t, "left alone by worker 0 within 1s, served by worker 1 within 1s, served by worker 1 within 3s", went)
	require.Contains(t, fmt.Sprint(stepsOf(w)), "w0 killed")
	var totals properties.Totals
	w.Flush(&totals)
	require.EqualValues(t, 2, totals.Spared, "of them it is known that they had to be perfect")
	require.EqualValues(t, 1, totals.Struck)
}

func TestAnotherWorkerTakesThePlaceOfOneThatDied(t *testing.T) {
	_, went := visit(t, "workers=2 respawn=1s", "choose w0 killed 2 = 1\n", "", "", " at=500ms", " at=2s", " at=2s")
	require.Equal(t, "left alone by worker 0 within 1s, served by worker 1 within 1s, served by worker 1 within 2s, "+
		"served by worker 0 within 3s, served by worker 1 within 3s", went)
}

func TestAWorkerThatStandsStillHasItsOwnGuestsWaitAndNobodyElses(t *testing.T) {
	_, went := visit(t, "workers=2", "choose w0 slow 2 = 15\n", "", "")
	require.Equal(t, "served by worker 0 within 3s, served by worker 1 within 1s", went)
}

func TestWhoFindsNoWorkerAliveIsRefused(t *testing.T) {
	_, went := visit(t, "workers=2", "choose w0 killed 2 = 1\nchoose w0@1 killed 2 = 1\n", "", "", " at=2s")
	require.Equal(t, "left alone by worker 0 within 1s, left alone by worker 1 within 1s, left alone by worker -1 within 3s", went)
}

func stepsOf(w *properties.World) (lines []string) {
	for _, s := range w.Steps() {
		lines = append(lines, s.String())
	}
	return lines
}

// TestAFunctionThatDiesIsUnwound: what it defers runs, as it never would, and does nothing.
func TestAFunctionThatDiesIsUnwound(t *testing.T) {
	unwound := 0
	p := properties.Register(&properties.Program{Name: "deferrer", Workers: 2, Main: func(h core.Host) {
		poll, lst := h.Poller(), h.Listener()
		defer func() {
			unwound++
			lst.Accept()
			lst.Close()
		}()
		poll.Set(core.Key(lst.Num()), 0, core.EvIn)
		for ready := make([]core.Ready, 8); ; {
			if _, _, e := poll.Wait(ready, 0); e == core.ECANCELED {
				return
			}
			for range 3 {
				if fd, _, e := lst.Accept(); e == 0 {
					fd.Close(false)
				}
			}
		}
	}, Gets: func(*traces.Trace, int, bool) properties.Stream { return properties.Stream{} }})
	for val, calls := range map[int]int{1: 0, 2: 1, 3: 1, 4: 2, 60: 3} { // in front of which call, of which one is a close, or behind all
		tr := p.Scenario()
		tr.Settings[traces.Workers] = 2
		tr.Sessions = []traces.Session{{Client: traces.Script{{Verb: traces.EOF}}}}
		tr.Decisions = []sim.Decision{{Actor: sim.Worker, Op: sim.OpKilled, Ord: 1, Val: val}}
		w := properties.NewWorld(p)
		unwound = 0
		require.Nil(t, w.Replay(tr, properties.Options{Record: -1}), "%d", val)
		require.Empty(t, w.Unasked())
		require.Equal(t, 2, unwound, "the one that died and the one that ended")
		text := strings.Join(stepsOf(w), " ")
		text, _, _ = strings.Cut(text, "w0 killed")
		require.Equal(t, calls, strings.Count(text, "l0 accept"), text)
	}
}

func TestWorldsWithSeveralWorkersAreTheSameAgain(t *testing.T) {
	for _, of := range []*properties.Program{programs.Lines, programs.Echo} {
		p := *of
		p.Workers = 3
		w := properties.NewWorld(&p)
		w.Share = 1
		several := 0
		for seed := range uint64(600) {
			tr, _ := p.Generate(seed)
			one, _ := of.Generate(seed)
			if tr.Settings[traces.Workers] > 1 {
				several++
				found := w.Hunt(seed)
				require.Nil(t, found, "%s", found)
			} else {
				require.Equal(t, one, tr, "nothing else changes")
			}
		}
		require.Greater(t, several, 20)
	}
}
