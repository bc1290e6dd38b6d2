package proxy

import (
	"millrace/core"
	"millrace/streamif"
)

// ending is one end of a session that the operator is about to end.
type ending struct {
	label uint32
	front bool
}

// Kill implements properties.Killer: every session ends at once, whatever it is about. It is cut
// short, and each of its peers who is there is reset; the log says that it was the operator; and
// everything is given back, with nothing left that is to be run.
func (w *run) Kill() {
	w.proxy.Stop()
	var ends []ending
	unblamed := map[uint32]bool{}
	for _, s := range w.proxy.Sessions() {
		label := s.Peer().Label
		unblamed[label] = s.Reason() == streamif.Reason{}
		for _, front := range [...]bool{true, false} {
			conn := s.Back().Conn()
			if front {
				conn = s.Front().Conn()
			}
			if conn.Open() && w.kernel.FD(conn.Desc().Num()).There() {
				ends = append(ends, ending{label, front})
			}
		}
	}
	w.Mark(reachKill, len(ends) > 0)
	w.kills = true
	w.proxy.Kill()
	for _, e := range ends {
		if reset, _ := w.kernel.Slain(e.label, e.front); !reset {
			w.Breach("I59", "stream", "session %d: the operator ended it, and one of its peers is not reset (the client: %v)", e.label, e.front)
		}
		if r := w.check.seen[e.label].reason; unblamed[e.label] && r[0] != 'K' {
			w.Breach("I97", "session", "session %d ends with %s, and it was the operator who ended it", e.label, r)
		}
	}
	w.Loop.Queue(func(r core.Runner, _ bool) {
		w.Breach("I54", "task", "all is over, and %v is to be run", r)
	})
	w.returned()
}
