package real

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"millrace/core"
	"millrace/streamif"
)

// The relay's vigil is its listeners', from which accepted sockets inherit it: they cost no
// call more. A socket that connects costs one for each of its options, of which keepalive
// has four; that is saved where no server is silent for so long that it would be asked.
//
// Keepalive is on unless the relay is told otherwise, since a connection that is idle and
// whose peer has vanished is never noticed by anybody else if timeouts are hours, or none;
// with shorter ones no question is ever asked. What is sent and not acknowledged is noticed
// in any case, after a quarter of an hour at most. TCP_USER_TIMEOUT would make that less,
// but it also ends who is there and lets nothing in (TestHowAVigilEndsOnLinux), and how long
// that may last is said by the timeouts; and it would count instead of the number of
// questions. So it is off.

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
func options(v core.Vigil) (list []option) {
	set := func(level, name uintptr, value core.Time) { list = append(list, option{level, name, int32(value)}) }
	if v.Idle > 0 {
		set(unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1)
		set(unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, (v.Idle+core.Second-1)/core.Second)
		if v.Interval > 0 {
			set(unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, (v.Interval+core.Second-1)/core.Second)
		}
		if v.Count > 0 {
			set(unix.IPPROTO_TCP, unix.TCP_KEEPCNT, core.Time(v.Count))
		}
	}
	if v.Unanswered > 0 {
		set(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, (v.Unanswered+core.Millisecond-1)/core.Millisecond)
	}
	return list
}

var _ core.Vigilant = (*socket)(nil)

// Watch implements core.Vigilant, for who has one socket to be told something else.
func (s *socket) Watch(v core.Vigil) core.Errno { return s.set(options(v)) }

// set sets options, up to one that is refused.
func (s *socket) set(list []option) core.Errno {
	for i := range list {
		o := &list[i]
		if e := s.setsockopt(o.level, o.name, unsafe.Pointer(&o.value), unsafe.Sizeof(o.value)); e != 0 {
			return e
		}
	}
	return 0
}

// beyond is a vigil over servers, without the questions that the timeouts always forestall.
func beyond(cfg *streamif.Config, v core.Vigil) core.Vigil {
	if cfg.ServerTimeout != 0 && max(cfg.ServerTimeout, cfg.ServerFin) <= v.Idle {
		v.Idle = 0
	}
	return v
}

// watch has accepted sockets inherit a vigil from now on. What is refused costs time, not bytes;
// and a listener that is somebody else's may be closed by now.
func (l *Listener) watch(vigil []option) {
	for _, o := range vigil {
		_ = unix.SetsockoptInt(l.num, int(o.level), int(o.name), int(o.value))
	}
}
