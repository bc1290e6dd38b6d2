package main

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// from connects to the relay from an address of this machine's.
// A connection that is reset before anybody looks at it may end in an error at once.
func (p *process) from(t *testing.T, ip string) (net.Conn, error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}, Timeout: patience}
	c, err := d.Dial("tcp", p.addr)
	if err == nil {
		t.Cleanup(func() { c.Close() })
	}
	return c, err
}

// TestOneClientCannotLockOutAnother: who has his share is reset, and who has less is
// served, also when the one with more tries again and again.
func TestOneClientCannotLockOutAnother(t *testing.T) {
	p := launch(t, "-maxconn", "20", "-maxconn-per-client", "10", "-stats", "127.0.0.1:0")
	url := "http://" + field(p.line(t, "msg=listening"), "stats") + "/metrics"
	var held []net.Conn
	for range 40 {
		if c, err := p.from(t, "127.0.0.2"); err == nil {
			held = append(held, c)
		}
	}
	served := 0
	for _, c := range held {
		require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
		if _, err := c.Write([]byte("x")); err != nil {
			continue
		}
		if _, err := c.Read(make([]byte, 1)); err == nil {
			served++
		}
	}
	require.Equal(t, 10, served)
	for range 5 {
		c, err := p.from(t, "127.0.0.3")
		require.NoError(t, err)
		echoed(t, c, "hello")
	}
	require.Equal(t, "127.0.0.2", strings.Split(field(p.line(t, `msg="client refused"`), "client"), ":")[0])
	require.Len(t, p.find(`msg="client refused"`), 1, "a flood is one line")
	require.Eventually(t, func() bool {
		return strings.Contains(get(t, url), `relay_refused_total{worker="0"} 30`)
	}, patience, 50*time.Millisecond)
	for _, c := range held {
		c.Close()
	}
	require.Eventually(t, func() bool {
		c, err := p.from(t, "127.0.0.2")
		if err == nil {
			_, err = c.Write([]byte("x"))
		}
		if err == nil {
			_, err = c.Read(make([]byte, 1))
		}
		return err == nil
	}, patience, 20*time.Millisecond, "who left has his share again")
}
