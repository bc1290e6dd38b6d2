package real

import (
	"io"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// turnTo makes servers count, and waits until they do.
func (r *relay) turnTo(t *testing.T, servers ...netip.AddrPort) {
	s, err := NewServers(servers, nil)
	require.NoError(t, err)
	taken, err := r.SetServers(s)
	require.NoError(t, err)
	select {
	case <-taken:
	case <-time.After(patience):
		require.FailNow(t, "the servers are not taken")
	}
}

func TestSessionsOfAServerThatIsGoneGoOn(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		var out sink
		log := NewLog(&out, 1)
		a, b, c := newOrigin(t), newOrigin(t), newOrigin(t)
		cfg := config(edge, a.addr)
		cfg.Log, cfg.Sessions = log, true
		r := start(t, cfg)
		client := r.dial(t)
		server := a.accept(t)
		r.turnTo(t, b.addr)
		r.turnTo(t, b.addr, c.addr)
		for range 2 {
			for _, o := range []*origin{c, b} { // the turn goes on
				other := r.dial(t)
				theirs := o.accept(t)
				send(t, theirs, "new")
				expect(t, other, "new")
				require.NoError(t, theirs.Close())
				require.NoError(t, other.Close())
			}
		}
		send(t, client, "still here")
		expect(t, server, "still here")
		require.NoError(t, client.Close())
		require.NoError(t, server.Close())
		r.eventually(t, "relay_sessions_ended_total", 5)
		require.NoError(t, r.stop(t))
		require.True(t, log.Close(patience))
		require.Equal(t, 1, strings.Count(out.text.String(), " server="+a.addr.String()+" in=10 "))
		require.Equal(t, 2, strings.Count(out.text.String(), " server="+c.addr.String()+" "))
	})
}

// shown returns what the statistics say of a server at this moment.
func (r *relay) shown(t *testing.T, server netip.AddrPort) string {
	var text strings.Builder
	require.NoError(t, WriteMetrics(&text, []*Worker{r.Worker}))
	label := `{server="` + server.String() + `",worker="0"} `
	said := ""
	for _, name := range []string{"up", "sessions", "failures_total", "connect_seconds_count"} {
		_, rest, found := strings.Cut(text.String(), "relay_server_"+name+label)
		require.True(t, found, name)
		value, _, _ := strings.Cut(rest, "\n")
		said += " " + name + "=" + value
	}
	return said
}

// TestANewServerHasNothingOfTheOneThatItReplaces: not its failures, and not its pause. What is
// known of one that stays is shown all the time.
func TestANewServerHasNothingOfTheOneThatItReplaces(t *testing.T) {
	alive, fresh, dead := newOrigin(t), newOrigin(t), newOrigin(t)
	require.NoError(t, dead.ln.Close())
	r := start(t, config(true, dead.addr, alive.addr))
	client := r.dial(t)
	server := alive.accept(t)
	send(t, server, "there")
	expect(t, client, "there")
	r.turnTo(t, fresh.addr, alive.addr)
	require.Equal(t, " up=1 sessions=0 failures_total=0 connect_seconds_count=0", r.shown(t, fresh.addr))
	require.Equal(t, " up=1 sessions=1 failures_total=0 connect_seconds_count=1", r.shown(t, alive.addr))
}

func TestServersThatComeAndGoTakeNoRoom(t *testing.T) {
	a := newOrigin(t)
	r := start(t, config(true, a.addr))
	client := r.dial(t)
	server := a.accept(t)
	for i := range 200 {
		r.turnTo(t, netip.AddrPortFrom(a.addr.Addr(), uint16(1000+i)), netip.AddrPortFrom(a.addr.Addr(), uint16(2000+i)))
	}
	r.turnTo(t, a.addr)
	send(t, client, "still here")
	expect(t, server, "still here")
	require.NoError(t, r.stop(t))
	require.LessOrEqual(t, len(r.socks.targets), 5)
}

// TestALongListOfServersTakesTimeInProportion: nothing goes through the list for each of
// its entries, which would make ten times as many a hundred times as long. It is the
// thread's own time, and the least of several: others use the machine too.
func TestALongListOfServersTakesTimeInProportion(t *testing.T) {
	servers := func(n int, name string) *Servers {
		s := &Servers{make([]target, n)}
		for i := range s.list {
			s.list[i] = target{name: name + strconv.Itoa(i), place: i}
		}
		return s
	}
	cost := func(n int) time.Duration {
		w, err := NewWorker(0, config(true, anyPort), bind(t))
		require.NoError(t, err)
		least := time.Hour
		for i := range 10 {
			to := servers(n, string(rune('a'+i%2)))
			from := threadTime(t)
			w.turnTo(to) // all others
			w.turnTo(to) // the same
			least = min(least, threadTime(t)-from)
		}
		require.Len(t, w.socks.targets, 2*n)
		w.Kill()
		require.NoError(t, w.Run())
		return least
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	few, many := cost(1000), cost(10_000)
	t.Logf("1,000 take %v, 10,000 %v", few, many)
	require.Less(t, many, 30*few)
}

// threadTime is the time that this thread had a processor.
func threadTime(t *testing.T) time.Duration {
	var now unix.Timespec
	require.NoError(t, unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now))
	return time.Duration(now.Nano())
}

// TestAServerKeepsItsNumberAndAnotherGetsAFreeOne: a name that is twice in the list has two.
func TestAServerKeepsItsNumberAndAnotherGetsAFreeOne(t *testing.T) {
	k := new(Sockets)
	for _, step := range []struct {
		list, used string
		want       []int32
	}{
		{"abac", "", []int32{0, 1, 2, 3}},
		{"aab", "", []int32{0, 2, 1}},
		{"xay", "-x--", []int32{2, 0, 3}},     // 1 is in use
		{"ba", "-x--", []int32{1, 0}},         // b is back, and has its number
		{"aaaz", "x---", []int32{0, 1, 2, 3}}, // one a was there
		{"zqqqqa", "x---", []int32{3, 1, 2, 4, 5, 0}},
	} {
		var list []target
		for _, name := range step.list {
			list = append(list, target{name: string(name)})
		}
		used := make([]bool, len(k.targets))
		for n, mark := range step.used {
			used[n] = mark == 'x'
		}
		require.Equal(t, step.want, k.replace(list, used), step.list)
		for i, n := range step.want {
			list[i].k = k
			require.Equal(t, list[i], *k.targets[n])
		}
	}
}

func TestServersThatCannotBeTakenAreRefused(t *testing.T) {
	_, err := NewServers([]netip.AddrPort{netip.MustParseAddrPort("[fe80::1%nowhere]:1")}, nil)
	require.ErrorContains(t, err, "server [fe80::1%nowhere]:1: zone nowhere")
	_, err = start(t, config(true, anyPort)).SetServers(new(Servers))
	require.EqualError(t, err, "no server to relay to")
}

func TestErrandsAreDoneInTheirOrder(t *testing.T) {
	r := start(t, config(true, anyPort))
	var got []int
	var last <-chan struct{}
	for i := range 1000 {
		last = r.Do(func() { got = append(got, i) })
	}
	<-last
	require.Len(t, got, 1000)
	require.IsIncreasing(t, got)
}

func TestAnErrandAfterTheEndIsOver(t *testing.T) {
	r := start(t, config(true, anyPort))
	require.NoError(t, r.stop(t))
	<-r.Do(func() { t.Error("called") })
}

// TestServersChangeUnderLoad: no session is lost, whatever list it began with.
func TestServersChangeUnderLoad(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		var servers []netip.AddrPort
		for range 4 {
			o := newOrigin(t)
			servers = append(servers, o.addr)
			go func() {
				for {
					c, err := o.ln.Accept()
					if err != nil {
						return
					}
					go func() {
						defer c.Close()
						// What does not come back fails the test over there.
						_, _ = io.Copy(c, c)
					}()
				}
			}()
		}
		r := start(t, config(edge, servers...))
		var clients sync.WaitGroup
		for range 4 {
			clients.Go(func() {
				for range 100 {
					c, err := net.DialTimeout("tcp", r.addr.String(), patience)
					if !assert.NoError(t, err) {
						return
					}
					_, err = io.WriteString(c, "hello")
					assert.NoError(t, err)
					_, err = io.ReadFull(c, make([]byte, 5))
					assert.NoError(t, err)
					assert.NoError(t, c.Close())
				}
			})
		}
		for i := range 300 {
			r.turnTo(t, servers[i%4:]...)
		}
		clients.Wait()
		r.eventually(t, "relay_sessions", 0)
		require.Zero(t, r.Metric("relay_connects_failed_total"))
	})
}
