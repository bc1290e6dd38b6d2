package simfd

import (
	"millrace/core"
	"millrace/sim"
)

// A socket has several numbers once it was duplicated: num is one that is open, others are
// the rest. Its registrations may outlive their numbers, so a watcher is told of both.

// Twin is another number of a socket. Once closed it must not be used, which is not noticed
// for as long as the socket has any number.
type Twin struct {
	*Socket
	own    int32
	parted bool // it is closed
}

var _ core.Duplicator = (*Twin)(nil)

// Num implements core.FD.
func (t *Twin) Num() int { return int(t.own) }

// Close implements core.FD.
func (t *Twin) Close(reset bool) core.Errno {
	twice := t.parted
	t.parted = true
	return t.leave(t.own, twice, reset)
}

// Dup implements core.Duplicator.
func (s *Socket) Dup() (core.FD, core.Errno) {
	s.call("dup")
	num := s.k.lowest()
	if num == none {
		return nil, core.EMFILE
	}
	s.shared = true
	s.others = append(s.others, num)
	s.k.nums[num].sock = s
	s.k.watch.Joined(int(num))
	return &Twin{Socket: s, own: num}, 0
}

// Numbers are the numbers that the socket has, of which the first is -1 if it has none.
func (s *Socket) Numbers() []int32 { return append([]int32{s.num}, s.others...) }

// Agent is who chooses for the socket.
func (s *Socket) Agent() *sim.Agent { return s.agent }

// Shared says that it was duplicated.
func (s *Socket) Shared() bool { return s.shared }

// leave gives one of a socket's numbers back, and closes it with the last. twice says that
// it was given back before.
func (s *Socket) leave(num int32, twice, reset bool) core.Errno {
	s.lingers = s.lingers || reset
	if len(s.others) == 0 {
		return s.close(s.lingers)
	}
	s.call("close")
	core.BugOn(twice, "I01", "kernel", "a number closed twice")
	s.drops(num)
	return 0
}

// drops gives one of several numbers back.
func (s *Socket) drops(num int32) {
	if s.num == num {
		s.num, s.others = s.others[0], s.others[1:]
	} else {
		for i, n := range s.others {
			if n == num {
				s.others = append(s.others[:i:i], s.others[i+1:]...)
				break
			}
		}
	}
	s.k.watch.Parted(int(num))
	s.k.free(num)
}
