package main

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// echoOn serves echo on a listener until that is closed.
func echoOn(ln net.Listener) {
	for {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		go func() {
			_, _ = io.Copy(c, c) // it ends as the client does
			c.Close()
		}()
	}
}

// TestADeadServerOfTwoIsLeftAndTakenBack: its sessions go to the other one at once, the
// next ones begin there, and when it is back one of them finds that out.
func TestADeadServerOfTwoIsLeftAndTakenBack(t *testing.T) {
	alive, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer alive.Close()
	go echoOn(alive)
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	name := addrOf(dead)
	require.NoError(t, dead.Close())

	p := launch(t, "-to", name+","+addrOf(alive), "-stats", "127.0.0.1:0", "-workers", "1")
	url := "http://" + field(p.line(t, "msg=listening"), "stats") + "/metrics"
	session := func() {
		c := p.dial(t)
		echoed(t, c, "hello")
		require.NoError(t, c.Close())
	}
	begin := time.Now()
	for range 30 {
		session()
	}
	// A pause between two attempts is a second: with one for every second session it
	// would be fifteen, and the three retries of old made it forty-five.
	require.Less(t, time.Since(begin), 10*time.Second)
	down := p.line(t, `msg="server down"`)
	require.Equal(t, name, field(down, "server"))
	require.Equal(t, "ECONNREFUSED", field(down, "why"))
	require.Eventually(t, func() bool {
		text := get(t, url)
		return strings.Contains(text, `relay_server_up{server="`+name+`",worker="0"} 0`) &&
			strings.Contains(text, `relay_server_up{server="`+addrOf(alive)+`",worker="0"} 1`) &&
			strings.Contains(text, `relay_server_connect_seconds_count{server="`+addrOf(alive)+`",worker="0"} 30`)
	}, patience, 50*time.Millisecond)

	back, err := net.Listen("tcp", name)
	require.NoError(t, err)
	defer back.Close()
	go echoOn(back)
	require.Eventually(t, func() bool {
		session()
		return len(p.find(`msg="server up"`)) > 0
	}, 2*patience, 100*time.Millisecond)
	require.Len(t, p.find(`msg="server up"`), 1)
}
