package streamif

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/core"
)

// lives is a dialer whose servers refuse, or are there and never answer. It also
// listens to the proxy.
type lives struct {
	refuses [4]bool
	asked   string
	said    string
}

// errPending is what a server that is there costs a session of these tests: they have
// no descriptors, so the attempt ends as one for which this machine has no room.
const errPending = core.EMFILE

func (d *lives) Socket(to int, _ uint32) (core.FD, core.Errno) {
	d.asked += fmt.Sprintf(" %d", to)
	if d.refuses[to] {
		return nil, core.ECONNREFUSED
	}
	return nil, errPending
}

func (*lives) Opened(*Session)            {}
func (*lives) Closed(*Session)            {}
func (*lives) Accepting(bool, core.Errno) {}
func (*lives) Refused(core.Addr)          {}
func (*lives) Trying(*Session)            {}
func (*lives) Tried(*Session, Reason)     {}
func (d *lives) Server(n int, up bool, why core.Errno) {
	d.said += fmt.Sprintf(" %d=%v:%s", n, up, why)
}

// clock is a poller whose waits end when it is told to.
type clock struct {
	deafPoller
	now core.Time
}

func (c *clock) Wait([]core.Ready, core.Time) (int, core.Time, core.Errno) { return 0, c.now, 0 }

// town is a proxy with two servers or more, and a clock of its own.
type town struct {
	*lives
	*Proxy
	clock *clock
}

func newTown(servers, retries int) *town {
	cfg := Defaults()
	cfg.Servers, cfg.Retries = servers, retries
	d, c := &lives{}, &clock{now: 1}
	return &town{d, New(cfg, core.NewLoop(c, 1, 1), d, d), c}
}

// at makes it so late.
func (w *town) at(now core.Time) {
	w.clock.now = now
	w.Loop().Step()
}

// begin makes a session that does nothing by itself.
func (w *town) begin() *Session {
	s := new(Session)
	s.begin(w.Proxy, core.Peer{})
	w.Loop().Drop(&s.task)
	s.setAside().retries = int16(w.cfg.Retries)
	return s
}

// dialing makes one that is connecting to a server.
func (w *town) dialing(n int32) *Session {
	s := w.begin()
	s.choose(n)
	s.trying()
	return s
}

// session begins one and says whom it asked. It stays where it is.
func (w *town) session() (*Session, string) {
	s := w.begin()
	s.back.on(EvWant)
	w.asked = ""
	s.connect()
	return s, w.asked
}

func TestADeadServerOfTwoIsLeftAtOnceAndPassedOver(t *testing.T) {
	w := newTown(2, 3)
	w.refuses[0] = true
	s, asked := w.session()
	require.Equal(t, " 0 1", asked, "no pause before the other one")
	require.Equal(t, TAR, s.back.state, "which is not to blame for what this machine lacks")
	require.Equal(t, " 0=false:ECONNREFUSED", w.said)
	for range 5 {
		_, asked = w.session()
		require.Equal(t, " 1", asked)
	}
	require.False(t, w.Proxy.Server(0).Up())
	require.True(t, w.Proxy.Server(1).Up())
	require.Equal(t, ServerStats{Failures: 1}, w.Proxy.Server(0).Stats)
	require.Equal(t, ServerStats{Sessions: 6}, w.Proxy.Server(1).Stats)
}

// TestThePauseGrowsToAMinute: a session finds out that the server is still down, and
// goes to the other; those before and behind it do not ask.
func TestThePauseGrowsToAMinute(t *testing.T) {
	w := newTown(2, 3)
	w.refuses[0] = true
	now := core.Time(1)
	w.session()
	for _, pause := range []core.Time{1, 2, 4, 8, 16, 32, 60, 60, 60} {
		now += pause * core.Second
		w.at(now - 1)
		for range 3 {
			_, asked := w.session()
			require.Equal(t, " 1", asked, "%d s", pause)
		}
		w.at(now)
		var asked string
		for range 2 {
			_, next := w.session()
			asked += next
		}
		require.Contains(t, []string{" 0 1 1", " 1 0 1"}, asked, "%d s", pause)
	}
	require.Equal(t, " 0=false:ECONNREFUSED", w.said, "it went down once")
}

// TestWhoFindsOutHasLostNothing: a session that may try once is not the one to pay for
// knowing that a server is still down. With both down it is.
func TestWhoFindsOutHasLostNothing(t *testing.T) {
	w := newTown(2, 0)
	w.refuses[0] = true
	s, asked := w.session()
	require.Equal(t, " 0", asked, "nothing was known")
	require.Equal(t, ConnectError, s.reason)
	w.at(1 + core.Second)
	w.session() // at the other one, whose turn it is
	_, asked = w.session()
	require.Equal(t, " 0 1", asked)
	w.refuses[1] = true
	w.at(1 + 3*core.Second)
	w.session()
	s, asked = w.session()
	require.Equal(t, " 0", asked)
	require.Equal(t, ConnectError, s.reason)
}

func TestOneSessionAtATimeFindsOut(t *testing.T) {
	w := newTown(2, 3)
	w.refuses[0] = true
	w.session()
	w.at(1 + core.Second)
	v := w.Proxy.Server(0)
	s := w.dialing(0) // and the answer is on its way
	for range 3 {
		_, asked := w.session()
		require.Equal(t, " 1", asked)
	}
	s.won()
	require.True(t, v.Up())
	require.Equal(t, " 0=false:ECONNREFUSED 0=true:OK", w.said)
	w.refuses[0] = false
	a, _ := w.session()
	b, _ := w.session()
	require.ElementsMatch(t, []int{0, 1}, []int{a.Server(), b.Server()})
}

// TestAnAttemptThatIsGivenUpLetsOthersFindOut: its client has gone.
func TestAnAttemptThatIsGivenUpLetsOthersFindOut(t *testing.T) {
	w := newTown(2, 3)
	w.refuses[0] = true
	w.session()
	w.at(1 + core.Second)
	s := w.dialing(0)
	require.False(t, w.Proxy.Server(0).may(w.Loop().Now()))
	s.back.state = CLO
	s.Run(false)
	require.True(t, w.Proxy.Server(0).may(w.Loop().Now()))
}

// TestWhatBeganBeforeThePauseTellsNothingNew: of sessions that fail together the first
// counts.
func TestWhatBeganBeforeThePauseTellsNothingNew(t *testing.T) {
	w := newTown(2, 3)
	var all [100]*Session
	for i := range all {
		all[i] = w.dialing(0)
	}
	w.at(5 * core.Second)
	for i := range all {
		all[i].lost(ConnectLate, core.ETIMEDOUT)
	}
	require.Equal(t, 6*core.Second, w.Proxy.Server(0).until)
	require.EqualValues(t, 100, w.Proxy.Server(0).Stats.Failures)
	require.Equal(t, " 0=false:ETIMEDOUT", w.said)
}

func TestWhatIsNotTheServersFaultTakesItDownNever(t *testing.T) {
	w := newTown(2, 3)
	s := w.begin()
	s.choose(0)
	for _, not := range []struct {
		r   Reason
		why core.Errno
	}{{ServerTLS, core.ETLS}, {ConnectNoRoom, core.EMFILE}} {
		s.trying()
		s.lost(not.r, not.why)
		require.True(t, w.Proxy.Server(0).Up(), "%s", not.why)
	}
	require.EqualValues(t, 1, w.Proxy.Server(0).Stats.Refused)
	require.Zero(t, w.Proxy.Server(0).Stats.Failures)
	s.trying()
	s.lost(ServerTLS, core.ECONNRESET)
	require.False(t, w.Proxy.Server(0).Up(), "nobody spoke")
}

// TestIfAllAreDeadTheRetriesAreAsConfigured: with the pause, and the last attempt
// elsewhere.
func TestIfAllAreDeadTheRetriesAreAsConfigured(t *testing.T) {
	w := newTown(2, 3)
	w.refuses = [4]bool{true, true}
	s, asked := w.session()
	require.Equal(t, " 0 1", asked)
	for i := 1; s.back.state == TAR; i++ {
		w.at(core.Time(i)*core.Second + 1)
		s.back.flags |= SIExpired
		s.connect()
	}
	require.Equal(t, " 0 1 1 0", w.asked)
	require.Equal(t, CLO, s.back.state)
	require.Equal(t, ConnectError, s.reason)
}

// TestAServerThatWasNotThereIsUp: what was known of another one that had its number
// does not count, but for the sessions that it still has.
func TestAServerThatWasNotThereIsUp(t *testing.T) {
	w := newTown(2, 3)
	w.refuses[0] = true
	w.session()
	w.SetServers([]int32{1})
	w.SetServers([]int32{0, 1})
	require.True(t, w.Proxy.Server(0).Up())
	w.session()
	w.session()
	require.False(t, w.Proxy.Server(0).Up())
	w.SetServers([]int32{3, 0, 1})
	require.False(t, w.Proxy.Server(0).Up(), "it was there")
}
