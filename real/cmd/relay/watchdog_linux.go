package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"millrace/real"
)

// hang is a worker that has made no round for too long.
type hang struct{ worker int }

// looks is how often the watchdog looks at the workers in the time that it allows
// them.
const looks = 20

// guarded is what the watchdog knows of a worker.
type guarded struct {
	pulse uint64
	quiet int  // looks since that changed
	told  bool // the worker hangs, and it was said
}

// watch tells of workers that hang. It counts its own looks and not the time: a
// process that is stopped for a while makes none, and does not hang.
func (s *service) watch() {
	all := make([]guarded, len(s.workers))
	for range time.Tick(time.Duration(s.opt.watchdog) / looks) {
		for i, w := range s.workers {
			switch hangs, back := all[i].look(w); {
			case hangs:
				s.hung <- hang{i}
			case back:
				s.say.Warn("a worker goes on", "worker", i)
			}
		}
	}
}

// look takes a worker's pulse. hangs says that it has been silent for too long
// just now, back that it goes on after that.
func (g *guarded) look(w *real.Worker) (hangs, back bool) {
	n, waits := w.Pulse()
	if waits || n != g.pulse {
		back = g.told
		*g = guarded{pulse: n}
		return false, back
	}
	g.quiet++
	hangs = g.quiet >= looks && !g.told
	g.told = g.told || hangs
	return hangs, false
}

// report says that a worker hangs, and where.
func (s *service) report(stderr io.Writer, h hang) {
	s.say.Error("a worker hangs", "worker", h.worker, "for", time.Duration(s.opt.watchdog).String(), "then", s.opt.onHang)
	complain(stderr, fmt.Errorf("worker %d hangs\n\n%s", h.worker, s.stacks()))
}

// stacks says where all workers and all goroutines are, as far as it is safe to
// ask.
func (s *service) stacks() []byte {
	var text bytes.Buffer
	safe := true
	for i, w := range s.workers {
		where, ok := inKernel(w.Thread())
		fmt.Fprintf(&text, "worker %d: %s\n", i, where)
		safe = safe && ok
	}
	if !safe {
		text.WriteString("goroutines cannot be shown: a thread that sleeps in a system call behind the scheduler's back cannot be stopped\n")
		return text.Bytes()
	}
	b := make([]byte, 1<<20)
	text.WriteByte('\n')
	text.Write(b[:runtime.Stack(b, true)])
	return text.Bytes()
}

// Who waits for a lock does so for good. Whose goroutine is only not its turn, on a busy
// machine, is seen to sleep in the same call, but not every time.
const (
	mostLooks = 20
	lookAgain = 2 * time.Millisecond
)

// inKernel says which system call a thread is in, and whether the Go runtime can
// stop it: to show stacks it stops all threads, and it waits for one that is in a
// raw system call until that returns.
func inKernel(thread int) (where string, safe bool) {
	if thread == 0 {
		return "does not run", true
	}
	read := func(file string) string {
		text, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/%s", thread, file))
		if err != nil {
			return "unknown"
		}
		return strings.TrimSpace(string(text))
	}
	call, number := "", fmt.Sprint(unix.SYS_FUTEX)
	for look := 0; look < mostLooks && number == fmt.Sprint(unix.SYS_FUTEX); look++ {
		time.Sleep(time.Duration(min(look, 1)) * lookAgain)
		call = read("syscall")
		number, _, _ = strings.Cut(call, " ")
	}
	switch number {
	case "running":
		return "at work", true
	case fmt.Sprint(unix.SYS_FUTEX):
		return "waits for another goroutine", true
	case fmt.Sprint(unix.SYS_EPOLL_PWAIT):
		return "waits for events", true
	}
	return fmt.Sprintf("in system call %s, asleep in %s", call, read("wchan")), false
}
