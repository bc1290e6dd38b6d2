package streamif

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/core"
	"pgregory.net/rapid"
)

// deafPoller never reports anything.
type deafPoller struct{}

func (deafPoller) Edge() bool                                                { return false }
func (deafPoller) Set(core.Key, core.Events, core.Events) core.Errno         { return 0 }
func (deafPoller) Wait([]core.Ready, core.Time) (int, core.Time, core.Errno) { return 0, 1, 0 }

// bench is a proxy with sessions that have no connections: enough for a pool.
func bench(sessions, buffers int) (*Proxy, []*Session) {
	cfg := Defaults()
	cfg.Servers, cfg.Buffers, cfg.BufSize = 1, buffers, 8
	p := New(cfg, core.NewLoop(deafPoller{}, 1, 1), nil, nil)
	list := make([]*Session, sessions)
	for i := range list {
		list[i] = new(Session)
		list[i].begin(p, core.Peer{Label: uint32(i)})
	}
	return p, list
}

func (p *Pool) text(list []*Session) string {
	var b strings.Builder
	for i, s := range list {
		for j, ch := range []*Channel{&s.req, &s.rep} {
			switch {
			case ch.buf.Allocated() && ch.reserved:
				fmt.Fprintf(&b, "%d%c:reserve ", i, "qp"[j])
			case ch.buf.Allocated():
				fmt.Fprintf(&b, "%d%c:shared ", i, "qp"[j])
			case ch.flags.Any(WaitBuf):
				fmt.Fprintf(&b, "%d%c:line ", i, "qp"[j])
			}
		}
	}
	return strings.TrimSpace(b.String())
}

// TestTheReserveLetsOneSessionFinish walks through the deadlock that the
// reserve is for: everybody holds one buffer and needs another.
func TestTheReserveLetsOneSessionFinish(t *testing.T) {
	p, s := bench(3, 4)
	pool := &p.pool
	for _, step := range []struct {
		what string
		do   func()
		want string
	}{
		{"two sessions read requests", func() { s[0].req.acquire(); s[1].req.acquire() }, "0q:shared 1q:shared"},
		{"a third takes from the reserve", func() { s[2].req.acquire() }, "0q:shared 1q:shared 2q:reserve"},
		{"the others wait for a second one", func() { s[0].rep.acquire(); s[1].rep.acquire() },
			"0q:shared 0p:line 1q:shared 1p:line 2q:reserve"},
		{"the third overtakes them", func() { s[2].rep.acquire() }, "0q:shared 0p:line 1q:shared 1p:line 2q:reserve 2p:reserve"},
		{"half done is not done", func() { s[2].req.giveBack() }, "0q:shared 0p:line 1q:shared 1p:line 2p:reserve"},
		{"then the head of the line has the reserve", func() { s[2].rep.giveBack() }, "0q:shared 0p:reserve 1q:shared 1p:line"},
		{"and so on", func() { s[0].rep.flags &^= Granted; s[0].rep.giveBack() }, "0q:shared 1q:shared 1p:reserve"},
	} {
		step.do()
		require.Equal(t, step.want, pool.text(s), step.what)
	}
}

// TestThePoolNeverLendsMoreThanItHas drives a pool at random: limits hold, the
// line is served in order, and whoever holds the reserve gets its second one.
func TestThePoolNeverLendsMoreThanItHas(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		limit := rapid.IntRange(2, 6).Draw(rt, "limit")
		p, list := bench(4, limit)
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			s := list[rapid.IntRange(0, 3).Draw(rt, "session")]
			ch := []*Channel{&s.req, &s.rep}[rapid.IntRange(0, 1).Draw(rt, "channel")]
			switch rapid.IntRange(0, 2).Draw(rt, "do") {
			case 0:
				if !ch.acquire() && p.pool.holder == s {
					rt.Fatalf("the holder had to wait: %s", p.pool.text(list))
				}
			case 1:
				ch.flags &^= Granted
				ch.giveBack()
			case 2:
				p.pool.leave(ch)
			}
			if p.pool.Used() > limit {
				rt.Fatalf("%d of %d lent", p.pool.Used(), limit)
			}
			if len(p.pool.line) > 0 && p.pool.holder == nil {
				rt.Fatalf("a line and nobody to finish: %s", p.pool.text(list))
			}
		}
	})
}

// TestWhatIsShortWaitsInLittleMemory: first bytes of a client whose server is not there yet, as
// long as they are few. There is room for as many more all the same.
func TestWhatIsShortWaitsInLittleMemory(t *testing.T) {
	cfg := Defaults()
	cfg.Servers, cfg.BufSize = 1, 1024
	p := New(cfg, core.NewLoop(deafPoller{}, 1, 1), nil, nil)
	s := new(Session)
	s.begin(p, core.Peer{})
	said, lent := "", func() [3]int { return [...]int{p.pool.short.Lent(), p.pool.first.Lent(), p.pool.usual.Lent()} }
	reads := func(more string) {
		require.True(t, s.req.acquire())
		s.req.buf.Append(copy(s.req.buf.Room(s.req.Room()), more))
		said += more
		s.req.fold()
		require.Equal(t, 256-len(said), s.req.Room())
		require.Equal(t, len(said), s.req.buf.Len())
	}
	reads("the first bytes, ")
	require.Equal(t, [...]int{1, 0, 0}, lent())
	reads("and 15 of these")
	require.Equal(t, [...]int{1, 0, 0}, lent(), "32 are few")
	reads(".")
	require.Equal(t, [...]int{0, 1, 0}, lent(), "33 are not")
	s.req.forward(Infinite)
	require.Equal(t, said, string(s.req.buf.Output()))
	s.req.buf.Drop(32)
	s.req.fold()
	require.Equal(t, [...]int{0, 1, 0}, lent(), "what is left lies where there would be no place for it")
	p.pool.release(&s.req)
	s.back.state = EST
	said = ""
	require.True(t, s.req.acquire())
	s.req.buf.Append(copy(s.req.buf.Room(1), "!"))
	s.req.fold()
	require.Equal(t, [...]int{0, 0, 1}, lent(), "nothing waits for a server that is there")
	p.pool.release(&s.req)
	require.Equal(t, [...]int{0, 0, 0}, lent())
}
