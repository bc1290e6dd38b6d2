package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"millrace/traces"
)

// breakVariable makes the test binary a relay that breaks at SIGUSR1, in the way
// that its value says.
const breakVariable = "RELAY_TEST_BREAKS"

// breaks are the ways. They run on the loop of the first worker.
var breaks = map[string]func(){
	"panic": func() {
		var nobody *service
		nobody.workers = nil
	},
	"hang":  func() { select {} },
	"spin":  func() { spin() },
	"sleep": func() { sleepBehindTheScheduler() },
	"pause": func() { time.Sleep(time.Second) },
	"fatal": func() { new(sync.Mutex).Unlock() },
	"weigh": func() { weigh() }, // breaks nothing, and a lull is over soon
}

func spin() {
	for begin := time.Now(); time.Since(begin) < time.Hour; {
	}
}

// sleepBehindTheScheduler reads from a pipe that nobody writes to, in a raw call.
func sleepBehindTheScheduler() {
	var fds [2]int
	if err := unix.Pipe(fds[:]); err != nil {
		panic(err)
	}
	var b [1]byte
	// It does not return.
	_, _, _ = syscall.RawSyscall(unix.SYS_READ, uintptr(fds[0]), uintptr(unsafe.Pointer(&b)), 1)
}

// breakRelay is the command, but for what happens at SIGUSR1.
func breakRelay(how string, args []string) int {
	o, err := parse(args)
	if err == nil {
		var s *service
		if s, err = start(o, catchHangups(), os.Stdout); err == nil {
			if how == "weigh" {
				s.lull = 200 * time.Millisecond
			}
			now := make(chan os.Signal, 1)
			signal.Notify(now, syscall.SIGUSR1)
			go func() {
				for range now {
					if how == "beside" {
						s.guard(func() { panic("beside the workers") })
						return
					}
					s.workers[0].Do(breaks[how])
				}
			}()
			return s.serve(os.Stderr)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	return exitUsage
}

// breaking starts a relay that breaks in a way, and has a session end in it before.
func breaking(t *testing.T, how string, args ...string) *process {
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command("sh", append([]string{"-c", `ulimit -c 0; exec "$0" "$@"`, self, "-listen", "127.0.0.1:0"}, args...)...)
	// Whoever looks at a worker that hangs cannot be told from one that looks at it
	// at work, by the race detector.
	cmd.Env = append(os.Environ(), breakVariable+"="+how, "GORACE=exitcode=0 log_path=/dev/null")
	p := launchCmd(t, cmd)
	c := p.dial(t)
	echoed(t, c, "hello")
	require.NoError(t, c.Close())
	p.line(t, "msg=session") // the session has ended, and the worker may break
	return p
}

// saved requires that the log and the recording were written.
func (p *process) saved(t *testing.T, file, why string) {
	require.Len(t, p.find("msg=recorded"), 1)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	trace, err := traces.Parse(file, text)
	require.NoError(t, err)
	require.Greater(t, len(trace.Steps), 5)
	require.Contains(t, trace.Fail, why)
	played, err := traces.Play(trace)
	require.NoError(t, err)
	require.True(t, played.Same(), played.String())
}

func TestAPanicExitsWithThreeAndLosesNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "run.trace")
	p := breaking(t, "panic", "-record", file)
	p.signal(t, syscall.SIGUSR1)
	require.Equal(t, exitBroken, p.exit(t))
	const why = "worker 0: panic: runtime error: invalid memory address or nil pointer dereference"
	p.saved(t, file, why)
	require.Contains(t, p.line(t, "msg=broken"), why)
	require.True(t, strings.HasPrefix(p.stderr.String(), "relay: "+why+"\n\ngoroutine "), p.stderr.String())
	require.Contains(t, p.stderr.String(), "break_linux_test.go:")
}

func TestAPanicBesideTheWorkersExitsWithThreeAndLosesNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "run.trace")
	p := breaking(t, "beside", "-record", file)
	p.signal(t, syscall.SIGUSR1)
	require.Equal(t, exitBroken, p.exit(t))
	p.saved(t, file, "")
	require.Contains(t, p.stderr.String(), "relay: panic: beside the workers\n\ngoroutine ")
}

// TestAWorkerThatHangsEndsTheRelay in whichever way it hangs, and shows where.
func TestAWorkerThatHangsEndsTheRelay(t *testing.T) {
	for how, where := range map[string]string{
		"hang":  "worker 0: waits for another goroutine\n",
		"spin":  "worker 0: at work\n",
		"sleep": "worker 0: in system call " + fmt.Sprint(unix.SYS_READ) + " ",
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "run.trace")
			p := breaking(t, how, "-record", file, "-watchdog", "1s")
			p.signal(t, syscall.SIGUSR1)
			require.Equal(t, exitBroken, p.exit(t))
			p.saved(t, file, "worker 0 hangs")
			p.line(t, `msg="a worker hangs" worker=0 for=1s then=end`)
			require.Contains(t, p.stderr.String(), "relay: worker 0 hangs\n\n"+where)
			if how != "sleep" {
				require.Contains(t, p.stderr.String(), "break_linux_test.go:")
			}
		})
	}
}

func TestAHangMayBeReportedOnly(t *testing.T) {
	p := breaking(t, "pause", "-watchdog", "200ms", "-on-hang", "report")
	p.signal(t, syscall.SIGUSR1)
	p.line(t, "a worker hangs")
	p.line(t, "a worker goes on")
	c := p.dial(t)
	echoed(t, c, "still there")
	require.NoError(t, c.Close())
	require.Len(t, p.find(`msg="a worker hangs"`), 1)
	p.signal(t, syscall.SIGTERM)
	require.Equal(t, exitDrained, p.exit(t))
}

func TestAnIdleWorkerDoesNotHang(t *testing.T) {
	p := launch(t, "-watchdog", "100ms", "-workers", "2")
	time.Sleep(time.Second)
	p.signal(t, syscall.SIGSTOP)
	time.Sleep(500 * time.Millisecond)
	p.signal(t, syscall.SIGCONT)
	time.Sleep(300 * time.Millisecond)
	echoed(t, p.dial(t), "still there")
	require.Empty(t, p.find("hangs"))
}

func TestSIGQUITShowsStacksAndLosesNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "run.trace")
	p := breaking(t, "not", "-record", file)
	p.signal(t, syscall.SIGQUIT)
	require.Equal(t, exitKilled, p.exit(t))
	p.saved(t, file, "")
	require.Regexp(t, "worker 0: (waits for events|at work)\n\ngoroutine ", p.stderr.String())
}

// TestWhatNobodyCanRecoverFromAborts: it must not look like a relay that could not
// start.
func TestWhatNobodyCanRecoverFromAborts(t *testing.T) {
	p := breaking(t, "fatal")
	p.signal(t, syscall.SIGUSR1)
	p.exit(t)
	status := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	require.Equal(t, syscall.SIGABRT, status.Signal())
	require.Contains(t, p.stderr.String(), "fatal error: sync: unlock of unlocked mutex")
}
