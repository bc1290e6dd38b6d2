package real

import (
	"encoding/binary"
	"syscall"

	"golang.org/x/sys/unix"

	"millrace/core"
)

// What a proxy does not do with pipes and sockets, and eventfds, which it does not have:
// they are for other event loops.

// Dup implements core.Duplicator.
func (s *socket) Dup() (core.FD, core.Errno) {
	s.to.k.calls[CallFcntl]++
	num, e := counted(unix.FcntlInt(uintptr(s.num), unix.F_DUPFD_CLOEXEC, 0))
	if e != 0 {
		return nil, e
	}
	return s.to.k.adopt(num, socket{to: s.to, side: s.side, tried: s.tried, nagle: nagleOff}), 0
}

// Ends implements core.Tube.
func (p *pipe) Ends() (r, w int) { return int(p.r), int(p.w) }

// CloseEnd implements core.Tube.
func (p *pipe) CloseEnd(write bool) {
	fd := &p.r
	if write {
		fd = &p.w
	}
	if *fd < 0 {
		return
	}
	p.k.calls[CallClose]++
	syscall.RawSyscall(unix.SYS_CLOSE, uintptr(*fd), 0, 0)
	*fd = -1
}

// Write implements core.Tube.
func (p *pipe) Write(b []byte) (int, core.Errno) {
	p.k.calls[CallWrite]++
	return counted(unix.Write(int(p.w), b))
}

// Move implements core.Tube.
func (p *pipe) Move(to core.Tube, limit int) (int, core.Errno) {
	p.k.calls[CallSplice]++
	n, err := unix.Splice(int(p.r), nil, int(to.(*pipe).w), nil, limit, unix.SPLICE_F_NONBLOCK|unix.SPLICE_F_MOVE)
	return counted(int(n), err)
}

// Tee implements core.Tube.
func (p *pipe) Tee(to core.Tube, limit int) (int, core.Errno) {
	p.k.calls[CallTee]++
	n, err := unix.Tee(int(p.r), int(to.(*pipe).w), limit, unix.SPLICE_F_NONBLOCK)
	return counted(int(n), err)
}

// counted is what a call of x/sys returned, in core's form.
func counted(n int, err error) (int, core.Errno) {
	if err != nil {
		return 0, core.Errno(err.(unix.Errno)) // it returns no other errors
	}
	return n, 0
}

// eventFD is an eventfd(2).
type eventFD struct {
	k   *Sockets
	num int
}

var _ core.Eventer = (*Sockets)(nil)

// EventFD implements core.Eventer.
func (k *Sockets) EventFD(initial uint32) (core.EventFD, core.Errno) {
	k.calls[CallEventFD]++
	num, e := counted(unix.Eventfd(uint(initial), unix.EFD_NONBLOCK|unix.EFD_CLOEXEC))
	if e != 0 {
		return nil, e
	}
	return eventFD{k, num}, 0
}

// Num implements core.EventFD.
func (e eventFD) Num() int { return e.num }

// Add implements core.EventFD.
func (e eventFD) Add(n uint64) core.Errno {
	e.k.calls[CallWrite]++
	_, errno := counted(unix.Write(e.num, binary.NativeEndian.AppendUint64(nil, n)))
	return errno
}

// Take implements core.EventFD.
func (e eventFD) Take() (uint64, core.Errno) {
	var b [8]byte
	e.k.calls[CallRead]++
	_, errno := counted(unix.Read(e.num, b[:]))
	return binary.NativeEndian.Uint64(b[:]), errno
}

// Close implements core.EventFD.
func (e eventFD) Close() core.Errno {
	e.k.calls[CallClose]++
	_, errno := counted(0, unix.Close(e.num))
	return errno
}
