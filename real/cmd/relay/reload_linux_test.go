package main

import (
	"context"
	"crypto/tls"
	big "encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// named is a server that says its name to each client and then echoes.
func named(t *testing.T, at, name string) string {
	ln, err := net.Listen("tcp", at)
	require.NoError(t, err)
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				// What does not arrive is the test's business.
				_, _ = io.WriteString(c, name)
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return addrOf(ln)
}

// who returns the name of the server that a new connection gets, of one letter.
func (p *process) who(t *testing.T) string {
	c := p.dial(t)
	defer c.Close()
	b := make([]byte, 1)
	_, err := io.ReadFull(c, b)
	require.NoError(t, err)
	return string(b)
}

// writeList writes a file of servers.
func writeList(t *testing.T, file string, lines ...string) {
	require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600))
}

func TestSIGHUPWithNothingToReloadSaysSo(t *testing.T) {
	p := launch(t)
	c := p.dial(t)
	echoed(t, c, "before")
	p.signal(t, syscall.SIGHUP)
	require.Contains(t, p.line(t, "nothing to reload"), "level=INFO")
	echoed(t, c, "after")
	p.signal(t, syscall.SIGTERM)
	require.NoError(t, c.Close())
	require.Equal(t, exitDrained, p.exit(t))
}

func TestSignalsWithoutAMeaningEndNothing(t *testing.T) {
	p := launch(t, "-record-size", "0")
	for _, sig := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGPIPE} {
		p.signal(t, sig)
	}
	p.line(t, `signal="user defined signal 1"`)
	p.line(t, `signal="user defined signal 2"`)
	echoed(t, p.dial(t), "still there")
}

// TestSIGHUPChangesHowServersAreVerified also shows that one whose address stays the
// same gets the new name, and that sessions do not notice.
func TestSIGHUPChangesHowServersAreVerified(t *testing.T) {
	a := newAuthority(t)
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{a.pair(t, "one.test")}})
	require.NoError(t, err)
	defer ln.Close()
	go welcome(ln)
	_, port, err := net.SplitHostPort(addrOf(ln))
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "servers")
	writeList(t, file, "127.0.0.1:"+port)
	p := launch(t, "-to-file", file, "-tls-to", "-tls-to-ca", a.file)
	old := p.dial(t)
	expect(t, old, "welcome")
	writeList(t, file, "localhost:"+port)
	p.signal(t, syscall.SIGHUP)
	require.Contains(t, p.line(t, "msg=reloaded"), " servers=1 new=0 gone=0")
	p.dial(t)
	require.Contains(t, p.line(t, "end=ST"), "certificate is valid for one.test, not localhost")
	writeList(t, file, "127.0.0.1:1", "127.0.0.1:"+port)
	p.signal(t, syscall.SIGHUP)
	require.Contains(t, p.line(t, "servers=2"), " new=1 gone=0")
	expect(t, p.dial(t), "welcome") // the second place is the turn's, or the first is down
	_, err = old.Write([]byte("still there"))
	require.NoError(t, err)
	require.NoError(t, old.Close())
}

func TestSIGHUPReadsTheListOfServersAgain(t *testing.T) {
	a, b := named(t, "127.0.0.1:0", "a"), named(t, "127.0.0.1:0", "b")
	file := filepath.Join(t.TempDir(), "servers")
	writeList(t, file, "# the first", "", "  "+a+" # and only one")
	p := launch(t, "-to-file", file, "-workers", "2")
	require.Equal(t, file, field(p.line(t, "msg=listening"), "to"))
	old := p.dial(t)
	expect(t, old, "a")
	writeList(t, file, b, "")
	p.signal(t, syscall.SIGHUP)
	require.Contains(t, p.line(t, "msg=reloaded"), " servers=1 new=1 gone=1")
	for range 6 { // whichever worker gets it
		require.Equal(t, "b", p.who(t))
	}
	echoed(t, old, "to its end")
	require.NoError(t, old.CloseWrite())
	rest, err := io.ReadAll(old)
	require.NoError(t, err)
	require.Empty(t, rest)
	require.Eventually(t, func() bool { return len(p.find("server="+a+" in=10")) == 1 }, patience, 5*time.Millisecond)
}

func TestABadListOfServersChangesNothing(t *testing.T) {
	a := named(t, "127.0.0.1:0", "a")
	file := filepath.Join(t.TempDir(), "servers")
	writeList(t, file, a)
	p := launch(t, "-to-file", file)
	for text, want := range map[string]string{
		"":                              "the file is empty",
		"# nobody":                      "there is no server in it",
		"127.0.0.1:1\n\nx":              `line 3: \"x\": missing port in address`,
		"127.0.0.1:1\n:7":               `line 2: \":7\": no host`,
		"127.0.0.1:1 127.0.0.1:2":       "too many colons in address",
		"[fe80::1%nowhere]:1":           "zone nowhere",
		strings.Repeat(a+"\n", 1e4) + a: "more than 10000 servers",
		strings.Repeat("x", 1e6) + ":1": `xxx\"…: longer than a name and a port`,
	} {
		before := len(p.find("not reloaded"))
		writeList(t, file, text)
		p.signal(t, syscall.SIGHUP)
		require.Eventually(t, func() bool { return len(p.find("not reloaded")) > before }, patience, 5*time.Millisecond)
		require.Contains(t, p.find("not reloaded")[before], want)
		require.Equal(t, "a", p.who(t))
	}
	require.NoError(t, os.Remove(file))
	require.NoError(t, os.Symlink("/dev/zero", file))
	p.signal(t, syscall.SIGHUP)
	p.line(t, "longer than 16777216 bytes")
	require.NoError(t, os.Remove(file))
	p.signal(t, syscall.SIGHUP)
	p.line(t, "-to-file "+file+": no such file or directory")
	require.Equal(t, "a", p.who(t))
	require.Empty(t, p.find("msg=reloaded"))
}

// TestSIGHUPChangesServersAndCertificatesOrNeither: one bad file keeps the other
// change out.
func TestSIGHUPChangesServersAndCertificatesOrNeither(t *testing.T) {
	auth := newAuthority(t)
	cert, key := auth.issue(t, "one.test")
	a, b := named(t, "127.0.0.1:0", "a"), named(t, "127.0.0.1:0", "b")
	file := filepath.Join(t.TempDir(), "servers")
	writeList(t, file, a)
	p := launch(t, "-to-file", file, "-tls-cert", cert, "-tls-key", key)
	writeList(t, file, b)
	good, err := os.ReadFile(key)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(key, []byte("nothing"), 0o600))
	p.signal(t, syscall.SIGHUP)
	p.line(t, "not reloaded")
	expect(t, p.secure(t, auth, "one.test"), "a")
	require.NoError(t, os.WriteFile(key, good, 0o600))
	p.signal(t, syscall.SIGHUP)
	require.Contains(t, p.line(t, "msg=reloaded"), " servers=1 new=1 gone=1 certificates=1 until=")
	expect(t, p.secure(t, auth, "one.test"), "b")
}

// TestARecordingBeginsAnewWithItsServers: what there was before is counted, not played.
func TestARecordingBeginsAnewWithItsServers(t *testing.T) {
	a := named(t, "127.0.0.1:0", "a")
	file, out := filepath.Join(t.TempDir(), "servers"), filepath.Join(t.TempDir(), "run.trace")
	writeList(t, file, a)
	p := launch(t, "-to-file", file, "-record", out)
	before := p.dial(t)
	expect(t, before, "a")
	require.NoError(t, before.Close())
	p.line(t, "msg=session")
	writeList(t, file, named(t, "127.0.0.1:0", "b"))
	p.signal(t, syscall.SIGHUP)
	require.Contains(t, p.line(t, "msg=reloaded"), " servers=1 new=1 gone=1")
	after := p.dial(t)
	expect(t, after, "b")
	require.NoError(t, after.Close())
	p.signal(t, syscall.SIGTERM)
	require.Equal(t, exitDrained, p.exit(t))
	tr := parsed(t, out)[0]
	require.Greater(t, tr.Skipped, uint64(5))
	require.Equal(t, 1, tr.Cut().Sessions)
	require.Zero(t, tr.Cut().Others)
	plays(t, tr)
}

// TestARecordingGoesOnWhereNoServerChanges: certificates are read again every night, and what led to
// a failure may have begun the day before.
func TestARecordingGoesOnWhereNoServerChanges(t *testing.T) {
	file, out := filepath.Join(t.TempDir(), "servers"), filepath.Join(t.TempDir(), "run.trace")
	writeList(t, file, named(t, "127.0.0.1:0", "a"), named(t, "127.0.0.1:0", "a"))
	p := launch(t, "-to-file", file, "-record", out)
	through := p.dial(t)
	expect(t, through, "a")
	for n := range 2 {
		p.signal(t, syscall.SIGHUP)
		require.Eventually(t, func() bool { return len(p.find("msg=reloaded servers=2 new=0 gone=0")) == n+1 }, patience, 5*time.Millisecond)
		require.Equal(t, "a", p.who(t))
	}
	require.NoError(t, through.Close())
	p.signal(t, syscall.SIGTERM)
	require.Equal(t, exitDrained, p.exit(t))
	tr := parsed(t, out)[0]
	require.Zero(t, tr.Skipped)
	plays(t, tr)
}

// TestAListThatIsAPipeIsNotWaitedFor: to open one for reading lasts until somebody writes,
// and every SIGHUP after that was lost without a word. A pipe with a writer is read, and
// one whose writer says nothing is told of at the next SIGHUP.
func TestAListThatIsAPipeIsNotWaitedFor(t *testing.T) {
	a := named(t, "127.0.0.1:0", "a")
	file := filepath.Join(t.TempDir(), "servers")
	writeList(t, file, a)
	p := launch(t, "-to-file", file)
	require.NoError(t, os.Remove(file))
	require.NoError(t, syscall.Mkfifo(file, 0o600))
	p.signal(t, syscall.SIGHUP)
	p.line(t, "-to-file "+file+": a pipe that nobody writes to; want a file")
	writer, err := os.OpenFile(file, os.O_RDWR, 0) // which does not wait either
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		p.signal(t, syscall.SIGHUP)
		return len(p.find(`level=WARN msg="a reload has not come back`)) > 0
	}, patience, 300*time.Millisecond)
	_, err = io.WriteString(writer, a+"\n"+a+"\n")
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	require.Contains(t, p.line(t, "msg=reloaded"), " servers=2 new=1 gone=0")
	require.Eventually(t, func() bool { return len(p.find("a pipe that nobody writes to")) >= 2 }, patience, 5*time.Millisecond,
		"the SIGHUP that came meanwhile")
	require.Equal(t, "a", p.who(t))
}

// TestAListFromAnotherProgramIsReadAtTheStart as the shell's <(...) gives it.
func TestAListFromAnotherProgramIsReadAtTheStart(t *testing.T) {
	a := named(t, "127.0.0.1:0", "a")
	cmd := exec.Command(binary, "-listen", "127.0.0.1:0", "-to-file", "/dev/fd/3")
	r, w, err := os.Pipe()
	require.NoError(t, err)
	cmd.ExtraFiles = []*os.File{r}
	go func() {
		time.Sleep(200 * time.Millisecond)
		_, _ = io.WriteString(w, a) // who does not get it does not start
		w.Close()
	}()
	require.Equal(t, "a", launchCmd(t, cmd).who(t))
	require.NoError(t, r.Close())
}

// nameService answers every question for an address with 127.0.0.n, and makes it
// this process's.
func nameService(t *testing.T, n *atomic.Int32) {
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() {
		b := make([]byte, 512)
		for {
			size, from, err := pc.ReadFrom(b)
			if err != nil {
				return
			}
			end := 12 + strings.IndexByte(string(b[12:size]), 0) + 5 // the question's
			answer := append([]byte(nil), b[:end]...)
			big.BigEndian.PutUint16(answer[2:], 0x8180)
			big.BigEndian.PutUint16(answer[6:], 0)
			big.BigEndian.PutUint16(answer[10:], 0)
			if b[end-3] == 1 { // A
				big.BigEndian.PutUint16(answer[6:], 1)
				answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, byte(n.Load()))
			}
			// A lost answer is asked for again.
			_, _ = pc.WriteTo(answer, from)
		}
	}()
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", pc.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = before
		pc.Close()
	})
}

func TestNamesAreLookedUpAgainAtSIGHUP(t *testing.T) {
	var n atomic.Int32
	n.Store(1)
	nameService(t, &n)
	first := named(t, "127.0.0.1:0", "a")
	_, port, err := net.SplitHostPort(first)
	require.NoError(t, err)
	named(t, "127.0.0.2:"+port, "b")
	s := within(t, "-to", "mill.test:"+port)
	require.Equal(t, "a", s.who(t))
	n.Store(2)
	s.hangups <- syscall.SIGHUP
	require.Contains(t, s.line(t, "msg=reloaded"), " servers=1 new=1 gone=1")
	require.Equal(t, "b", s.who(t))
}

// TestSIGTERMDoesNotWaitForANameService that does not answer a SIGHUP.
func TestSIGTERMDoesNotWaitForANameService(t *testing.T) {
	var n atomic.Int32
	n.Store(1)
	nameService(t, &n)
	s := within(t, "-to", "mill.test:1")
	asked, gate := make(chan struct{}, 8), make(chan struct{})
	t.Cleanup(func() { close(gate) })
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		asked <- struct{}{}
		<-gate
		return nil, errors.New("too late")
	}}
	s.hangups <- syscall.SIGHUP
	<-asked
	s.signals <- syscall.SIGTERM
	select {
	case status := <-s.code:
		require.Equal(t, exitDrained, status)
		s.code <- status // for the cleanup
	case <-time.After(soon):
		require.FailNow(t, "it waits")
	}
}

// relayWithin is a relay in the test's own process.
type relayWithin struct {
	process
	*service
	text transcript
	code chan int
}

// within starts a relay in this process, on a free port.
func within(t *testing.T, args ...string) *relayWithin {
	o, err := parse(append([]string{"-listen", "127.0.0.1:0"}, args...))
	require.NoError(t, err)
	r := &relayWithin{code: make(chan int, 1)}
	r.service, err = start(o, make(chan os.Signal, 1), &r.text)
	require.NoError(t, err)
	go func() { r.code <- r.serve(io.Discard) }()
	t.Cleanup(func() {
		for _, w := range r.workers {
			w.Kill()
		}
		<-r.code
	})
	r.addr = field(r.line(t, "msg=listening"), "addr")
	return r
}

// line waits for a line that contains text.
func (r *relayWithin) line(t *testing.T, text string) (found string) {
	require.Eventually(t, func() bool {
		for line := range strings.Lines(r.text.String()) {
			if strings.Contains(line, text) {
				found = line
				return true
			}
		}
		return false
	}, patience, 5*time.Millisecond, fmt.Sprintf("no line says %s", text))
	return found
}
