package loopback

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"millrace/core"
	"millrace/core/kerneltest"
	"millrace/real"
)

// sleeper is a poller that a thread may sleep in beside the one of the script. Whether it
// does is what the kernel says of it: a thread that was woken is never said to sleep, even
// if it did not run yet.
type sleeper struct {
	*real.Epoll
	thread int // 0 if nobody sleeps
	woken  chan []core.Ready
}

var _ kerneltest.Sleeper = (*sleeper)(nil)

// Sleep implements kerneltest.Sleeper.
func (s *sleeper) Sleep() {
	if s.thread != 0 {
		return
	}
	thread := make(chan int)
	s.woken = make(chan []core.Ready, 1)
	go sleep(s.Num(), thread, s.woken)
	s.thread = <-thread
	s.settled()
}

// sleep waits once, and says by which thread and what for.
func sleep(epoll int, thread chan<- int, woken chan<- []core.Ready) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	thread <- unix.Gettid()
	var events [kerneltest.MaxLines]unix.EpollEvent
	n, err := unix.EpollWait(epoll, events[:], -1)
	for errors.Is(err, unix.EINTR) {
		n, err = unix.EpollWait(epoll, events[:], -1)
	}
	ready := make([]core.Ready, max(n, 0))
	for i := range ready {
		ready[i] = line(&events[i])
	}
	woken <- ready
}

// settled waits until the thread sleeps, or has something to tell, and says which.
func (s *sleeper) settled() (sleeps bool) {
	if s.thread == 0 {
		return false
	}
	for limit := time.Now().Add(time.Second); time.Now().Before(limit) && len(s.woken) == 0; {
		if s.asleep() {
			return true
		}
		runtime.Gosched()
	}
	return len(s.woken) == 0
}

// asleep says that the thread sleeps in its wait, and nothing has woken it. That it is in the
// call is not enough: one that was woken, and whose processor has not heard of that yet, is said
// to be in it too, but not to sleep.
func (s *sleeper) asleep() bool {
	return strings.Contains(s.says("stat"), ") S ") && strings.HasPrefix(s.says("syscall"), fmt.Sprintf("%d ", unix.SYS_EPOLL_PWAIT))
}

// says is what the kernel says of the thread, nothing if it is gone.
func (s *sleeper) says(file string) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/%s", s.thread, file))
	if err != nil {
		return ""
	}
	return string(text)
}

// Woken implements kerneltest.Sleeper.
func (s *sleeper) Woken() ([]core.Ready, bool) {
	if s.thread == 0 || s.settled() {
		return nil, false
	}
	s.thread = 0
	return <-s.woken, true
}

// Add implements core.Registrar: what is ready wakes at once, and Mod and Set may too.
func (s *sleeper) Add(key core.Key, want core.Events) core.Errno {
	defer s.settled()
	return s.Epoll.Add(key, want)
}

// Mod implements core.Registrar.
func (s *sleeper) Mod(key core.Key, want core.Events) core.Errno {
	defer s.settled()
	return s.Epoll.Mod(key, want)
}

// Set implements core.Poller.
func (s *sleeper) Set(key core.Key, old, want core.Events) core.Errno {
	defer s.settled()
	return s.Epoll.Set(key, old, want)
}

// end wakes who sleeps.
func (s *sleeper) end() {
	if s.thread != 0 {
		s.Wake()
		<-s.woken
	}
}
