package picture_test

import (
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/core"
	"millrace/properties"
	"millrace/properties/picture"
	"millrace/traces"
)

// forgetful is an echo server that does not look at what send says.
func forgetful(h core.Host) {
	poll, door := h.Poller(), h.Listener()
	poll.Set(core.Key(door.Num()), 0, core.EvIn)
	conns, ready, buf := map[core.Key]core.FD{}, make([]core.Ready, 16), make([]byte, 512)
	for {
		n, _, e := poll.Wait(ready, 0)
		if e == core.ECANCELED {
			break
		}
		for _, r := range ready[:n] {
			if fd := conns[r.Key]; fd != nil {
				n, e := fd.Recv(buf)
				if n > 0 {
					fd.Send(buf[:n], false)
				}
				if n == 0 && e != core.EAGAIN && e != core.EINTR {
					fd.Close(false)
					delete(conns, r.Key)
				}
			} else if fd, _, e := door.Accept(); e == 0 {
				conns[core.Key(fd.Num())] = fd
				poll.Set(core.Key(fd.Num()), 0, core.EvIn)
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(conns)) {
		conns[key].Close(true)
	}
	door.Close()
}

// TestThePictureInTheReadmeIsTrue: it is of a failure that was hunted for and shrunk.
func TestThePictureInTheReadmeIsTrue(t *testing.T) {
	properties.Register(&properties.Program{Name: "forgetful", Main: forgetful, Level: true, Gets: properties.Echoed})
	const name = "forgetful.trace"
	text, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	tr, err := traces.Parse(name, text)
	require.NoError(t, err)
	p := picture.Simulated(tr, name)
	require.Equal(t, "I29 peer", p.Rule)
	require.Equal(t, picture.Client, p.Events[len(p.Events)-1].From, "who got the wrong byte")
	golden(t, "forgetful.svg", printed(t, p, picture.SVG))
}
