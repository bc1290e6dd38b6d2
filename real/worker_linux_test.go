package real

import (
	"bytes"
	"errors"
	"net"
	"os"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/streamif"
)

func TestDrainLetsSessionsFinish(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		r, client, server := pair(t, edge)
		r.Drain()
		r.eventually(t, "relay_accepting", 0)
		_, err := net.Dial("tcp", r.addr.String())
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		send(t, client, "still here")
		expect(t, server, "still here")
		send(t, server, "so am I")
		expect(t, client, "so am I")
		require.NoError(t, client.Close())
		expectEnd(t, server)
		require.NoError(t, server.Close())
		require.NoError(t, r.wait(t))
		r.Drain() // an order after the end is harmless
		r.Kill()
	})
}

func TestKillResetsSessions(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		r, client, server := pair(t, edge)
		r.Drain()
		r.Kill()
		require.NoError(t, r.wait(t))
		for _, c := range []net.Conn{client, server} {
			_, err := c.Read(make([]byte, 1))
			require.ErrorIs(t, err, syscall.ECONNRESET)
		}
		require.Equal(t, uint64(1), r.Metric("relay_sessions_ended_total"))
	})
}

func TestNothingIsLeftOpenAfterRun(t *testing.T) {
	before := openFiles(t)
	all, err := Listen(anyPort, 1)
	require.NoError(t, err)
	w, err := NewWorker(0, config(true, all[0].Addr()), all[0])
	require.NoError(t, err)
	w.Kill()
	require.NoError(t, w.Run())
	require.Equal(t, before, openFiles(t))
}

func openFiles(t *testing.T) int {
	list, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	return len(list)
}

// broken is an applet that finds its own state broken.
type broken struct{}

func (broken) Run(*streamif.StreamInterface) {
	core.BugOn(true, "I00", "test", "broken on purpose")
}

func (broken) New(*streamif.Session) streamif.Applet { return broken{} }

func (broken) End(*streamif.Session) {}

func TestABreachEndsTheWorkerWithItsSentence(t *testing.T) {
	cfg := config(true)
	cfg.Proxy.Applet = broken{}
	all, err := Listen(anyPort, 1)
	require.NoError(t, err)
	w, err := NewWorker(0, cfg, all[0])
	require.NoError(t, err)
	over := make(chan error, 1)
	go func() { over <- w.Run() }()
	dial(t, all[0].Addr())
	err = <-over
	var b *core.Breach
	require.ErrorAs(t, err, &b)
	require.ErrorContains(t, err, "broken on purpose")
	w.Kill() // still harmless
	require.Zero(t, all[0].Close())
}

func TestABadConfigurationIsRefusedInOneSentence(t *testing.T) {
	all, err := Listen(anyPort, 1)
	require.NoError(t, err)
	_, err = NewWorker(0, config(true), all[0])
	require.EqualError(t, err, "worker 0: no server to relay to")
	require.Zero(t, all[0].Close())
}

// sink is a log's destination.
type sink struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func TestEachSessionIsLoggedInOneLine(t *testing.T) {
	var out sink
	log := NewLog(&out, 1)
	o := newOrigin(t)
	cfg := config(true, o.addr)
	cfg.Log, cfg.Sessions = log, true
	r := start(t, cfg)
	client := r.dial(t)
	server := o.accept(t)
	send(t, client, "12345")
	expect(t, server, "12345")
	send(t, server, "123")
	expect(t, client, "123")
	require.NoError(t, client.Close())
	expectEnd(t, server)
	require.NoError(t, server.Close())
	r.eventually(t, "relay_sessions_ended_total", 1)
	require.NoError(t, r.stop(t))
	require.True(t, log.Close(patience))
	require.Regexp(t, `^time=\S+Z level=INFO msg=session worker=0 id=1 client=`+
		regexp.QuoteMeta(client.LocalAddr().String())+` server=`+regexp.QuoteMeta(o.addr.String())+
		` in=5 out=3 ms=\d+\.\d\d\d tries=1 end=--\n$`, out.text.String())
}

// failing is a log's destination that takes nothing.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestAcceptingIsLoggedOnceWhenItFlaps(t *testing.T) {
	var out sink
	log := NewLog(&out, 1)
	o := &observer{loop: core.NewLoop(nil, 1, core.Second), journal: newJournal(log, 0)}
	for range 100 {
		o.Accepting(false, core.EMFILE)
		o.Accepting(true, core.EMFILE)
	}
	o.Accepting(false, 0)
	require.NotZero(t, o.sayAccepting(), "the last word is still to be said")
	require.Equal(t, uint64(101), o.stops)
	o.again = o.loop.Now()
	require.Zero(t, o.sayAccepting())
	o.journal.last()
	require.True(t, log.Close(patience))
	text := regexp.MustCompile(`time=\S+ `).ReplaceAllString(out.text.String(), "")
	require.Equal(t, `level=WARN msg="accepting stopped" worker=0 why=EMFILE
level=INFO msg="accepting resumed" worker=0 why=EMFILE
level=WARN msg="accepting stopped" worker=0 why=maxconn
`, text)
}

func TestMetricsParse(t *testing.T) {
	r, client, server := pair(t, true)
	send(t, client, "12345")
	expect(t, server, "12345")
	r.eventually(t, "relay_sent_bytes_total", 5)
	var b bytes.Buffer
	require.NoError(t, WriteMetrics(&b, []*Worker{r.Worker}))
	line := regexp.MustCompile(`^[a-z_]+\{([a-z]+="[^"]*",)?worker="0"\} \d+(\.\d{6})?$`)
	seen := map[string]bool{}
	for text := range strings.Lines(b.String()) {
		text = strings.TrimSuffix(text, "\n")
		if strings.HasPrefix(text, "# ") {
			require.False(t, seen[text], "said twice: %s", text)
		} else {
			require.Regexp(t, line, text)
			require.False(t, seen[text], "said twice: %s", text)
		}
		seen[text] = true
	}
	require.Contains(t, b.String(), "\nrelay_received_bytes_total{side=\"client\",worker=\"0\"} 5\n")
	require.Contains(t, b.String(), "\nrelay_sessions{worker=\"0\"} 1\n")
	require.Error(t, WriteMetrics(failing{}, []*Worker{r.Worker}))
}
