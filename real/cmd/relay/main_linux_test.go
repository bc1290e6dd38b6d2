package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const patience = 30 * time.Second

// binary is the command, built once for all tests.
var binary string

// TestMain is also the relay that breaks, for tests that start this binary again.
// Such a one runs no tests, and so starts no further.
func TestMain(m *testing.M) {
	if how := os.Getenv(breakVariable); how != "" {
		os.Exit(breakRelay(how, os.Args[1:]))
	}
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "relay")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "relay")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%s%v\n", out, err)
		return 1
	}
	return m.Run()
}

// process is a running relay.
type process struct {
	cmd    *exec.Cmd
	stdout io.Closer // our end of the log
	addr   string    // what the start-up line says
	mu     sync.Mutex
	out    []string // lines of standard output so far
	stderr bytes.Buffer
	over   chan struct{}
}

// launch starts a relay on a free port of its own and waits for its start-up
// line.
func launch(t *testing.T, args ...string) *process {
	return launchCmd(t, exec.Command(binary, append([]string{"-listen", "127.0.0.1:0"}, args...)...))
}

func launchCmd(t *testing.T, cmd *exec.Cmd) *process {
	p := &process{cmd: cmd, over: make(chan struct{})}
	cmd.Stderr = &p.stderr
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, "TMPDIR="+t.TempDir()) // recordings of what breaks
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	p.stdout = out
	go p.follow(out)
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // most have ended by now
		<-p.over
	})
	p.addr = field(p.line(t, "msg=listening"), "addr")
	return p
}

// follow collects the log and then the exit status.
func (p *process) follow(out io.Reader) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		p.mu.Lock()
		p.out = append(p.out, lines.Text())
		p.mu.Unlock()
	}
	_ = p.cmd.Wait() // the tests look at the status
	close(p.over)
}

// find returns the lines that contain text.
func (p *process) find(text string) (found []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.out {
		if strings.Contains(l, text) {
			found = append(found, l)
		}
	}
	return found
}

// line waits for a line that contains text and returns the first.
func (p *process) line(t *testing.T, text string) string {
	require.Eventually(t, func() bool { return len(p.find(text)) > 0 }, patience, 5*time.Millisecond,
		"no line says %s", text)
	return p.find(text)[0]
}

// signal sends a signal.
func (p *process) signal(t *testing.T, sig os.Signal) {
	require.NoError(t, p.cmd.Process.Signal(sig))
}

// exit waits for the end and returns the exit status.
func (p *process) exit(t *testing.T) int {
	select {
	case <-p.over:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		require.FailNow(t, "the relay does not exit")
		return -1
	}
}

func (p *process) dial(t *testing.T) *net.TCPConn {
	c, err := net.DialTimeout("tcp", p.addr, patience)
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	return c.(*net.TCPConn)
}

// echoed sends text and waits for it to come back.
func echoed(t *testing.T, c net.Conn, text string) {
	_, err := io.WriteString(c, text)
	require.NoError(t, err)
	expect(t, c, text)
}

func expect(t *testing.T, c net.Conn, text string) {
	b := make([]byte, len(text))
	_, err := io.ReadFull(c, b)
	require.NoError(t, err)
	require.Equal(t, text, string(b))
}

// field returns the value of a key in a line of logfmt.
func field(line, key string) string {
	m := regexp.MustCompile(` ` + key + `=(\S+)`).FindStringSubmatch(line)
	if m == nil {
		return ""
	}
	return m[1]
}
