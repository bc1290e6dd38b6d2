package main

import (
	"io"
	"math"
	"net"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// limited is a relay that may have so many descriptors.
func limited(n int, args ...string) *exec.Cmd {
	const script = `ulimit -n "$0" && exec "$@"`
	sh := append([]string{"-c", script, strconv.Itoa(n), binary, "-listen", "127.0.0.1:0"}, args...)
	return exec.Command("sh", sh...)
}

func TestMaxconnIsLoweredToFitTheDescriptors(t *testing.T) {
	for _, c := range []struct{ splice, maxpipes, record, sessions, pipes string }{
		{"off", "-1", "", "35", ""},
		{"auto", "-1", "", "35", "8"},
		{"on", "10", "", "35", "10"},
		{"response", "0", "", "35", ""},
		{"auto", "-1", "-record /dev/null", "35", "8"},
		{"on", "10", "-record /dev/null", "35", "10"},
	} {
		args := []string{"-to", "127.0.0.1:1", "-splice", c.splice, "-maxpipes", c.maxpipes}
		p := launchCmd(t, limited(100, append(args, strings.Fields(c.record)...)...))
		line := p.line(t, "maxconn lowered")
		require.Equal(t, "2000", field(line, "from"))
		require.Equal(t, c.sessions, field(line, "to"))
		line = p.line(t, "msg=listening")
		require.Equal(t, c.sessions, field(line, "maxconn"))
		require.Equal(t, c.pipes, field(line, "maxpipes"))
	}
}

func TestTooFewDescriptorsAreRefused(t *testing.T) {
	status, stdout, stderr := try(limited(30, "-workers", "2"))
	require.Equal(t, exitUsage, status)
	require.Empty(t, stdout)
	require.Equal(t, "relay: 30 descriptors are too few for 2 workers with one session each; raise the limit (ulimit -n)\n", stderr)
}

func TestOutOfDescriptorsIsSaidOnceAndServiceResumes(t *testing.T) {
	for _, poller := range []string{"level", "edge"} {
		t.Run(poller, func(t *testing.T) {
			p := launch(t, "-poller", poller)
			first := p.dial(t)
			echoed(t, first, "hello")
			allow(t, p.cmd.Process.Pid, 2) // something else eats all others
			var clients []net.Conn
			for range 8 {
				clients = append(clients, p.dial(t))
			}
			line := p.line(t, "accepting stopped")
			require.Equal(t, "EMFILE", field(line, "why"))
			time.Sleep(350 * time.Millisecond) // it has tried again by now
			require.Len(t, p.find("accepting"), 1)
			echoed(t, first, "sessions go on meanwhile")
			for _, c := range clients { // each leaves room for the next
				echoed(t, c, "at last")
				require.NoError(t, c.Close())
			}
			require.Equal(t, "EMFILE", field(p.line(t, "accepting resumed"), "why"))
			require.Len(t, p.find("accepting"), 2)
		})
	}
}

// TestSessionsComeBeforePipes: as many sessions as there are descriptors for them,
// though each has moved enough for a pipe.
func TestSessionsComeBeforePipes(t *testing.T) {
	at := named(t, "127.0.0.1:0", "a")
	p := launchCmd(t, limited(100, "-to", at, "-splice", "on", "-stats", "127.0.0.1:0"))
	n, err := strconv.Atoi(field(p.line(t, "msg=listening"), "maxconn"))
	require.NoError(t, err)
	require.Equal(t, 35, n)
	var clients []net.Conn
	for range n {
		c := p.dial(t)
		expect(t, c, "a")
		echoed(t, c, "through a pipe")
		clients = append(clients, c)
	}
	for _, c := range clients {
		echoed(t, c, "all at once")
	}
	for _, line := range p.find("accepting stopped") {
		require.Equal(t, "maxconn", field(line, "why"))
	}
}

// TestReadersOfStatisticsStarveNobody: they are few, and the last to come is served.
func TestReadersOfStatisticsStarveNobody(t *testing.T) {
	p := launchCmd(t, limited(300, "-maxconn", "100", "-stats", "127.0.0.1:0"))
	stats := field(p.line(t, "msg=listening"), "stats")
	for i := range 400 {
		idle, err := net.Dial("tcp", stats)
		require.NoError(t, err)
		t.Cleanup(func() { idle.Close() })
		if i%2 == 0 { // some say a little
			_, err := io.WriteString(idle, "GET /metrics HTTP/1.1\r\n")
			require.NoError(t, err)
		}
	}
	begin := time.Now()
	require.Contains(t, get(t, "http://"+stats+"/metrics"), "relay_sessions")
	require.Less(t, time.Since(begin), soon)
	for range 90 {
		echoed(t, p.dial(t), "served")
	}
	require.Empty(t, p.find("accepting stopped"))
	files, err := os.ReadDir("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/fd")
	require.NoError(t, err)
	require.Less(t, len(files), 90+spare+sparePerWorker)
}

// allow limits a process to so many descriptors beyond those it has.
func allow(t *testing.T, pid, more int) {
	list, err := os.ReadDir("/proc/" + strconv.Itoa(pid) + "/fd")
	require.NoError(t, err)
	used := map[int]bool{}
	for _, e := range list {
		n, err := strconv.Atoi(e.Name())
		require.NoError(t, err)
		used[n] = true
	}
	limit := 0
	for ; more > 0 || used[limit]; limit++ {
		if !used[limit] {
			more--
		}
	}
	var old unix.Rlimit
	require.NoError(t, unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &old))
	require.NoError(t, unix.Prlimit(pid, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: uint64(limit), Max: old.Max}, nil))
}

// TestThePartsOfATotalAddUp: a limit for all workers together is what was asked
// for, not what is left of it after rounding.
func TestThePartsOfATotalAddUp(t *testing.T) {
	for _, total := range []int{4, 5, 7, 1000} {
		sum := 0
		for i := range 4 {
			n := share(total, 4, i)
			require.InDelta(t, float64(total)/4, n, 1)
			sum += n
		}
		require.Equal(t, total, sum)
	}
}

// TestALimitIsAsLargeAsItCanBeWritten: what is larger than anything is no limit.
func TestALimitIsAsLargeAsItCanBeWritten(t *testing.T) {
	most := strconv.Itoa(math.MaxInt)
	p := launch(t, "-workers", "2", "-maxconn", most, "-maxconn-per-client", most, "-maxhandshakes", most, "-buffers", most, "-bulkbuffers", most)
	echoed(t, p.dial(t), "hello")
}

// TestWhoSetsTheCollectorIsObeyed, by either of its variables.
func TestWhoSetsTheCollectorIsObeyed(t *testing.T) {
	procs := runtime.GOMAXPROCS(0)
	before := debug.SetGCPercent(100)
	t.Cleanup(func() {
		debug.SetGCPercent(before)
		runtime.GOMAXPROCS(procs)
	})
	for _, c := range []struct {
		percent, limit string
		want           int
	}{{"", "", 400}, {"50", "", 100}, {"", "1GiB", 100}} {
		t.Setenv("GOGC", c.percent)
		t.Setenv("GOMEMLIMIT", c.limit)
		debug.SetGCPercent(100)
		tune(1)
		require.Equal(t, c.want, debug.SetGCPercent(100), "%v", c)
	}
}
