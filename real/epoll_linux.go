package real

import (
	"encoding/binary"
	"fmt"
	"math"
	"runtime"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"millrace/core"
)

// Epoll is a core.Poller over epoll, level- or edge-triggered. It belongs to
// the goroutine that waits on it; only Wake may be called from elsewhere.
type Epoll struct {
	fd     int
	wake   int // an eventfd in the set
	edge   bool
	busy   bool // the last wait suggests that the next finds something at once
	short  bool // it suggests that the next sleep is a short one
	now    core.Time
	alarm  core.Time // Wait returns by then, whatever its deadline; 0 = no alarm
	base   time.Time
	events []unix.EpollEvent
	calls  *Calls
	pulse  pulse
}

var _ core.Poller = (*Epoll)(nil)

// wakeGen marks the eventfd's key. The table numbers lives from 1 up.
const wakeGen = 0

// NewEpoll makes a poller that counts its calls in calls. It holds two
// descriptors until Close.
func NewEpoll(edge bool, calls *Calls) (*Epoll, error) {
	p := &Epoll{fd: -1, wake: -1, edge: edge, base: time.Now(), calls: calls}
	var err error
	if p.fd, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	if p.wake, err = unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC); err == nil {
		// Edge-triggered, so that its counter need never be read: each write
		// is reported once.
		ev := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLET, Fd: int32(p.wake), Pad: wakeGen}
		err = unix.EpollCtl(p.fd, unix.EPOLL_CTL_ADD, p.wake, &ev)
	}
	if err != nil {
		return nil, fmt.Errorf("eventfd: %w", firstError(err, p.Close()))
	}
	p.Now()
	p.pulse.rest()
	return p, nil
}

// Close gives both descriptors back. No other method may be called after it,
// nor be running.
func (p *Epoll) Close() error {
	var err error
	for _, fd := range [...]int{p.wake, p.fd} {
		if fd >= 0 {
			err = firstError(err, unix.Close(fd))
		}
	}
	p.wake, p.fd = -1, -1
	return err
}

// Num is the descriptor's number.
func (p *Epoll) Num() int { return p.fd }

// Edge says whether the poller is edge-triggered.
func (p *Epoll) Edge() bool { return p.edge }

// Now reads the clock: nanoseconds since the poller was made, plus one, because
// a core.Time of 0 means never.
func (p *Epoll) Now() core.Time {
	p.now = core.Time(time.Since(p.base)) + 1
	return p.now
}

// Wake makes the Wait that is running, or the next one, return. It may be
// called from any goroutine.
func (p *Epoll) Wake() {
	// One, in the machine's byte order. Nobody ever reads the counter, and a write
	// that it has no room for wakes nobody: with one at a time that takes longer
	// than any machine lasts.
	var one [8]byte
	binary.NativeEndian.PutUint64(one[:], 1)
	_, _ = unix.Write(p.wake, one[:])
}

// Set registers, changes or removes the wish for one descriptor. ENOMEM and
// ENOSPC are the errors to expect.
func (p *Epoll) Set(key core.Key, old, want core.Events) core.Errno {
	op := uintptr(unix.EPOLL_CTL_MOD)
	switch {
	case want == 0:
		op = unix.EPOLL_CTL_DEL
	case old == 0:
		op = unix.EPOLL_CTL_ADD
	}
	return p.control(op, key, want)
}

// Add implements core.Registrar.
func (p *Epoll) Add(key core.Key, want core.Events) core.Errno {
	return p.control(unix.EPOLL_CTL_ADD, key, want)
}

// Mod implements core.Registrar.
func (p *Epoll) Mod(key core.Key, want core.Events) core.Errno {
	return p.control(unix.EPOLL_CTL_MOD, key, want)
}

// Del implements core.Registrar.
func (p *Epoll) Del(key core.Key) core.Errno { return p.control(unix.EPOLL_CTL_DEL, key, 0) }

func (p *Epoll) control(op uintptr, key core.Key, want core.Events) core.Errno {
	ev := unix.EpollEvent{Events: uint32(want), Fd: int32(key.Num()), Pad: int32(key.Gen())}
	if p.edge {
		ev.Events |= unix.EPOLLET
	}
	p.calls[CallEpollCtl]++
	_, _, e := syscall.RawSyscall6(unix.SYS_EPOLL_CTL, uintptr(p.fd), op, uintptr(key.Num()),
		uintptr(unsafe.Pointer(&ev)), 0, 0)
	return core.Errno(e)
}

// Wait looks for events, first without sleeping if that is likely to find some,
// and sleeps if there are none and the deadline allows. The clock is read once,
// after that; the sleep is measured from the reading before, and so can only be
// too long, by what the round in between took.
func (p *Epoll) Wait(ready []core.Ready, deadline core.Time) (int, core.Time, core.Errno) {
	p.pulse.beat()
	if len(p.events) < len(ready) {
		p.events = make([]unix.EpollEvent, len(ready))
	}
	ms := p.timeout(core.First(deadline, p.alarm))
	n, e := 0, core.Errno(0)
	if ms == 0 || p.busy {
		n, e = p.ask(len(ready), 0)
		p.busy = n > 0
	}
	from, slept := p.now, false
	if n == 0 && e == 0 && ms != 0 {
		n, e = p.rest(len(ready), ms)
		// One event after a sleep is a peer's next message: another look
		// before the next sleep would be wasted. Several at once are load.
		slept, p.busy = true, n > 1
	}
	filled := 0
	for i := range p.events[:n] {
		ev := &p.events[i]
		if ev.Pad == wakeGen && int(ev.Fd) == p.wake {
			continue
		}
		ready[filled] = core.Ready{
			Key:    core.Key(uint32(ev.Pad))<<32 | core.Key(uint32(ev.Fd)),
			Events: core.Events(ev.Events),
		}
		filled++
	}
	if p.Now(); slept {
		p.short = n > 0 && p.now-from <= brief*core.Millisecond
	}
	return filled, p.now, e
}

// rest dozes, if the last sleep was short, and sleeps for what is left.
func (p *Epoll) rest(limit, ms int) (int, core.Errno) {
	if !p.short {
		return p.sleep(limit, ms)
	}
	most := nap()
	n, e := p.doze(limit, min(uint(ms), most)) // -1, for ever, is more than a nap
	if n > 0 || e != 0 || uint(ms) <= most {
		return n, e
	}
	return p.sleep(limit, max(-1, ms-int(most)))
}

// timeout converts a deadline to epoll's milliseconds, rounded up so that the
// loop does not wake just before a timer and find nothing to do; -1 is for ever.
func (p *Epoll) timeout(deadline core.Time) int {
	switch {
	case deadline == 0:
		return -1
	case deadline <= p.now:
		return 0
	}
	return int(min((deadline-p.now+core.Millisecond-1)/core.Millisecond, math.MaxInt32))
}

// ask asks, and sleeps for so long at most, which the scheduler is not told.
func (p *Epoll) ask(limit, ms int) (int, core.Errno) {
	p.calls[CallEpollWait]++
	n, _, e := syscall.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.fd),
		uintptr(unsafe.Pointer(unsafe.SliceData(p.events))), uintptr(limit), uintptr(ms), 0, 0)
	return count(n, e)
}

// doze sleeps for a moment, which the scheduler need not know of: between two messages of
// peers that answer at once its books cost more than the call, and its monitor, which
// looks at every processor that sleeps in a call it knows of, more than they.
//
// A thread in a raw call counts as running Go code. Whoever stops the world, the garbage
// collector for one, signals it, which ends the call with EINTR, and waits until it says that
// it has stopped: so it must not go straight back to sleep. The scheduler's monitor ends a doze
// in the same way when it takes more than some 10 ms. How long it may take see nap.
func (p *Epoll) doze(limit int, ms uint) (int, core.Errno) {
	p.pulse.rest()
	n, e := p.ask(limit, int(ms))
	p.pulse.beat()
	if e == core.EINTR {
		runtime.Gosched()
	}
	return n, e
}

// sleep asks and sleeps for as long as it takes. Told of the call, the scheduler takes the
// processor away meanwhile and needs nothing from this thread.
func (p *Epoll) sleep(limit, ms int) (int, core.Errno) {
	p.calls[CallEpollWait]++
	p.pulse.rest()
	n, _, e := syscall.Syscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.fd),
		uintptr(unsafe.Pointer(unsafe.SliceData(p.events))), uintptr(limit), uintptr(ms), 0, 0)
	p.pulse.beat()
	return count(n, e)
}

// count turns a system call's result into core's form: no count with an error.
func count(n uintptr, e syscall.Errno) (int, core.Errno) {
	if e != 0 {
		return 0, core.Errno(e)
	}
	return int(n), 0
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
