package loopback

import (
	"golang.org/x/sys/unix"

	"millrace/core"
)

// oneshot is a core.Poller that reports a descriptor once for each Set, which no
// proxy here uses. It never sleeps.
type oneshot struct{ fd int }

// Edge implements core.Poller.
func (oneshot) Edge() bool { return false }

// Set implements core.Poller.
func (p oneshot) Set(key core.Key, old, want core.Events) core.Errno {
	op := unix.EPOLL_CTL_MOD
	switch {
	case want == 0:
		op = unix.EPOLL_CTL_DEL
	case old == 0:
		op = unix.EPOLL_CTL_ADD
	}
	return p.control(op, key, want)
}

// Add implements core.Registrar.
func (p oneshot) Add(key core.Key, want core.Events) core.Errno {
	return p.control(unix.EPOLL_CTL_ADD, key, want)
}

// Mod implements core.Registrar.
func (p oneshot) Mod(key core.Key, want core.Events) core.Errno {
	return p.control(unix.EPOLL_CTL_MOD, key, want)
}

// Del implements core.Registrar.
func (p oneshot) Del(key core.Key) core.Errno { return p.control(unix.EPOLL_CTL_DEL, key, 0) }

func (p oneshot) control(op int, key core.Key, want core.Events) core.Errno {
	ev := unix.EpollEvent{Events: uint32(want) | unix.EPOLLONESHOT, Fd: int32(key.Num()), Pad: int32(key.Gen())}
	return errno(unix.EpollCtl(p.fd, op, key.Num(), &ev))
}

// Wait implements core.Poller.
func (p oneshot) Wait(ready []core.Ready, _ core.Time) (int, core.Time, core.Errno) {
	events := make([]unix.EpollEvent, len(ready))
	n, err := unix.EpollWait(p.fd, events, 0)
	for i := range events[:max(n, 0)] {
		ready[i] = line(&events[i])
	}
	return max(n, 0), 0, errno(err)
}

// line is a line of a report in core's form.
func line(ev *unix.EpollEvent) core.Ready {
	return core.Ready{
		Key:    core.Key(uint32(ev.Pad))<<32 | core.Key(uint32(ev.Fd)),
		Events: core.Events(ev.Events),
	}
}
