package programs

import (
	"slices"

	"millrace/core"
	"millrace/properties"
	"millrace/sim"
)

// Echo sends back what comes, to the end of it.
var Echo = properties.Register(&properties.Program{
	Name: "echo", Workers: 3, Main: echo, Gets: properties.Echoed, Level: true,
	Meets:   func(op sim.Op) bool { return properties.Lacks(op) || properties.ServerMeets(op) },
	Replays: "go run ./properties/cmd/echo replay", Hunts: "go run ./properties/cmd/echo soak",
	Code: "millrace/properties/programs.Echo",
})

// client is one connection of the echo server: what came and has not gone back. The
// listener is one from which nothing is read.
type client struct {
	core.FD
	key  core.Key
	held []byte
	end  bool        // nothing more will come
	told core.Events // to the poller
}

// echo is an event loop as one writes it, with one buffer for each connection.
func echo(h core.Host) {
	poll, lst := h.Poller(), h.Listener()
	door := &client{key: core.Key(lst.Num())}
	clients := []*client{door}
	ready := make([]core.Ready, 16)
	lives := core.Key(0)
	for {
		deadline := core.Time(0)
		for _, c := range clients {
			if !c.watch(poll) { // for lack of memory: nobody says when there is some
				deadline = h.Now() + 10*core.Millisecond
			}
		}
		n, _, e := poll.Wait(ready, deadline)
		if e == core.ECANCELED {
			break
		}
		for _, r := range ready[:n] {
			i := slices.IndexFunc(clients, func(c *client) bool { return c.key == r.Key })
			switch {
			case i == 0:
				if fd, _, e := lst.Accept(); e == 0 {
					lives++
					clients = append(clients, &client{FD: fd, key: lives<<32 | core.Key(fd.Num())})
				}
			case i > 0 && !clients[i].serve():
				clients[i].Close(false)
				clients = slices.Delete(clients, i, i+1)
			}
		}
	}
	for _, c := range clients[1:] {
		c.Close(true)
	}
	lst.Close()
}

// room is how much is held of a connection at most.
const room = 4096

// serve does what can be done, and says whether anything is left to do.
func (c *client) serve() bool {
	var buf [room]byte
	for len(c.held) < room { // a read of nothing would look like the end
		switch n, e := c.Recv(buf[:room-len(c.held)]); {
		case e == core.EINTR:
			continue
		case e == core.EAGAIN, e == core.ENOMEM, e == core.ENOBUFS:
		case e != 0:
			return false
		default:
			c.end = n == 0
			c.held = append(c.held, buf[:n]...)
		}
		break
	}
	for len(c.held) > 0 {
		n, e := c.Send(c.held, false)
		if e == core.EAGAIN || e == core.ENOMEM || e == core.ENOBUFS {
			break
		} else if e != 0 && e != core.EINTR {
			return false
		}
		c.held = append(c.held[:0], c.held[n:]...)
	}
	return !c.end || len(c.held) > 0
}

// watch tells the poller what to wait for, and says whether it listened. A descriptor
// that nothing is to be read from any more is not reported for that.
func (c *client) watch(poll core.Poller) bool {
	var want core.Events
	if !c.end && len(c.held) < room {
		want |= core.EvIn
	}
	if len(c.held) > 0 {
		want |= core.EvOut
	}
	if want != c.told {
		if poll.Set(c.key, c.told, want) != 0 {
			return false
		}
		c.told = want
	}
	return true
}
