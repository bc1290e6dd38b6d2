package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var interop = flag.Bool("interop", false, "test against curl, openssl and haproxy, which must be installed")

// program finds a program of another maker, for a test that is asked for.
func program(t *testing.T, name string) string {
	if !*interop {
		t.Skip("needs other programs; ask for it with -interop")
	}
	path, err := exec.LookPath(name)
	if err != nil {
		path, err = exec.LookPath("/usr/sbin/" + name) // not in everybody's path
	}
	require.NoError(t, err, "-interop needs %s", name)
	return path
}

// transcript collects what a program prints.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (tr *transcript) Write(p []byte) (int, error) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.text.Write(p)
}

func (tr *transcript) String() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.text.String()
}

// tool is a running program.
type tool struct {
	transcript
	in   io.WriteCloser
	over chan error
}

func runWith(t *testing.T, files []*os.File, name string, args ...string) *tool {
	cmd := exec.Command(program(t, name), args...)
	o := &tool{over: make(chan error, 1)}
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = o, o, files
	var err error
	o.in, err = cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	done := make(chan struct{})
	go func() {
		o.over <- cmd.Wait()
		close(done)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // most have ended by now
		<-done
		if t.Failed() {
			t.Logf("%s %s:\n%s", name, strings.Join(args, " "), o)
		}
	})
	return o
}

func runTool(t *testing.T, name string, args ...string) *tool { return runWith(t, nil, name, args...) }

// say types a line.
func (o *tool) say(t *testing.T, text string) {
	_, err := io.WriteString(o.in, text+"\n")
	require.NoError(t, err)
}

// prints waits until text was printed so many times.
func (o *tool) prints(t *testing.T, text string, times int) {
	require.Eventually(t, func() bool { return strings.Count(o.String(), text) >= times }, patience, 5*time.Millisecond,
		"does not print %q %d times", text, times)
}

// ends waits for a successful end and returns what was printed.
func (o *tool) ends(t *testing.T) string {
	select {
	case err := <-o.over:
		require.NoError(t, err, "%s", o)
	case <-time.After(patience):
		require.FailNow(t, "a program does not end")
	}
	return o.String()
}

// certified are the options of a relay that speaks TLS to clients.
func certified(t *testing.T, a *authority, more ...string) []string {
	cert, key := a.issue(t, "one.test")
	return append([]string{"-tls-cert", cert, "-tls-key", key}, more...)
}

// noise is a body of n bytes, the same each time.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{}).Read(b) // it never fails
	return b
}

// site answers with noise and with who asks; what it is sent, with its hash.
var site = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		h := sha256.New()
		if _, err := io.Copy(h, r.Body); err == nil {
			fmt.Fprintf(w, "%x", h.Sum(nil))
		}
		return
	}
	_, _ = w.Write(noise(8 << 20)) // who left needs no answer
})

// curl asks the relay for something and returns the answer.
func curl(t *testing.T, a *authority, p *process, args ...string) string {
	_, port, err := net.SplitHostPort(p.addr)
	require.NoError(t, err)
	args = append([]string{"-sS", "--fail", "--max-time", "60", "--noproxy", "*", "--cacert", a.file,
		"--resolve", "one.test:" + port + ":127.0.0.1", "https://one.test:" + port + "/"}, args...)
	cmd := exec.Command(program(t, "curl"), args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Run(), "%s\n%s", &stderr, strings.Join(p.find(""), "\n"))
	return stdout.String()
}

func TestInteropCurlGetsAndSendsBulk(t *testing.T) {
	program(t, "curl")
	a := newAuthority(t)
	plain := httptest.NewServer(site)
	defer plain.Close()
	secure := httptest.NewUnstartedServer(site)
	secure.EnableHTTP2 = true
	secure.TLS = &tls.Config{Certificates: []tls.Certificate{a.pair(t, "server.test")}}
	secure.StartTLS()
	defer secure.Close()
	body := filepath.Join(a.dir, "body")
	require.NoError(t, os.WriteFile(body, noise(8<<20), 0o600))
	sum := fmt.Sprintf("%x", sha256.Sum256(noise(8<<20)))
	for name, args := range map[string][]string{
		"plain server": {"-to", plain.Listener.Addr().String()},
		"TLS server": {"-to", secure.Listener.Addr().String(), "-tls-to", "-tls-to-ca", a.file,
			"-tls-to-name", "server.test", "-tls-alpn", "h2,http/1.1"},
	} {
		for _, poller := range []string{"level", "edge"} {
			p := launch(t, certified(t, a, append(args, "-poller", poller)...)...)
			for _, how := range [][]string{{"--tlsv1.2", "--tls-max", "1.2"}, {"--tlsv1.3"}, {"--http1.1"}} {
				t.Run(fmt.Sprint(name, " ", poller, how), func(t *testing.T) {
					version := " 1.1"
					if name == "TLS server" && how[0] != "--http1.1" {
						version = " 2"
					}
					got := curl(t, a, p, append(how, "-w", " %{http_version}")...)
					require.True(t, strings.HasSuffix(got, version), got[len(got)-4:])
					require.Equal(t, sum, fmt.Sprintf("%x", sha256.Sum256([]byte(strings.TrimSuffix(got, version)))))
					require.Equal(t, sum, curl(t, a, p, append(how, "--data-binary", "@"+body)...))
				})
			}
		}
	}
}

// sClient connects openssl to the relay.
func sClient(t *testing.T, a *authority, p *process, args ...string) *tool {
	return runTool(t, "openssl", append([]string{"s_client", "-connect", p.addr, "-servername", "one.test",
		"-verify_hostname", "one.test", "-verify_return_error", "-CAfile", a.file}, args...)...)
}

func TestInteropOpenSSLClientsChangeKeys(t *testing.T) {
	program(t, "openssl")
	a := newAuthority(t)
	for _, poller := range []string{"level", "edge"} {
		p := launch(t, certified(t, a, "-poller", poller)...)
		c := sClient(t, a, p, "-tls1_3")
		c.prints(t, "Verify return code: 0 (ok)", 1)
		for i, command := range []string{"K", "k", "K", "K", "k"} {
			c.say(t, fmt.Sprint("before ", i))
			c.prints(t, fmt.Sprint("before ", i), 1)
			c.say(t, command) // K asks for the relay's keys to be changed as well
			c.prints(t, "KEYUPDATE", i+1)
			c.say(t, fmt.Sprint("after ", i))
			c.prints(t, fmt.Sprint("after ", i), 1)
		}
		c.say(t, "Q")
		c.ends(t)
		require.Equal(t, "--", field(p.line(t, "msg=session"), "end"))
	}
}

// TestInteropKeysMayChangeSixteenTimesBetweenTwoPiecesOfData: crypto/tls takes a peer
// for hostile that sends more records in a row which bring it no further.
func TestInteropKeysMayChangeSixteenTimesBetweenTwoPiecesOfData(t *testing.T) {
	program(t, "openssl")
	a := newAuthority(t)
	p := launch(t, certified(t, a)...)
	c := sClient(t, a, p, "-tls1_3")
	c.prints(t, "Verify return code: 0 (ok)", 1)
	for round := range 2 {
		c.say(t, fmt.Sprint("data ", round))
		c.prints(t, fmt.Sprint("data ", round), 1)
		for i := range 16 {
			c.say(t, "K")
			c.prints(t, "KEYUPDATE", 16*round+i+1)
		}
	}
	c.say(t, "K")
	require.Contains(t, p.line(t, " err=ETLS"), "too many non-advancing records")
}

// sServer starts openssl as a server on a port of its own.
func sServer(t *testing.T, a *authority, args ...string) (server *tool, addr string) {
	cert, key := a.issue(t, "server.test")
	s := runTool(t, "openssl", append([]string{"s_server", "-accept", "127.0.0.1:0", "-cert", cert, "-key", key}, args...)...)
	s.prints(t, "ACCEPT 127.0.0.1:", 1)
	_, rest, _ := strings.Cut(s.String(), "ACCEPT ")
	addr, _, _ = strings.Cut(rest, "\n")
	return s, addr
}

// asked sends a line and waits until the server has printed it.
func (o *tool) asked(t *testing.T, c net.Conn, text string) {
	_, err := io.WriteString(c, text+"\n")
	require.NoError(t, err)
	o.prints(t, text, 1)
}

func TestInteropOpenSSLServersChangeKeys(t *testing.T) {
	program(t, "openssl")
	a := newAuthority(t)
	for _, poller := range []string{"level", "edge"} {
		s, addr := sServer(t, a, "-tls1_3")
		p := launch(t, "-to", addr, "-tls-to", "-tls-to-ca", a.file, "-tls-to-name", "server.test", "-poller", poller)
		c := p.dial(t)
		for i, command := range []string{"K", "k", "K", "k"} {
			s.asked(t, c, fmt.Sprint("question ", i))
			s.say(t, command)
			s.asked(t, c, fmt.Sprint("well, ", i)) // what is typed together would be one line to it
			s.say(t, fmt.Sprint("answer ", i))
			expect(t, c, fmt.Sprintf("answer %d\n", i))
		}
		require.NoError(t, c.CloseWrite())
		_, err := io.Copy(io.Discard, c) // it hears the goodbye, and answers with its own
		require.NoError(t, err)
		require.Equal(t, "--", field(p.line(t, "msg=session"), "end"))
	}
}

func TestInteropOpenSSLServersEchoInBothVersions(t *testing.T) {
	program(t, "openssl")
	a := newAuthority(t)
	for _, version := range []string{"-tls1_2", "-tls1_3"} {
		_, addr := sServer(t, a, version, "-rev")
		p := launch(t, "-to", addr, "-tls-to", "-tls-to-ca", a.file, "-tls-to-name", "server.test")
		for range 3 {
			c := p.dial(t)
			_, err := io.WriteString(c, "abc\n")
			require.NoError(t, err)
			expect(t, c, "cba\n")
			require.NoError(t, c.Close())
		}
	}
}

func TestInteropOpenSSLClientsResume(t *testing.T) {
	program(t, "openssl")
	a := newAuthority(t)
	p := launch(t, certified(t, a)...)
	session := filepath.Join(a.dir, "session")
	talk := func(args ...string) string {
		c := sClient(t, a, p, args...)
		c.say(t, "a line, and its echo")
		c.prints(t, "a line, and its echo", 1)
		c.say(t, "Q")
		return c.ends(t)
	}
	for version, name := range map[string]string{"-tls1_2": "TLSv1.2", "-tls1_3": "TLSv1.3"} {
		require.Contains(t, talk(version, "-sess_out", session), "New, "+name)
		require.Contains(t, talk(version, "-sess_in", session), "Reused, "+name)
	}
	require.Equal(t, 5, strings.Count(talk("-tls1_2", "-reconnect"), "Reused, TLSv1.2"))
}

func TestInteropOpenSSLSendsRecordsOfAnySize(t *testing.T) {
	program(t, "openssl")
	a := newAuthority(t)
	body := noise(1 << 20)
	for _, size := range []string{"512", "1000", "16384"} {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer ln.Close()
		p := launch(t, certified(t, a, "-to", addrOf(ln))...)
		c := sClient(t, a, p, "-quiet", "-no_ign_eof", "-nocommands", "-max_send_frag", size, "-split_send_frag", size)
		go func() {
			// What is missing is missed at the other end.
			_, _ = c.in.Write(body)
			_ = c.in.Close()
		}()
		s, err := ln.Accept()
		require.NoError(t, err)
		got, err := io.ReadAll(s)
		require.NoError(t, err)
		require.True(t, bytes.Equal(body, got), "%d bytes", len(got))
		require.NoError(t, s.Close())
		c.ends(t)
	}
}
