package properties_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/properties"
	"millrace/properties/programs"
	"millrace/sim"
	"millrace/traces"
)

// TestEachAccidentStrikesOnceAndAlone: what is claimed is what was run.
func TestEachAccidentStrikesOnceAndAlone(t *testing.T) {
	w := properties.NewWorld(programs.Echo)
	tr := programs.Echo.Scenario()
	tr.Sessions = []traces.Session{{Client: traces.Script{{Verb: traces.Send, N: 3}, {Verb: traces.ShutW}, {Verb: traces.EOF}, {Verb: traces.Close}}}}
	var survey []sim.Question
	require.Nil(t, w.Run(tr, sim.Plan{Survey: &survey}, properties.Options{}))
	want := 0
	for _, q := range survey {
		if !programs.Echo.Met(q.Op) {
			continue
		}
		for _, a := range q.Answers(nil) {
			want++
			require.Nil(t, w.Run(tr, sim.Plan{Accidents: []sim.Accident{a}}, properties.Options{}))
			struck := slices.DeleteFunc(slices.Clone(w.Decisions()), func(d sim.Decision) bool { return d.Op == sim.OpRank })
			require.Len(t, struck, 1, "%v", a)
			require.Equal(t, a.Actor, struck[0].Actor)
			require.Equal(t, a.Op, struck[0].Op)
			require.Equal(t, a.Ord, struck[0].Ord)
		}
	}
	require.Greater(t, want, 50)

	var before, after properties.Totals
	w.Flush(&before)
	w.Each(tr, false, func(*traces.Trace) bool { t.Error("nothing fails"); return true })
	w.Flush(&after)
	require.EqualValues(t, want, after.Claim.Singles)
	require.EqualValues(t, want+1, after.Worlds)
}

// forgetful is an echo server that loses what it reads when it is interrupted, if the last
// that it sent was short: two accidents, at two places. Its clients never say more than
// there is room for.
func forgetful(h core.Host) {
	lst, poll, fds := h.Listener(), h.Poller(), [10]core.FD{}
	poll.Set(core.Key(lst.Num()), 0, core.EvIn)
	short := false
	for {
		var ready [9]core.Ready
		n, _, e := poll.Wait(ready[:], 0)
		if e == core.ECANCELED {
			break
		}
		for _, r := range ready[:n] {
			fd := fds[r.Key.Num()]
			if r.Key.Num() == lst.Num() {
				if fd, _, e := lst.Accept(); e == 0 {
					fds[fd.Num()] = fd
					poll.Set(core.Key(fd.Num()), 0, core.EvIn)
				}
				continue
			} else if fd == nil {
				continue
			}
			var buf [100]byte
			n, e := fd.Recv(buf[:])
			if e == core.EINTR && short {
				fd.Recv(buf[:])
			}
			if e == core.EAGAIN || e == core.EINTR {
				continue
			}
			short = false
			for b := buf[:n]; len(b) > 0 && e == 0; {
				n, e = fd.Send(b, false)
				short = short || n > 0 && n < len(b)
				if e == core.EINTR || e == core.EAGAIN {
					e = 0
				}
				b = b[n:]
			}
			if e != 0 || n == 0 {
				fd.Close(false)
				fds[r.Key.Num()] = nil
			}
		}
	}
	for _, fd := range fds {
		if fd != nil {
			fd.Close(true)
		}
	}
	lst.Close()
}

// TestAFaultThatNeedsTwoAccidentsIsFoundByPairs, and by no single one.
func TestAFaultThatNeedsTwoAccidentsIsFoundByPairs(t *testing.T) {
	p := &properties.Program{Name: "forgetful", Main: forgetful, Level: true}
	w := properties.NewWorld(p)
	tr := p.Scenario()
	tr.Sessions = []traces.Session{{Client: traces.Script{
		{Verb: traces.Send, N: 3}, {Verb: traces.Recv, N: 3}, {Verb: traces.Send, N: 3}, {Verb: traces.ShutW}, {Verb: traces.EOF}, {Verb: traces.Close}}}}
	found := func(pairs bool) (failing []*traces.Trace) {
		w.Each(tr, pairs, func(f *traces.Trace) bool {
			failing = append(failing, f)
			return true
		})
		return failing
	}
	for _, f := range found(false) {
		t.Errorf("%s", f)
	}
	pairs := found(true)
	require.NotEmpty(t, pairs)
	ops := []sim.Op{pairs[0].Decisions[0].Op, pairs[0].Decisions[1].Op}
	require.Equal(t, []sim.Op{sim.OpShortWrite, sim.OpRecvIntr}, ops)
}
