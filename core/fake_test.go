package core

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write golden files")

// golden compares text with a file under testdata, or writes the file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o666))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// bothModes runs a test under both kinds of poller.
func bothModes(t *testing.T, test func(t *testing.T, edge bool)) {
	t.Run("level", func(t *testing.T) { test(t, false) })
	t.Run("edge", func(t *testing.T) { test(t, true) })
}

// transcript is what the fakes write down. A nil one writes nothing.
type transcript struct{ b strings.Builder }

// say writes one line: the actor first, as in a trace.
func (s *transcript) say(actor, format string, args ...any) {
	if s != nil {
		fmt.Fprintf(&s.b, "%-7s%s\n", actor, fmt.Sprintf(format, args...))
	}
}

// take returns what was written since the last time.
func (s *transcript) take() string {
	text := s.b.String()
	s.b.Reset()
	return text
}

// fakePoller reports what a test puts into batch, once, and remembers what it
// was told. Each Wait takes one tick, or sleeps until its deadline.
type fakePoller struct {
	edge   bool
	batch  []Ready
	refuse int // how many of the next Sets fail
	errno  Errno
	room   int // of the last report buffer
	clock  Time
	log    *transcript
}

func (p *fakePoller) Edge() bool { return p.edge }

func (p *fakePoller) Set(key Key, old, want Events) Errno {
	if p.refuse > 0 {
		p.refuse--
		p.log.say("poller", "set fd%d %v -> %v = ENOMEM", key.Num(), old, want)
		return ENOMEM
	}
	if p.log != nil { // printing allocates, and one test counts that
		p.log.say("poller", "set fd%d %v -> %v", key.Num(), old, want)
	}
	return 0
}

func (p *fakePoller) Wait(ready []Ready, deadline Time) (int, Time, Errno) {
	p.room = len(ready)
	n := copy(ready, p.batch)
	p.batch = p.batch[n:]
	p.clock++
	if n == 0 && deadline > p.clock {
		p.clock = deadline
	}
	return n, p.clock, p.errno
}

// newFakeLoop makes a loop over a fake poller that writes into log.
func newFakeLoop(edge bool, log *transcript) (*Loop, *fakePoller) {
	p := &fakePoller{edge: edge, clock: 1, log: log}
	return NewLoop(p, 16, 1), p
}

// fakeFD answers each call with the next line of its script, "send=3" or
// "recv=EAGAIN", which must be about that call.
type fakeFD struct {
	NoSplice
	num    int
	script []string
	wire   []byte // everything that was sent
	log    *transcript
}

var _ FD = (*fakeFD)(nil)

// answer takes the next line of the script.
func (f *fakeFD) answer(call, args string) (int, Errno) {
	verb, value := "", "unscripted"
	if len(f.script) > 0 {
		verb, value, _ = strings.Cut(f.script[0], "=")
	}
	if verb != call {
		f.log.say(f.name(), "%s%s is not in the script", call, args)
		return 0, EBADF
	}
	f.script = f.script[1:]
	f.log.say(f.name(), "%s%s = %s", call, args, value)
	if e, ok := ParseErrno(value); ok {
		return 0, e
	}
	n, err := strconv.Atoi(value)
	BugOn(err != nil, "test", "fake", "no answer: "+value)
	return n, 0
}

func (f *fakeFD) name() string { return "fd" + strconv.Itoa(f.num) }

func (f *fakeFD) Num() int { return f.num }

func (f *fakeFD) Connect() Errno {
	_, e := f.answer("connect", "")
	return e
}

func (f *fakeFD) Recv(p []byte) (int, Errno) {
	n, e := f.answer("recv", " "+strconv.Itoa(len(p)))
	return min(n, len(p)), e
}

func (f *fakeFD) Peek(p []byte) (int, Errno) {
	n, e := f.answer("peek", " "+strconv.Itoa(len(p)))
	return min(n, len(p)), e
}

func (f *fakeFD) Untaken() int { return 0 }

func (f *fakeFD) Local() (Addr, Errno) { return Addr{}, 0 }

func (f *fakeFD) Send(p []byte, _ bool) (int, Errno) {
	n, e := f.answer("send", " "+strconv.Itoa(len(p)))
	n = min(n, len(p))
	f.wire = append(f.wire, p[:n]...)
	return n, e
}

func (f *fakeFD) ShutW() Errno {
	f.log.say(f.name(), "shutdown W")
	return 0
}

func (f *fakeFD) Close(reset bool) Errno {
	how := "close"
	if reset {
		how = "reset"
	}
	f.log.say(f.name(), "%s", how)
	return 0
}
