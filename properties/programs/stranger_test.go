package programs_test

import (
	"maps"
	"slices"
	"testing"

	"millrace/core"
	"millrace/properties"
)

// discard is an event loop: it reads what clients send, to the end, and closes.
func discard(h core.Host) {
	poll, door := h.Poller(), h.Listener()
	poll.Set(core.Key(door.Num()), 0, core.EvIn)
	conns, ready, buf := map[core.Key]core.FD{}, make([]core.Ready, 16), make([]byte, 512)
	for {
		n, _, e := poll.Wait(ready, 0)
		if e == core.ECANCELED { // the world is over
			break
		}
		for _, r := range ready[:n] {
			if fd := conns[r.Key]; fd != nil {
				if n, e := fd.Recv(buf); n == 0 && e != core.EAGAIN && e != core.EINTR {
					fd.Close(false)
					delete(conns, r.Key)
				}
			} else if r.Key.Num() == door.Num() {
				if fd, _, e := door.Accept(); e == 0 {
					conns[core.Key(fd.Num())] = fd
					poll.Set(core.Key(fd.Num()), 0, core.EvIn)
				}
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(conns)) { // the same run each time
		conns[key].Close(true)
	}
	door.Close()
}

func TestDiscard(t *testing.T) {
	properties.Check(t, &properties.Program{Name: "discard", Main: discard, Level: true})
}
