package properties_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/properties"
	"millrace/sim"
	"millrace/traces"
)

// chat passes on to all others what one says, and to whoever comes how many there are. skips: but
// for the last one who came.
func chat(skips bool) func(h core.Host) {
	return func(h core.Host) {
		poll, door, ready, buf := h.Poller(), h.Listener(), make([]core.Ready, 8), make([]byte, 64)
		poll.Set(core.Key(door.Num()), 0, core.EvIn)
		var all []core.FD
		tell := func(but core.FD, text []byte) {
			for i, fd := range all {
				if fd != but && !(skips && but != nil && i == len(all)-1) {
					fd.Send(text, false)
				}
			}
		}
		for {
			n, _, e := poll.Wait(ready, 0)
			if e == core.ECANCELED {
				break
			}
			for _, r := range ready[:n] {
				if r.Key.Num() == door.Num() {
					if fd, _, e := door.Accept(); e == 0 {
						all = append(all, fd)
						poll.Set(core.Key(fd.Num()), 0, core.EvIn)
						tell(nil, []byte{'0' + byte(len(all))})
					}
				}
				for i, fd := range all {
					if fd.Num() != r.Key.Num() {
						continue
					}
					if n, e := fd.Recv(buf); n > 0 {
						tell(fd, buf[:n])
					} else if e != core.EAGAIN && e != core.EINTR {
						fd.Close(false)
						all = append(all[:i:i], all[i+1:]...)
					}
					break
				}
			}
		}
		for _, fd := range all {
			fd.Close(true)
		}
		door.Close()
	}
}

// talk is a scenario of two, of whom one says something to the other one.
const talk = "session 0 client=expect:\"2\",say:\"x\",shutw,eof\nsession 1 client=expect:\"2\",expect:\"x\",shutw,eof\n"

func chatting(t *testing.T, p *properties.Program, text string) *traces.Trace {
	t.Helper()
	properties.Register(p)
	tr, err := traces.Parse("x", []byte("millrace 1\nworld program="+p.Name+"\n"+text))
	require.NoError(t, err)
	return tr
}

// TestWhatHappensToOneExplainsWhatBecomesOfAll where they have to do with each other, and only there.
func TestWhatHappensToOneExplainsWhatBecomesOfAll(t *testing.T) {
	const struck = talk + "choose c0 peer-reset 1 = 1\n"
	for together, want := range map[bool]string{
		false: "I73 peer: c1 expected \"x\", and nothing happened to it that explains why it did not come; behind what it expected before it got \"\"",
		true:  "",
	} {
		p := &properties.Program{Name: "chat", Level: true, Main: chat(false), Together: together}
		tr := chatting(t, p, struck)
		got := ""
		if f := properties.NewWorld(p).Replay(tr, properties.Options{}); f != nil {
			got = f.String()
		}
		require.Equal(t, want, got)
	}
}

// TestWhoIsToldWhatDependsOnWhenWhereSessionsHaveToDoWithEachOther: no two runs are compared there
// in which the order is another one, unless the program says of which that may be asked.
func TestWhoIsToldWhatDependsOnWhenWhereSessionsHaveToDoWithEachOther(t *testing.T) {
	hunt := func(p *properties.Program) (found *traces.Trace) {
		p.Name, p.Level, p.Main = "chat", true, chat(false)
		p.Draw = func(r *sim.Rand, tr *traces.Trace) {
			properties.DrawNetwork(r, &tr.Settings)
			for range 3 {
				tr.Sessions = append(tr.Sessions, traces.Session{Client: traces.Script{properties.Say("x"), {Verb: traces.ShutW}, {Verb: traces.EOF}}})
			}
		}
		w := properties.NewWorld(properties.Register(p))
		for seed := uint64(0); seed < 500 && found == nil; seed++ {
			found = w.Hunt(seed)
		}
		return found
	}
	require.Nil(t, hunt(&properties.Program{Together: true}))
	alone := hunt(&properties.Program{})
	require.NotNil(t, alone)
	require.Regexp(t, `^I81 session: session \d is another one with harmless accidents than without any: the client gets \d bytes, and \d without; if that is right, .* the program is Together`, alone.Fail)
	asked := hunt(&properties.Program{Together: true, Steady: func(*traces.Trace, int) bool { return true }})
	require.Equal(t, properties.Identity(alone), properties.Identity(asked))
}

// TestWhatOthersWaitForStaysWhereItIsMissed: with less said, or fewer there, the right program would
// fail as well.
func TestWhatOthersWaitForStaysWhereItIsMissed(t *testing.T) {
	p := &properties.Program{Name: "chat", Level: true, Main: chat(true), Together: true}
	tr := chatting(t, p, talk+"choose f0 recv-again 0 = 1\n")
	tr.Fail = properties.NewWorld(p).Replay(tr, properties.Options{}).Line()
	require.Equal(t, "I73 peer", properties.Identity(tr))
	small := properties.Shrink(tr, "chat.trace", nil)
	require.Equal(t, tr.Sessions, small.Sessions)
	require.Empty(t, small.Decisions)

	p.Together = false
	require.Less(t, properties.Lines(properties.Shrink(tr, "chat.trace", nil)), properties.Lines(small))
}

// TestACopyOfAProgramIsAnotherOne, once it has a name of its own: with other scenarios, say.
func TestACopyOfAProgramIsAnotherOne(t *testing.T) {
	first := properties.Register(&properties.Program{Name: "first", Level: true, Main: shout})
	second := *first
	second.Name, second.Leaves = "second", true
	properties.Register(&second)
	for _, p := range []*properties.Program{first, &second} {
		back, err := traces.Parse("x", p.Scenario().AppendText(nil))
		require.NoError(t, err)
		require.Equal(t, p.Name, back.Program)
	}
	require.False(t, first.Traces.Timed, "the first one has no timeout")
}
