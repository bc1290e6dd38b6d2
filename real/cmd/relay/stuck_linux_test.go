package main

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// deaf starts a relay whose log nobody reads once it has said its address: the
// pipe is full. errors says that its standard error goes there too.
func deaf(t *testing.T, errors bool, args ...string) (p *process, log *bufio.Reader) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() { r.Close() })
	fd := w.Fd() // once: each call makes it a blocking one
	_, err = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, 4096)
	require.NoError(t, err)
	cmd := exec.Command(binary, append([]string{"-listen", "127.0.0.1:0"}, args...)...)
	p = &process{cmd: cmd, over: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = w, &p.stderr
	if errors {
		cmd.Stderr = w
	}
	require.NoError(t, cmd.Start())
	go func() {
		_ = cmd.Wait() // the tests look at the status
		close(p.over)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // most have ended by now
		<-p.over
	})
	log = bufio.NewReader(r)
	for p.addr == "" {
		line, err := log.ReadString('\n')
		require.NoError(t, err)
		p.addr = field(line, "addr")
	}
	_, err = unix.FcntlInt(fd, unix.F_SETFL, unix.O_NONBLOCK)
	require.NoError(t, err)
	for err == nil {
		_, err = unix.Write(int(fd), []byte("x")) // what somebody else says, on the same pipe
	}
	require.ErrorIs(t, err, syscall.EAGAIN)
	_, err = unix.FcntlInt(fd, unix.F_SETFL, 0)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return p, log
}

// soon is when what must not wait for a log has happened, on a machine that is
// busy with other work.
const soon = 10 * time.Second

// endsSoon returns the exit status, which must be there soon.
func (p *process) endsSoon(t *testing.T) int {
	select {
	case <-p.over:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(soon):
		require.FailNow(t, "the relay does not exit")
		return -1
	}
}

func TestSignalsDoNotWaitForALogThatNobodyReads(t *testing.T) {
	a := newAuthority(t)
	cert, key := a.issue(t, "one.test")
	for _, tls := range [][]string{{"-tls-cert", cert, "-tls-key", key}} {
		p, _ := deaf(t, true, tls...)
		for range 3 {
			p.signal(t, syscall.SIGHUP)
			time.Sleep(20 * time.Millisecond)
		}
		p.signal(t, syscall.SIGTERM)
		require.Equal(t, exitDrained, p.endsSoon(t))
	}
}

func TestADrainDoesNotWaitForALogThatNobodyReads(t *testing.T) {
	p, _ := deaf(t, false)
	c := p.dial(t)
	echoed(t, c, "before")
	p.signal(t, syscall.SIGTERM)
	require.Eventually(t, func() bool {
		extra, err := net.Dial("tcp", p.addr)
		if err == nil {
			extra.Close()
		}
		return err != nil
	}, soon, 5*time.Millisecond, "it still listens")
	time.Sleep(1200 * time.Millisecond) // not the same order any more
	p.signal(t, syscall.SIGTERM)
	require.Equal(t, exitKilled, p.endsSoon(t))
}

func TestWhatALogLostIsToldOnceItIsReadAgain(t *testing.T) {
	p, log := deaf(t, false, "-client-timeout", "1m")
	for range 5000 { // more than the queue has room for
		c, err := net.Dial("tcp", p.addr)
		require.NoError(t, err)
		require.NoError(t, c.(*net.TCPConn).SetLinger(0))
		require.NoError(t, c.Close())
	}
	time.Sleep(300 * time.Millisecond)
	lost := make(chan string, 1)
	go func() {
		for {
			line, err := log.ReadString('\n')
			if err != nil {
				return
			}
			if strings.Contains(line, "log lines lost") {
				lost <- line
			}
		}
	}()
	select {
	case line := <-lost:
		require.Contains(t, line, " worker=0 lines=")
	case <-time.After(soon):
		require.FailNow(t, "nothing is told")
	}
	p.signal(t, syscall.SIGTERM)
	require.Equal(t, exitDrained, p.endsSoon(t))
}

// TestAnErrorThatNobodyReadsDelaysTheExitOnly: standard error is a log too.
func TestAnErrorThatNobodyReadsDelaysTheExitOnly(t *testing.T) {
	r, w := io.Pipe()
	defer r.Close()
	over := make(chan int, 1)
	go func() { over <- run([]string{"-poller", "x"}, io.Discard, w) }()
	select {
	case status := <-over:
		require.Equal(t, exitUsage, status)
	case <-time.After(soon):
		require.FailNow(t, "it waits for ever")
	}
}
