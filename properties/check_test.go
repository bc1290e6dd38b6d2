package properties_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/core"
	"millrace/properties"
	"millrace/sim"
	"millrace/traces"
	"pgregory.net/rapid"
)

// shout is a server as a beginner writes it: it sends back what comes, in capitals.
func shout(w core.Host) {
	poll, lst := w.Poller(), w.Listener()
	conns := map[core.Key]core.FD{}
	poll.Set(core.Key(lst.Num()), 0, core.EvIn)
	ready := make([]core.Ready, 8)
	for {
		n, _, e := poll.Wait(ready, 0)
		if e == core.ECANCELED {
			break
		}
		for _, r := range ready[:n] {
			var buf [100]byte
			if r.Key.Num() == lst.Num() {
				if fd, _, e := lst.Accept(); e == 0 {
					key := core.Key(fd.Num())
					conns[key] = fd
					poll.Set(key, 0, core.EvIn)
				}
			} else if fd := conns[r.Key]; fd != nil {
				n, e := fd.Recv(buf[:])
				if e == 0 && n > 0 {
					fd.Send([]byte(strings.ToUpper(string(buf[:n]))), false)
				} else if e != core.EAGAIN && e != core.EINTR {
					fd.Close(false)
					delete(conns, r.Key)
				}
			}
		}
	}
	for key := range core.Key(100) {
		if fd := conns[key]; fd != nil {
			fd.Close(true)
		}
	}
	lst.Close()
}

// test is a *testing.T that wants to know what would be said.
type test struct {
	testing.TB
	said, failed string
}

func (t *test) Logf(format string, args ...any) { t.said += fmt.Sprintf(format, args...) + "\n" }
func (t *test) Fatalf(format string, args ...any) {
	t.failed = fmt.Sprintf(format, args...)
	panic(t)
}

// Errorf and FailNow are what rapid says it with.
func (t *test) Errorf(format string, args ...any) { t.Logf(format, args...) }
func (t *test) FailNow()                          { panic(t) }

// fatal runs f and returns all that it says, and how it fails.
func fatal(t *testing.T, f func(c *test)) string {
	c := &test{TB: t}
	func() {
		defer func() {
			if r := recover(); r != nil && r != any(c) {
				panic(r)
			}
		}()
		f(c)
	}()
	return c.said + c.failed
}

// check runs Check and returns how it fails.
func check(t *testing.T, p *properties.Program) string {
	return fatal(t, func(c *test) { properties.Check(c, p) })
}

// TestCheckFindsWhatABeginnerForgets: a send may be short, and then the rest is lost.
func TestCheckFindsWhatABeginnerForgets(t *testing.T) {
	hello := func(r traces.Script) traces.Script {
		return append(r, properties.Say("hello\n"), properties.Expect("HELLO\n"), traces.Act{Verb: traces.ShutW},
			traces.Act{Verb: traces.EOF}, traces.Act{Verb: traces.Close})
	}
	p := &properties.Program{Name: "shout", Main: shout, Level: true}
	p.Draw = drawHello(hello)
	failed := check(t, p)
	require.Contains(t, failed, "I73 peer")
	require.Contains(t, failed, `c0 expected "HELLO\n", and nothing happened to it that explains why it did not come`)
	require.Contains(t, failed, "check_test.go:", "the line that made the last calls is there")
	lines := strings.Split(strings.TrimSpace(failed), "\n")
	command := lines[len(lines)-1]
	require.Regexp(t, `^go test -C /\S+/properties -run '\^TestCheckFindsWhatABeginnerForgets\$' -millrace.replay /\S+\.trace$`, command)
	path := command[strings.LastIndexByte(command, ' ')+1:]
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(text), "world program=shout")
	require.LessOrEqual(t, strings.Count(string(text), "\n"), 10, "%s", text)

	c := &test{TB: t}
	require.Panics(t, func() { properties.CheckTrace(c, p, path) })
	require.Contains(t, c.failed, "I73 peer")
	require.NoError(t, os.Remove(path))
}

// TestWhatNobodyExpectedIsSeenByWhoSaysSo: an expected text may have others around it.
func TestWhatNobodyExpectedIsSeenByWhoSaysSo(t *testing.T) {
	for _, c := range []struct {
		said, failed string
		quiet        bool
	}{
		{"hello\n", "", true},
		{"hello\nmore\n", "", false},
		{"hello\nmore\n", `c0 got "MORE\n", which it did not expect, and nothing happened to it that explains that`, true},
	} {
		p := &properties.Program{Name: "shout", Main: shout, Level: true}
		p.Draw = drawHello(func(r traces.Script) traces.Script {
			r = append(r, properties.Say(c.said), properties.Expect("HELLO\n"), traces.Act{Verb: traces.ShutW}, traces.Act{Verb: traces.EOF})
			if c.quiet {
				r = append(r, properties.Quiet())
			}
			return append(r, traces.Act{Verb: traces.Close})
		})
		w := properties.NewWorld(p)
		trace, _ := p.Generate(1)
		failed := ""
		if f := w.Run(trace, sim.Benign{}, properties.Options{}); f != nil {
			failed = f.What
		}
		require.Equal(t, c.failed, failed)
	}
}

// TestADeedOfAPeerIsAFunctionThatBlocks: what a script cannot say.
func TestADeedOfAPeerIsAFunctionThatBlocks(t *testing.T) {
	heard := 0
	p := &properties.Program{Name: "polite-shout", Main: shout, Level: true, Deeds: map[string]func(c *properties.Conn){
		"count": func(c *properties.Conn) {
			var b [1]byte
			for n := range 9 {
				if _, err := fmt.Fprintf(c, "%d", n); err != nil {
					return
				}
				if _, err := c.Read(b[:]); err != nil || b[0] != byte('0'+n) {
					return
				}
				heard++
			}
			c.CloseWrite()
		},
	}}
	properties.Register(p)
	tr, err := traces.Parse("x", []byte("millrace 1\nworld program=polite-shout\nsession 0 client=do:\"count\",eof,close\n"))
	require.NoError(t, err)
	w := properties.NewWorld(p)
	require.Nil(t, w.Replay(tr, properties.Options{}))
	require.Equal(t, 9, heard)
	require.Equal(t, "up 0/9 down 9/0 client eof=true rst=false server eof=false rst=false", w.Story(0))
}

// TestWhatFailedOnceIsTriedFirst: a trace in testdata/regress/NAME.
func TestWhatFailedOnceIsTriedFirst(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	require.NoError(t, os.MkdirAll(filepath.Join("testdata", "regress", "deaf"), 0o777))
	require.NoError(t, os.WriteFile("testdata/regress/deaf/old.trace", []byte("millrace 1\nworld program=deaf\nsession 0 client=shutw\n"), 0o666))
	p := &properties.Program{Name: "deaf", Level: true, Main: func(w core.Host) {
		for {
			if _, _, e := w.Poller().Wait(nil, 0); e == core.ECANCELED {
				w.Listener().Close()
				return
			}
		}
	}}
	failed := check(t, p)
	require.Contains(t, failed, "testdata/regress/deaf/old.trace")
	require.Contains(t, failed, "I56 listener")
}

// drawHello draws one client of a small network.
func drawHello(hello func(traces.Script) traces.Script) func(r *sim.Rand, t *traces.Trace) {
	return func(r *sim.Rand, t *traces.Trace) {
		t.Sessions = []traces.Session{{Client: hello(nil)}}
	}
}

// TestARapidPropertyIsFiveLines: what it finds is a trace like any other.
func TestARapidPropertyIsFiveLines(t *testing.T) {
	t.Chdir(t.TempDir()) // where rapid leaves what it found
	p := &properties.Program{Name: "drawn-shout", Main: shout, Level: true}
	line := rapid.Custom(func(rt *rapid.T) traces.Session {
		word := rapid.StringMatching("[a-z]{1,20}").Draw(rt, "word")
		return traces.Session{Client: traces.Script{properties.Say(word), properties.Expect(strings.ToUpper(word)), {Verb: traces.ShutW}, {Verb: traces.EOF}}}
	})
	failed := fatal(t, func(c *test) {
		rapid.Check(c, func(rt *rapid.T) {
			tr := p.Scenario()
			tr.Settings[traces.SndBuf] = rapid.Int64Range(1, 100).Draw(rt, "sndbuf")
			tr.Sessions = rapid.SliceOfN(line, 1, 5).Draw(rt, "clients")
			properties.CheckWorld(rt, p, tr, rapid.Uint64().Draw(rt, "accidents"))
		})
	})
	require.Contains(t, failed, "I73 peer")
	_, command, _ := strings.Cut(failed, "-run '^TestARapidPropertyIsFiveLines$' -millrace.replay ")
	path, _, _ := strings.Cut(command, "\n")
	require.FileExists(t, path)
	require.NoError(t, os.Remove(path))
}

// TestADeedMaySleepAndClose: whatever a client does that blocks.
func TestADeedMaySleepAndClose(t *testing.T) {
	p := &properties.Program{Name: "slept-shout", Main: shout, Level: true, Deeds: map[string]func(c *properties.Conn){
		"leave": func(c *properties.Conn) {
			began := c.Now()
			c.Sleep(3 * core.Millisecond)
			fmt.Fprintf(c, "%d", (c.Now()-began)/core.Millisecond)
			c.Close()
		},
		"reset": func(c *properties.Conn) { c.Reset() },
	}}
	properties.Register(p)
	for script, want := range map[string]string{
		`do:"leave",say:"never"`: "up 0/1 down 0/0 client eof=false rst=false server eof=false rst=false",
		`do:"reset",say:"never"`: "up 0/0 down 0/0 client eof=false rst=false server eof=false rst=false",
	} {
		tr, err := traces.Parse("x", []byte("millrace 1\nworld program=slept-shout\nsession 0 client="+script+"\n"))
		require.NoError(t, err)
		w := properties.NewWorld(p)
		require.Nil(t, w.Replay(tr, properties.Options{}))
		require.Equal(t, want, w.Story(0))
		require.Equal(t, strings.Contains(script, "reset"), w.Clients()[0].Killed)
	}
}
