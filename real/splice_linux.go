package real

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"millrace/core"
)

// pipeSize is how much room is asked for. A pipe counts pages, and with its
// default of 16 each splice moves little: relaying bulk costs 1.6 times as much.
// What an unprivileged user may have in all is limited, so a refusal is normal.
const pipeSize = 1 << 20

// pipe is a pipe of the kernel's, non-blocking at both ends.
type pipe struct {
	k    *Sockets
	r, w int32 // -1 once closed
}

var (
	_ core.Plumber = (*Sockets)(nil)
	_ core.Tube    = (*pipe)(nil)
)

// Pipe makes a pipe. Pipes are few and used again, so this may allocate.
func (k *Sockets) Pipe() (core.Pipe, core.Errno) {
	if !k.budget.allowsPipe(k) {
		return nil, core.EMFILE
	}
	var fds [2]int32
	k.calls[CallPipe]++
	if _, _, e := syscall.RawSyscall(unix.SYS_PIPE2, uintptr(unsafe.Pointer(&fds)),
		unix.O_NONBLOCK|unix.O_CLOEXEC, 0); e != 0 {
		return nil, core.Errno(e)
	}
	k.calls[CallFcntl]++
	// Refused, the pipe has 64 KiB, which will do.
	syscall.RawSyscall(unix.SYS_FCNTL, uintptr(fds[1]), unix.F_SETPIPE_SZ, pipeSize)
	k.pipes++
	return &pipe{k, fds[0], fds[1]}, 0
}

// Read takes bytes out of the pipe.
func (p *pipe) Read(b []byte) (int, core.Errno) {
	p.k.calls[CallRead]++
	r, _, e := syscall.RawSyscall(unix.SYS_READ, uintptr(p.r), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	return count(r, e)
}

// Close gives back what is open of the pipe.
func (p *pipe) Close() {
	p.CloseEnd(false)
	p.CloseEnd(true)
	p.k.pipes--
}

// SpliceIn moves bytes from the socket into the pipe.
func (s *socket) SpliceIn(to core.Pipe, limit int) (int, core.Errno) {
	n, e := s.splice(s.num, to.(*pipe).w, limit, 0)
	s.to.k.received[s.side] += uint64(n)
	s.to.k.spliced += uint64(n)
	return n, e
}

// SpliceOut moves bytes from the pipe to the socket.
func (s *socket) SpliceOut(from core.Pipe, n int, more bool) (int, core.Errno) {
	if s.nagle == nagleOn {
		s.noDelay()
	}
	flags := uintptr(0)
	if more {
		flags = unix.SPLICE_F_MORE
	}
	n, e := s.splice(from.(*pipe).r, s.num, n, flags)
	s.to.k.sent[s.side] += uint64(n)
	if n > 0 && s.nagle == nagleFirst {
		s.nagle = nagleOn
	}
	return n, e
}

func (s *socket) splice(from, to int32, n int, flags uintptr) (int, core.Errno) {
	s.to.k.calls[CallSplice]++
	r, _, e := syscall.RawSyscall6(unix.SYS_SPLICE, uintptr(from), 0, uintptr(to), 0, uintptr(n),
		flags|unix.SPLICE_F_NONBLOCK|unix.SPLICE_F_MOVE)
	return count(r, e)
}
