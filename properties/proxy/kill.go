package proxy

import (
	"millrace/core"
	"millrace/sim"
	"millrace/streamif"
)

// Kill implements properties.Killer: every session ends at once, whatever it is about. It is cut
// short, and each of its peers who is there is reset; the log says that it was the operator; and
// everything is given back, with nothing left that is to be run.
func (w *run) Kill() {
	w.proxy.Stop()
	var unblamed []uint32
	for _, s := range w.proxy.Sessions() {
		if s.Reason() == (streamif.Reason{}) {
			unblamed = append(unblamed, s.Peer().Label)
		}
	}
	w.kills = true
	w.proxy.Kill()
	w.Mark(reachKill, len(w.killed) > 0)
	for _, who := range w.killed {
		if reset, _ := w.kernel.Slain(uint32(who.Num()), who.Kind() == sim.Front); !reset {
			w.Breach("I59", "stream", "session %d: the operator ended it, and the peer of %s is not reset", who.Num(), who)
		}
	}
	for _, label := range unblamed {
		if r := w.check.seen[label].reason; r[0] != 'K' {
			w.Breach("I97", "session", "session %d ends with %s, and it was the operator who ended it", label, r)
		}
	}
	w.Loop.Queue(func(r core.Runner, _ bool) {
		w.Breach("I54", "task", "all is over, and %v is to be run", r)
	})
	w.returned()
}

// kill takes note of whose connection is there when the operator ends it.
func (w *run) kill(num int) {
	if w.kills && w.kernel.FD(num).There() {
		w.killed = append(w.killed, w.kernel.Agent(num).Actor)
	}
}
