package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var torture = flag.Bool("torture", false, "let each system call fail once, with strace, which must be installed")

// failures are the calls of a session, and what Linux may answer to each.
var failures = []struct {
	call   string
	errnos string
}{
	{"accept4", "EMFILE ENOMEM ECONNABORTED EINTR"},
	{"socket", "EMFILE ENOBUFS"},
	{"connect", "ENETUNREACH ECONNREFUSED"},
	{"recvfrom", "ENOMEM ENOBUFS EINTR ECONNRESET"},
	{"sendto", "ENOMEM ENOBUFS EINTR ECONNRESET"},
	{"splice", "EINVAL ENOMEM EPERM EIO EINTR"},
	{"shutdown", "ENOTCONN"},
	{"epoll_ctl", "ENOMEM"},
	{"epoll_pwait", "EINTR"},
}

// deepest is how far into three sessions a call is made to fail.
const deepest = 6

// TestEverySystemCallMayFailOnce: whichever it is costs at most its own session, which
// ends; the others are served, and the relay drains and exits as ever.
func TestEverySystemCallMayFailOnce(t *testing.T) {
	if !*torture {
		t.Skip("takes a minute, and strace; ask for it with -torture")
	}
	strace, err := exec.LookPath("strace")
	require.NoError(t, err)
	server := echoServer(t)
	for _, f := range failures {
		for errno := range strings.FieldsSeq(f.errnos) {
			t.Run(f.call+"/"+errno, func(t *testing.T) {
				struck := 0
				for n := 1; n <= deepest; n++ {
					struck += tormented(t, strace, server, fmt.Sprintf("inject=%s:error=%s:when=%d", f.call, errno, n))
				}
				require.Positive(t, struck, "the call was never made")
			})
		}
	}
}

// tormented runs three sessions in a relay in which one call fails, and returns 1 if it
// was made at all.
func tormented(t *testing.T, strace, server, inject string) int {
	p := launch(t, "-to", server, "-splice", "on", "-retries", "1", "-client-timeout", "2s", "-server-timeout", "2s", "-connect-timeout", "1s")
	log := filepath.Join(t.TempDir(), "strace")
	tracer := exec.Command(strace, "-f", "-qq", "-o", log, "-e", "trace="+strings.Split(inject[len("inject="):], ":")[0], "-e", inject, "-p", fmt.Sprint(p.cmd.Process.Pid))
	require.NoError(t, tracer.Start())
	require.Eventually(t, func() bool {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
		return err == nil && !strings.Contains(string(status), "TracerPid:\t0\n")
	}, patience, 2*time.Millisecond)
	whole := 0
	for range 3 {
		whole += session(t, p)
	}
	require.GreaterOrEqual(t, whole, 2, "%s: %s", inject, strings.Join(p.find("msg="), "\n"))
	p.signal(t, syscall.SIGTERM)
	require.Contains(t, []int{exitDrained, exitKilled}, p.exit(t), "%s: %s", inject, &p.stderr)
	require.Empty(t, p.stderr.String(), inject)
	_ = tracer.Wait() // it ends with whom it traces
	text, err := os.ReadFile(log)
	require.NoError(t, err)
	return min(1, bytes.Count(text, []byte("(INJECTED)")))
}

// session sends bulk to a server that echoes and returns 1 if all of it came back, in
// front of the end. No wrong byte ever does, and something ends it in time.
func session(t *testing.T, p *process) int {
	c, err := net.DialTimeout("tcp", p.addr, patience)
	if err != nil {
		return 0
	}
	defer c.Close()
	begin := time.Now()
	require.NoError(t, c.SetDeadline(begin.Add(patience)))
	sent := bytes.Repeat([]byte("0123456789abcdef"), 4096)
	go func() {
		if _, err := c.Write(sent); err == nil {
			_ = c.(*net.TCPConn).CloseWrite() // what came back says whether it worked
		}
	}()
	got, err := io.ReadAll(c)
	require.Less(t, time.Since(begin), patience/2, "a session without an end")
	require.True(t, bytes.HasPrefix(sent, got), "a wrong byte")
	if err != nil {
		return 0
	}
	require.True(t, len(got) == len(sent) || len(got) == 0, "an end of stream behind %d of %d bytes", len(got), len(sent))
	return len(got) / len(sent)
}

// echoServer sends back what it gets until its end.
func echoServer(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c) // the client looks at what came back
			}()
		}
	}()
	return l.Addr().String()
}
