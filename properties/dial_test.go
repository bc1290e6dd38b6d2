package properties_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/properties"
	"millrace/sim"
	"millrace/traces"
)

// dialing is a client that asks for some sockets at once, all with one label, says a word on
// each, and waits for the ends of all.
func dialing(sockets int, label uint32, told *[]core.Errno) *properties.Program {
	return properties.Register(&properties.Program{
		Name: "dialing", Dials: true,
		Draw: func(r *sim.Rand, t *traces.Trace) {
			properties.DrawNetwork(r, &t.Settings)
			for range sim.Of(r, 1, 2) {
				t.Sessions = append(t.Sessions, traces.Session{})
			}
		},
		Main: func(h core.Host) {
			poll, ready, buf := h.Poller(), make([]core.Ready, 8), make([]byte, 16)
			open := make([]core.FD, sockets+4) // by number
			for range sockets {
				if fd, e := h.Dialer().Socket(0, label); e == 0 {
					if e := fd.Connect(); e != 0 && e != core.EINPROGRESS {
						fd.Close(false)
						continue
					}
					poll.Set(core.Key(fd.Num()), 0, core.EvIn|core.EvOut)
					open[fd.Num()] = fd
				}
			}
			for {
				n, _, e := poll.Wait(ready, 0)
				if e == core.ECANCELED {
					break
				}
				for _, r := range ready[:n] {
					fd := open[r.Key.Num()]
					if fd == nil {
						continue
					}
					e := fd.Connect()
					if e == core.EALREADY && r.Events.Any(core.EvErr) {
						e = core.ECONNREFUSED // it was told so, whatever connect says
					}
					switch e {
					case core.EINTR, core.EALREADY, core.EINPROGRESS:
						continue
					case 0, core.EISCONN:
						if _, e = fd.Send([]byte("x"), false); e == core.EAGAIN || e == core.EINTR {
							continue
						}
						fd.Recv(buf)
					default:
						*told = append(*told, e)
					}
					fd.Close(false)
					open[r.Key.Num()] = nil
				}
			}
			for _, fd := range open {
				if fd != nil {
					fd.Close(true)
				}
			}
			h.Listener().Close()
		},
	})
}

// sockets are the names of those that a world's program asked for.
func sockets(w *properties.World) (names []string) {
	for _, s := range w.Steps() {
		if s.Call == traces.CallSocket {
			names = append(names, s.Actor.String())
		}
	}
	return names
}

// TestEachConnectionOfAClientHasANameOfItsOwn, whatever label it is asked for with and
// however few sessions there are: two of one name are told apart by no decision that names a
// victim, and a world that is run again from its text is another one.
func TestEachConnectionOfAClientHasANameOfItsOwn(t *testing.T) {
	var told []core.Errno
	p := dialing(5, 1<<32-1, &told)
	w := properties.NewWorld(p)
	tr := p.Scenario()
	tr.Sessions = []traces.Session{
		{Server: traces.Script{properties.Expect("x"), {Verb: traces.Close}}},
		{Server: traces.Script{properties.Expect("x"), {Verb: traces.EOF}, {Verb: traces.Close}}},
	}
	require.Nil(t, w.Run(tr, sim.Benign{}, properties.Options{Record: -1}))
	require.Equal(t, []string{"b0", "b1", "b2", "b3", "b4"}, sockets(w))
	require.Empty(t, told)
	for label, ends := range [][]string{{"s0", "s2", "s4"}, {"s1", "s3"}} {
		var names []string
		for s := range w.EndsOf(label) {
			names = append(names, s.Agent().Actor.String())
			require.Equal(t, tr.Sessions[label].Server, s.Script, "beyond the last session they go round")
		}
		require.ElementsMatch(t, ends, names)
	}
	w.Share = 1
	for seed := range uint64(500) {
		if failing := w.Hunt(seed); failing != nil {
			t.Fatal(failing)
		}
	}
}

// TestAClientWithoutSessionsIsRefused: it is what a shrinker makes of any world first.
func TestAClientWithoutSessionsIsRefused(t *testing.T) {
	var told []core.Errno
	p := dialing(2, 0, &told)
	require.Nil(t, properties.NewWorld(p).Run(p.Scenario(), sim.Benign{}, properties.Options{}))
	require.Equal(t, []core.Errno{core.ECONNREFUSED, core.ECONNREFUSED}, told)
}

// TestAClientThatNobodyServesMayDoubt: nobody is there, which explains that nothing was done. A
// failure of another kind is not made small to that.
func TestAClientThatNobodyServesMayDoubt(t *testing.T) {
	var told []core.Errno
	p := *dialing(1, 0, &told)
	main := p.Main
	p.Name, p.Main = "dialing in doubt", func(h core.Host) {
		main(h)
		properties.Doubt(h, "it is not done")
	}
	properties.Register(&p)
	tr := p.Scenario()
	require.Nil(t, properties.NewWorld(&p).Run(tr, sim.Benign{}, properties.Options{}))
	tr.Sessions = []traces.Session{{Server: traces.Script{properties.Expect("x"), {Verb: traces.EOF}, {Verb: traces.Close}}}}
	f := properties.NewWorld(&p).Run(tr, sim.Benign{}, properties.Options{})
	require.NotNil(t, f)
	require.Equal(t, "I73 program: it is not done, and nothing happened that explains that", f.String())
}

// TestAClientMayReturnWhenItIsDone, and a server may not: but what it has is closed then.
func TestAClientMayReturnWhenItIsDone(t *testing.T) {
	once := func(keeps bool) func(h core.Host) {
		return func(h core.Host) {
			poll, ready := h.Poller(), make([]core.Ready, 1)
			if fd, _ := h.Dialer().Socket(0, 0); fd.Connect() == core.EINPROGRESS {
				poll.Set(core.Key(fd.Num()), 0, core.EvOut)
				poll.Wait(ready, h.Now()+core.Second)
				fd.Connect()
				fd.Close(false)
			}
			if !keeps {
				h.Listener().Close()
			}
		}
	}
	for _, c := range []struct {
		dials, keeps bool
		want         string
	}{
		{true, false, ""},
		{true, true, "I44 end: the program has ended, and has not closed l0"},
		{false, false, "I40 program: the program returned, and was not told to: a Main goes on until Wait says ECANCELED"},
	} {
		p := properties.Register(&properties.Program{Name: "once", Level: true, Dials: c.dials, Main: once(c.keeps)})
		tr := p.Scenario()
		tr.Sessions = []traces.Session{{At: int64(sim.Second), Server: traces.Script{{Verb: traces.EOF}, {Verb: traces.Close}}}}
		got := ""
		if f := properties.NewWorld(p).Run(tr, sim.Benign{}, properties.Options{}); f != nil {
			got = f.String()
		}
		require.Equal(t, c.want, got)
	}
}

// TestALabelThatNobodyHasIsTold: who does not say that it dials connects for its clients.
func TestALabelThatNobodyHasIsTold(t *testing.T) {
	var told []core.Errno
	p := *dialing(1, 7, &told)
	p.Name, p.Dials = "dialing for nobody", false
	properties.Register(&p)
	tr := p.Scenario()
	tr.Sessions = make([]traces.Session, 2)
	f := properties.NewWorld(&p).Run(tr, sim.Benign{}, properties.Options{})
	require.NotNil(t, f)
	require.Equal(t, "label kernel: a socket for session 7, and there are 2: a label is that of the client for whom one connects,"+
		" as Accept told it; a program that connects for nobody says that it Dials, and may give any", f.String())
}

// TestOnlyWhatSomebodyPromisedIsMissed: a client with one connection at a time is never told of
// two at once, and its hunt is no failure for that.
func TestOnlyWhatSomebodyPromisedIsMissed(t *testing.T) {
	p := &properties.Program{Name: "client", Dials: true, Situations: []string{"an answer"}}
	nothing := p.Account(new(properties.Totals))
	require.Contains(t, nothing.Never(), "fault rotate")
	require.Contains(t, nothing.Never(), "fault connect")
	require.NotContains(t, nothing.Never(), "fault accept", "nobody comes to it")
	require.Equal(t, []string{"an answer"}, nothing.Missed())

	p.Meets = func(op sim.Op) bool { return op == sim.OpConnect }
	require.Equal(t, []string{"an answer", "fault connect"}, p.Account(new(properties.Totals)).Missed())
}
