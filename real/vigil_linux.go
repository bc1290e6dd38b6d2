package real

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"millrace/core"
)

// Vigil is how the kernel finds out that nobody is at the other end of a connection.
// Accepted sockets inherit it from their listener, and cost no call more; one that
// connects costs two for Idle, and one for Unanswered.
type Vigil struct {
	Idle       core.Time // of silence, after which it asks; 0 = it does not
	Unanswered core.Time // for which what was sent may be; 0 = as long as the system has it
}

// The longest that Linux takes for both.
const (
	MostIdle       = 32767 * core.Second
	MostUnanswered = (1<<31 - 1) * core.Millisecond
)

// option is one socket option.
type option struct {
	level, name uintptr
	value       int32
}

// options lists what has to be set: nothing for what is not asked for.
func (v Vigil) options() (list []option) {
	if v.Idle > 0 {
		list = append(list, option{unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
			option{unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, int32((v.Idle + core.Second - 1) / core.Second)})
	}
	if v.Unanswered > 0 {
		list = append(list, option{unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int32((v.Unanswered + core.Millisecond - 1) / core.Millisecond)})
	}
	return list
}

// watch sets them. A refusal costs time, not bytes.
func (s *socket) watch() {
	for i := range s.k.vigil {
		o := &s.k.vigil[i]
		s.setsockopt(o.level, o.name, unsafe.Pointer(&o.value), unsafe.Sizeof(o.value))
	}
}

// watch sets them for whoever is accepted from now on.
func (l *Listener) watch(vigil []option) {
	for _, o := range vigil {
		// As above; and a listener that is somebody else's may be closed by now.
		_ = unix.SetsockoptInt(l.num, int(o.level), int(o.name), int(o.value))
	}
}
