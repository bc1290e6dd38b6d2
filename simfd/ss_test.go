package simfd

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/core"
	"millrace/sim"
)

// idle is a network and a poller that nothing reaches.
type idle struct{}

func (idle) Served(uint32, *Socket) Peer { return idle{} }
func (idle) Ready()                      {}
func (idle) Changed(int, core.Events)    {}
func (idle) Parted(int)                  {}
func (idle) Joined(int)                  {}
func (idle) Closed(int)                  {}

// TestSocketsAreListedInLinuxsWords: one connection through all of its life.
func TestSocketsAreListedInLinuxsWords(t *testing.T) {
	var w sim.World
	var k Kernel
	w.Reset(sim.Benign{})
	link := sim.Link{Segment: 100, SndBuf: 100, RcvBuf: 100, Latency: 1000}
	k.Reset(&w, Params{Files: 9, Front: link, Back: link, Queue: 5}, idle{}, idle{})
	k.Listen()
	run := func() {
		for w.Step() {
		}
	}
	var seen []string
	look := func() {
		var b strings.Builder
		require.NoError(t, k.Sockets(&b))
		for _, line := range strings.Split(strings.TrimSpace(b.String()), "\n")[2:] {
			seen = append(seen, strings.Join(strings.Fields(line), " "))
		}
	}
	fd, e := k.Socket(0, 0)
	require.Zero(t, e)
	s := fd.(*Socket)
	look()
	s.Connect()
	look()
	run()
	s.Send(make([]byte, 7), false)
	look()
	run()
	s.other.Send(make([]byte, 3), false)
	run()
	look()
	s.ShutW()
	look()
	run()
	look()
	s.other.ShutW()
	run()
	look()
	require.Equal(t, []string{
		"b0 1 UNCONN 0 0", "b0 1 SYN-SENT 0 0", "b0 1 ESTAB 0 7", "b0 1 ESTAB 3 0",
		"b0 1 FIN-WAIT-1 3 1", "b0 1 FIN-WAIT-2 3 0", "b0 1 TIME-WAIT 3 0",
	}, seen)
}
