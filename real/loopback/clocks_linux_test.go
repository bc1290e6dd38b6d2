package loopback

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestClocksMeasure(t *testing.T) {
	p := newPhantom(t)
	keep := func(idle, intvl, cnt int) [][3]int {
		return [][3]int{{unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1}, {unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, idle},
			{unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, intvl}, {unix.IPPROTO_TCP, unix.TCP_KEEPCNT, cnt}}
	}
	ut := func(ms int) [3]int { return [3]int{unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, ms} }
	names := []string{}
	add := func(name string, c *caller) *caller { names = append(names, name); return c }
	write := func(c *caller, n int) *caller {
		_, err := unix.Write(c.fd, make([]byte, n))
		require.NoError(t, err)
		return c
	}
	acks := func(c *caller, _ byte, data int) { c.take(data, 1000) }
	shut := func(c *caller, _ byte, data int) { c.take(min(data, 1000-int(c.ack%1)), 0) }
	_ = shut
	add("keepalive 1 1 2 silent", p.call(t, nil, keep(1, 1, 2)...))
	add("keepalive 1 1 2 acks", p.call(t, acks, keep(1, 1, 2)...))
	add("keepalive 1 1 2 rst", p.call(t, func(c *caller, _ byte, _ int) { c.send(tcpRST|tcpACK, 0) }, keep(1, 1, 2)...))
	add("keepalive 1 1 2 icmp", p.call(t, func(c *caller, _ byte, _ int) { c.unreachable() }, keep(1, 1, 2)...))
	add("keepalive 1 1 2 data unacked", write(p.call(t, nil, keep(1, 1, 2)...), 10))
	add("keepalive 1 1 9 ut 1500", p.call(t, nil, append(keep(1, 1, 9), ut(1500))...))
	add("keepalive 1 1 9 ut 500", p.call(t, nil, append(keep(1, 1, 9), ut(500))...))
	add("keepalive 1 1 1 ut 2500", p.call(t, nil, append(keep(1, 1, 1), ut(2500))...))
	add("keepalive 1 2 2", p.call(t, nil, keep(1, 2, 2)...))
	add("ut 500 unacked", write(p.call(t, nil, ut(500)), 10))
	add("ut 1000 unacked", write(p.call(t, nil, ut(1000)), 10))
	add("ut 2000 unacked", write(p.call(t, nil, ut(2000)), 10))
	zero := func(c *caller, _ byte, data int) { if data > 0 && data <= 10 { c.take(data, 0) } else { c.send(tcpACK, 0) } }
	for _, v := range []int{500, 1000, 2000} {
		c := add("ut shut window answered", write(p.call(t, zero, ut(v)), 10))
		p.run(func() bool { return false }, 50*time.Millisecond)
		write(c, 20)
		c = add("ut shut window silent", write(p.call(t, zero, ut(v)), 10))
		p.run(func() bool { return false }, 50*time.Millisecond)
		write(c, 20)
		c.answer = nil
	}
	icmp := func(c *caller, _ byte, _ int) { c.unreachable() }
	add("ut 500 unacked icmp", write(p.call(t, icmp, ut(500)), 10))
	add("ut 1000 unacked icmp", write(p.call(t, icmp, ut(1000)), 10))
	{
		c := add("ut 1000 shut window icmp", write(p.call(t, zero, ut(1000)), 10))
		p.run(func() bool { return false }, 50*time.Millisecond)
		write(c, 20)
		c.answer = icmp
		c = add("shut window rst", write(p.call(t, zero), 10))
		p.run(func() bool { return false }, 50*time.Millisecond)
		write(c, 20)
		c.answer = func(c *caller, _ byte, _ int) { c.send(tcpRST|tcpACK, 0) }
		c = add("keepalive own fin acked", p.call(t, func(c *caller, _ byte, data int) { c.take(data+1, 1000) }, keep(1,1,2)...))
		unix.Shutdown(c.fd, unix.SHUT_WR)
		p.run(func() bool { return false }, 50*time.Millisecond)
		c.answer = nil
		c = add("keepalive peer fin", p.call(t, nil, keep(1,1,2)...))
		c.send(tcpFIN|tcpACK, 1000)
		c = add("keepalive heard late", p.call(t, nil, keep(1,1,2)...))
		p.run(func() bool { return false }, 1500*time.Millisecond)
		c.send(tcpACK, 1000)
	}
	orph := p.call(t, nil)
	write(orph, 10)
	_ = orph
	p.run(func() bool { return false }, 7*time.Second)
	for i, c := range p.callers {
		if i < len(names) {
			t.Logf("%-32s %v %v probes %d rst %v", names[i], c.at, c.why, c.probes, c.rst)
		}
	}
}
