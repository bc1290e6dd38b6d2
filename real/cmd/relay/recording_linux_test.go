package main

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"millrace/real"
	"millrace/streamif"
	"millrace/traces"
)

// parsed reads a file of recordings, which are whole.
func parsed(t *testing.T, file string) []*traces.Trace {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	all, err := traces.ParseAll(file, text)
	require.NoError(t, err)
	for i, tr := range all {
		require.Empty(t, tr.Torn)
		require.Equal(t, i, tr.Recorded.Worker)
		require.WithinDuration(t, time.Now(), tr.Recorded.At, time.Hour)
		require.Contains(t, tr.Recorded.By, "relay/")
	}
	return all
}

// plays requires that a recording plays to its end.
func plays(t *testing.T, tr *traces.Trace) {
	played, err := traces.Play(tr)
	require.NoError(t, err)
	require.True(t, played.Same(), played.String())
}

// recorded waits for the line that says that a recording is there.
func (p *process) recorded(t *testing.T, why string) (file string) {
	return field(p.line(t, `why="`+why), "file")
}

// TestARelayIsRecordedWithoutBeingAsked all workers in one file, for its owner only, and
// nothing in it says who or where.
func TestARelayIsRecordedWithoutBeingAsked(t *testing.T) {
	dir := t.TempDir()
	server := named(t, "127.0.0.1:0", "a")
	p := launch(t, "-workers", "2", "-to", server, "-record-dir", dir, "-record-max", "2", "-record-size", "40000", "-stats", "127.0.0.1:0")
	for range 100 {
		expect(t, p.dial(t), "a")
	}
	var files []string
	for range 3 {
		p.signal(t, syscall.SIGUSR2)
		require.Eventually(t, func() bool {
			lines := p.find("why=SIGUSR2")
			if len(lines) <= len(files) {
				return false
			}
			files = append(files, field(lines[len(lines)-1], "file"))
			return true
		}, patience, time.Millisecond)
	}
	require.NoFileExists(t, files[0], "two are kept")
	there, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, there, 2)
	for _, file := range files[1:] {
		info, err := os.Stat(file)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode())
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NotContains(t, string(text), "127.0.0.1")
		require.Contains(t, string(text), "# options: -listen -record-dir -record-max=2 -record-size=40000 -stats -to -workers=2\n")
		all := parsed(t, file)
		require.Len(t, all, 2)
		plays(t, all[0])
		plays(t, all[1])
	}
	answer, err := http.Get("http://" + field(p.line(t, "msg=listening"), "stats") + "/debug/recording")
	require.NoError(t, err)
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	all, err := traces.ParseAll("answer", text)
	require.NoError(t, err)
	require.Len(t, all, 2)
	plays(t, all[1])
}

func TestWhatLedToAnEndIsRecorded(t *testing.T) {
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, nobody.Close())
	p := launch(t, "-to", nobody.Addr().String(), "-retries", "0", "-record-dir", t.TempDir(), "-record-on", "sC,SC")
	_, _ = io.ReadAll(p.dial(t)) // it is turned away
	file := p.recorded(t, "session 1 of worker 0 ended with SC")
	tr := parsed(t, file)[0]
	require.Contains(t, tr.Comments, "why: session 1 of worker 0 ended with SC")
	require.True(t, slices.ContainsFunc(tr.Steps, func(s traces.Step) bool {
		return s.String() == "+0s b1 close = OK" || strings.Contains(s.String(), "b1 connect = ECONNREFUSED")
	}))
	plays(t, tr)
}

// TestEndsThatComeTogetherAreRecordedOnce: without a pause the files that are kept were those
// of the last 0.2 s, and there were a hundred a second.
func TestEndsThatComeTogetherAreRecordedOnce(t *testing.T) {
	var out bytes.Buffer
	log := real.NewLog(&out, 1)
	opt := &options{recording: recordOptions{size: 1 << 20, dir: t.TempDir(), most: 8}}
	r, err := newRecords(&opt.recording)
	require.NoError(t, err)
	require.Equal(t, recordPause, r.pause)
	r.pause = time.Second
	s := &service{opt: opt, records: r, log: log, say: log.Logger()}
	go s.record() // until the end of the tests
	files := func(n int) {
		require.Eventually(t, func() bool {
			list, err := os.ReadDir(opt.recording.dir)
			return err == nil && len(list) == n
		}, patience, time.Millisecond)
	}
	r.ended(0, 1, streamif.ServerError)
	files(1)
	for id := range uint32(100) {
		r.ended(1, 2+id, streamif.ServerError)
	}
	require.Eventually(t, func() bool { return r.skipped.Load() == 0 }, patience, time.Millisecond, "the log is told")
	r.ended(0, 102, streamif.ClientError) // the pause is over
	require.Zero(t, r.skipped.Load())
	files(2)
	require.True(t, log.Close(patience))
	require.Contains(t, out.String(), `why="session 1 of worker 0 ended with SD"`)
	require.Contains(t, out.String(), `level=WARN msg="not recorded" why="too soon after another" sessions=100`)
}

func TestWhatBreaksIsRecordedWithoutBeingAsked(t *testing.T) {
	dir := t.TempDir()
	p := breaking(t, "panic", "-record-dir", dir)
	p.signal(t, syscall.SIGUSR1)
	require.Equal(t, exitBroken, p.exit(t))
	file := p.recorded(t, "it broke")
	require.Equal(t, dir, filepath.Dir(file))
	tr := parsed(t, file)[0]
	require.Contains(t, tr.Fail, "worker 0: panic: ")
	plays(t, tr)
}

// TestAnOrderThatComesTwiceCostsNoRecording: who drained at once would have ended as one that broke.
func TestAnOrderThatComesTwiceCostsNoRecording(t *testing.T) {
	opt := &options{recording: recordOptions{size: 1 << 20}}
	r, err := newRecords(&opt.recording)
	require.NoError(t, err)
	s := &service{opt: opt, records: r, signals: make(chan os.Signal, 3), ordered: time.Now()}
	s.signals <- syscall.SIGTERM
	s.signals <- syscall.SIGUSR1
	s.signals <- syscall.SIGINT
	require.NoError(t, s.saved(exitDrained, true))
}

func TestWithoutARingNothingIsRecorded(t *testing.T) {
	p := launch(t, "-record-size", "0", "-stats", "127.0.0.1:0")
	p.signal(t, syscall.SIGUSR2)
	p.line(t, "a signal without a meaning here")
	answer, err := http.Get("http://" + field(p.line(t, "msg=listening"), "stats") + "/debug/recording")
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusNotFound, answer.StatusCode)
}

// TestAddressesAreRecordedIfAskedFor: of each session whence its client came, and which server
// it went to. What is replayed is the same.
func TestAddressesAreRecordedIfAskedFor(t *testing.T) {
	dir := t.TempDir()
	server := named(t, "127.0.0.1:0", "a")
	p := launch(t, "-to", server, "-record-dir", dir, "-record-addresses")
	var from []string
	for range 5 {
		c := p.dial(t)
		from = append(from, c.LocalAddr().String())
		expect(t, c, "a")
	}
	p.signal(t, syscall.SIGUSR2)
	tr := parsed(t, field(p.line(t, "why=SIGUSR2"), "file"))[0]
	require.Len(t, tr.Addresses, len(from))
	for i, a := range tr.Addresses {
		require.Equal(t, i+1, a.Session)
		require.Equal(t, from[i], a.Client.String())
		require.Equal(t, server, a.Server.String())
	}
	require.Contains(t, tr.Comments, "options: -listen -record-addresses=true -record-dir -to", "which names none")
	plays(t, tr)
}

// TestALimitOnClientsIsRecorded by a relay that was asked for a recording that can be played.
func TestALimitOnClientsIsRecorded(t *testing.T) {
	file := filepath.Join(t.TempDir(), "limit.trace")
	p := launch(t, "-maxconn-per-client", "1", "-record", file)
	first := p.dial(t)
	echoed(t, first, "hello")
	if c, err := p.from(t, "127.0.0.1"); err == nil {
		_, _ = io.ReadAll(c) // it is turned away
	}
	p.line(t, `msg="client refused"`)
	require.NoError(t, first.Close())
	p.signal(t, syscall.SIGTERM)
	p.exit(t)
	tr := parsed(t, file)[0]
	require.Equal(t, 1, strings.Count(tr.String(), " full\n"))
	require.Empty(t, slices.DeleteFunc(tr.Comments, func(c string) bool { return !strings.HasPrefix(c, "to be read only") }))
	plays(t, tr)
}
