package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/streamif"
	"millrace/traces"
)

func TestThePrintedAddressEchoes(t *testing.T) {
	for _, poller := range []string{"level", "edge"} {
		t.Run(poller, func(t *testing.T) {
			p := launch(t, "-poller", poller)
			c := p.dial(t)
			echoed(t, c, "hello")
			require.NoError(t, c.CloseWrite())
			rest, err := io.ReadAll(c)
			require.NoError(t, err)
			require.Empty(t, rest)
			line := p.line(t, "msg=session")
			require.Equal(t, c.LocalAddr().String(), field(line, "client"))
			require.Equal(t, "echo", field(line, "server"))
			require.Equal(t, "5", field(line, "in"))
			require.Equal(t, "5", field(line, "out"))
			require.Equal(t, "--", field(line, "end"))
			p.signal(t, syscall.SIGTERM)
			require.Equal(t, exitDrained, p.exit(t))
			require.Empty(t, p.stderr.String())
		})
	}
}

func TestNoArgumentsAtAllWork(t *testing.T) {
	if free, err := net.Listen("tcp", "127.0.0.1:7000"); err != nil {
		t.Skip("the default port is taken on this machine")
	} else {
		require.NoError(t, free.Close())
	}
	p := launchCmd(t, exec.Command(binary))
	require.Equal(t, "127.0.0.1:7000", p.addr)
	echoed(t, p.dial(t), "hello")
}

func TestServersGetConnectionsInTurn(t *testing.T) {
	var names []string
	var servers []net.Listener
	for range 2 {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer ln.Close()
		servers = append(servers, ln)
		names = append(names, fmt.Sprintf("localhost:%d", ln.Addr().(*net.TCPAddr).Port))
	}
	p := launch(t, "-to", strings.Join(names, ","), "-log=false")
	for i := range 4 {
		c := p.dial(t)
		s, err := servers[i%2].Accept()
		require.NoError(t, err)
		_, err = io.WriteString(s, "welcome")
		require.NoError(t, err)
		expect(t, c, "welcome")
		require.NoError(t, c.Close())
		require.NoError(t, s.Close())
	}
	p.signal(t, syscall.SIGINT)
	require.Equal(t, exitDrained, p.exit(t))
	require.Empty(t, p.find("msg=session"), "-log=false")
}

func TestSIGTERMLetsALiveSessionFinish(t *testing.T) {
	p := launch(t, "-workers", "2")
	c := p.dial(t)
	echoed(t, c, "before")
	p.signal(t, syscall.SIGTERM)
	p.line(t, "msg=draining")
	require.Eventually(t, func() bool {
		extra, err := net.Dial("tcp", p.addr)
		if err == nil {
			extra.Close()
		}
		return err != nil
	}, patience, 5*time.Millisecond, "it still listens")
	echoed(t, c, "after")
	require.NoError(t, c.Close())
	require.Equal(t, exitDrained, p.exit(t))
	p.line(t, "msg=drained")
}

func TestStatisticsParse(t *testing.T) {
	p := launch(t, "-workers", "3", "-stats", "127.0.0.1:0")
	for range 40 {
		c := p.dial(t)
		echoed(t, c, "hello")
		require.NoError(t, c.Close())
	}
	url := "http://" + field(p.line(t, "msg=listening"), "stats") + "/metrics"
	sample := regexp.MustCompile(`^([a-z_]+)\{([a-z]+="[^"]*",)?worker="([0-2])"\} (\d+(?:\.\d{6})?)$`)
	build := regexp.MustCompile(`^(relay_build_info\{version="\S+",goversion="go\S+"\} 1|process_start_time_seconds \d{10}\.\d{3})$`)
	require.Eventually(t, func() bool {
		accepted, busy, told := 0, 0, 0
		for line := range strings.Lines(get(t, url)) {
			line = strings.TrimSuffix(line, "\n")
			if strings.HasPrefix(line, "# HELP ") || strings.HasPrefix(line, "# TYPE ") {
				continue
			}
			if build.MatchString(line) {
				told++
				continue
			}
			m := sample.FindStringSubmatch(line)
			require.NotNil(t, m, "%q", line)
			if n := 0; m[1] == "relay_accepted_total" {
				_, err := fmt.Sscan(m[4], &n)
				require.NoError(t, err)
				accepted += n
				busy += min(n, 1)
			}
		}
		require.Equal(t, 2, told)
		return accepted == 40 && busy > 1
	}, patience, 50*time.Millisecond, "the connections are not all counted, or not spread")
}

func get(t *testing.T, url string) string {
	r, err := http.Get(url)
	require.NoError(t, err)
	defer r.Body.Close()
	require.Equal(t, http.StatusOK, r.StatusCode)
	require.Contains(t, r.Header.Get("Content-Type"), "text/plain; version=0.0.4")
	text, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return string(text)
}

func TestABadCommandLineIsOneClearLine(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for args, want := range map[string]string{
		"-poller=x":                    `-poller "x": want edge or level`,
		"-to=foo":                      `-to "foo": missing port in address`,
		"-to=:80":                      `-to ":80": no host`,
		"-to=":                         `invalid value "" for flag -to: a part of it is empty`,
		"-to=1.2.3.4:0":                `-to "1.2.3.4:0": no port`,
		"-to=127.0.0.1:80,,[::1]:80":   `invalid value "127.0.0.1:80,,[::1]:80" for flag -to: a part of it is empty`,
		"-to=x -to=127.0.0.1:80":       `-to "x": missing port in address`,
		"-record-on=XX -record-on=SD":  `-record-on "XX": want some of --,CC,cC,CD,cD,SD,sD,SC,sC,RC,CP,cP,RP,CT,cT,ST,sT,KD,KC`,
		"-record=":                     `-record: empty`,
		"-record-dir=":                 `-record-dir: empty`,
		"-stats=":                      `-stats: empty`,
		"-record-max=1 -record-size=0": `-record-max: means nothing with -record-size 0`,
		"-record-dir=/ -record-size=0": `-record-dir: means nothing with -record-size 0`,
		"-to=127.0.0.1:80 -to=x":       `-to "x": missing port in address`,
		"-listen=127.0.0.1:99999":      `-listen "127.0.0.1:99999": invalid port`,
		"-listen=" + addrOf(taken):     `-listen "` + addrOf(taken) + `": address already in use`,
		"-on-hang=x":                   `-on-hang "x": want end or report`,
		"-watchdog=1ms":                `-watchdog 1ms: want at least 20ms, or 0`,
		"-listen=unix:/x":              `-listen "unix:/x": want host:port; there are no UNIX sockets here`,
		"-to=unix:/x":                  `-to "unix:/x": want host:port; there are no UNIX sockets here`,
		"-listen=,":                    `invalid value "," for flag -listen: a part of it is empty`,
		"-connect-timeout=9000h":       `invalid value "9000h" for flag -connect-timeout: a time cannot be longer than a year`,
		"-to-file=":                    `-to-file: empty`,
		"-to-file=/nowhere/x":          `-to-file /nowhere/x: no such file or directory`,
		"-to-file=x -to=echo":          `-to-file: means nothing with -to`,
		"-workers=0":                   `-workers 0: want 1 to 256`,
		"-bufsize=0":                   `-bufsize 0: want 1 to 16777216`,
		"-maxconn=0":                   `-maxconn 0: want at least 1 per worker`,
		"-maxconn=3 -workers=4":        `-maxconn 3: want at least 1 per worker`,
		"-buffers=3 -workers=2":        `-buffers 3: want at least 2 per worker, or 0`,
		"-retries=-1":                  `-retries -1: want 0 to 1000`,
		"-keepalive=10h":               `-keepalive 10h0m0s: want at most 9h6m7s, or 0`,
		"-user-timeout=600h":           `-user-timeout 600h0m0s: want at most 596h31m23.647s, or 0`,
		"-client-timeout=-5s":          `invalid value "-5s" for flag -client-timeout: a time cannot be negative`,
		"-server-fin=5":                `invalid value "5" for flag -server-fin: want a time such as 500ms, 30s or 5m, a year at most`,
		"-drain-timeout=9999999h":      `invalid value "9999999h" for flag -drain-timeout: want a time such as 500ms, 30s or 5m, a year at most`,
		"-rcvlowat=-5":                 `-rcvlowat -5: want 0 to 1073741824 bytes`,
		"-bulkbuffers=-1":              `-bulkbuffers -1: want 0 or more`,
		"-record=/nowhere/file":        `-record: open /nowhere/file: no such file or directory`,
		"-record=x -record-size=0":     `-record: means nothing with -record-size 0`,
		"-record-on=SD -record-size=0": `-record-on: means nothing with -record-size 0`,
		"-record-on=SD,XX":             `-record-on "XX": want some of --,CC,cC,CD,cD,SD,sD,SC,sC,RC,CP,cP,RP,CT,cT,ST,sT,KD,KC`,
		"-record-size=-2":              `-record-size -2: want 0 to 1073741824 bytes`,
		"-record-max=0":                `-record-max 0: want 1 to 1000`,
		"-record-dir=/nowhere":         `-record-dir /nowhere: want a directory`,
		"-record=/dev/null -client-timeout=999h": `-record: cannot record: no trace can say this: trace:2: ` +
			`client-timeout: expected a time span from 0s to 277h46m40s, found "999h0m0s"`,
		"-nope":                       `flag provided but not defined: -nope`,
		"127.0.0.1:80":                `unexpected argument "127.0.0.1:80"; try relay -h`,
		"-stats=" + addrOf(taken):     `-stats "` + addrOf(taken) + `": listen tcp ` + addrOf(taken) + `: bind: address already in use`,
		"-listen=127.0.0.1:0 -log=no": `invalid boolean value "no" for -log: parse error`,
	} {
		t.Run(args, func(t *testing.T) {
			cmd := append([]string{"-listen", "127.0.0.1:0"}, strings.Fields(args)...)
			status, stdout, stderr := try(exec.Command(binary, cmd...))
			require.Equal(t, "relay: "+want+"\n", stderr)
			require.Empty(t, stdout)
			require.Equal(t, exitUsage, status)
		})
	}
}

// TestAQuestionIsNotWaitedForLongerThanUserTimeoutSays: with questions ten seconds apart
// five seconds were ten.
func TestAQuestionIsNotWaitedForLongerThanUserTimeoutSays(t *testing.T) {
	for args, want := range map[string]core.Time{"": 10, "-user-timeout=5s": 5, "-user-timeout=1m": 10} {
		o, err := parse(strings.Fields(args))
		require.NoError(t, err)
		require.Equal(t, want*core.Second, o.vigil.Interval, args)
	}
}

func addrOf(l net.Listener) string { return l.Addr().String() }

// try runs a command to its end.
func try(cmd *exec.Cmd) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &err
	_ = cmd.Run() // the status says it
	return cmd.ProcessState.ExitCode(), out.String(), err.String()
}

func TestTheVersionIsPrinted(t *testing.T) {
	status, text, stderr := try(exec.Command(binary, "-version"))
	require.Equal(t, exitDrained, status)
	require.Empty(t, stderr)
	require.Regexp(t, `^relay \S+ go\S+ linux/\S+\n$`, text)
}

func TestSeveralAddressesAreServed(t *testing.T) {
	for _, workers := range []string{"1", "2"} {
		// launch gives one address more.
		p := launch(t, "-listen", "127.0.0.1:0,[::1]:0", "-listen", "127.0.0.2:0", "-workers", workers)
		addrs := strings.Split(p.addr, ",")
		require.Len(t, addrs, 4)
		for _, p.addr = range addrs {
			echoed(t, p.dial(t), "hello")
		}
	}
}

func TestHelpNamesEveryOptionAndShowsAnExample(t *testing.T) {
	status, text, stderr := try(exec.Command(binary, "-h"))
	require.Equal(t, exitDrained, status)
	require.Empty(t, stderr)
	require.Contains(t, text, "nc 127.0.0.1 7000")
	define(new(options)).VisitAll(func(f *flag.Flag) { require.Regexp(t, `\n  -`+f.Name+`[ \n]`, text) })
}

// TestARecordingSaysAllThatNamesNobody: the values of all flags but those that say who or where.
func TestARecordingSaysAllThatNamesNobody(t *testing.T) {
	closed := []string{
		"listen", "to", "to-file", "stats", "record", "record-dir", "accept-proxy", "tls-cert", "tls-key", "tls-client-ca",
		"tls-alpn", "tls-to-ca", "tls-to-name", "version",
	}
	var all []string
	define(new(options)).VisitAll(func(f *flag.Flag) { all = append(all, f.Name) })
	require.ElementsMatch(t, all, append(closed, open...))
}

func TestALogReaderThatLeavesDoesNotEndTheRelay(t *testing.T) {
	p := launch(t)
	require.NoError(t, p.stdout.Close())
	for range 3 {
		c := p.dial(t)
		echoed(t, c, "still there")
		require.NoError(t, c.Close())
		time.Sleep(150 * time.Millisecond) // a line is written by now, or cannot be
	}
}

func TestARecordedRunReplays(t *testing.T) {
	file := filepath.Join(t.TempDir(), "run.trace")
	p := launch(t, "-record", file, "-poller", "edge")
	for range 3 {
		c := p.dial(t)
		echoed(t, c, "hello")
		require.NoError(t, c.Close())
	}
	p.signal(t, syscall.SIGTERM)
	require.Equal(t, exitDrained, p.exit(t))
	require.Equal(t, file, field(p.line(t, "msg=recorded"), "file"))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	trace, err := traces.Parse(file, text)
	require.NoError(t, err)
	played, err := traces.Play(trace)
	require.NoError(t, err)
	require.True(t, played.Same(), played.String())
	require.Equal(t, "replay: go run ./traces/cmd/trace replay "+file, trace.Comments[0])
}

func TestARecordingIsForItsOwnerOnly(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "there")
	require.NoError(t, os.WriteFile(there, []byte("of another run"), 0o666))
	require.NoError(t, os.Chmod(there, 0o666))
	for _, file := range []string{there, filepath.Join(dir, "new")} {
		launch(t, "-record", file)
		info, err := os.Stat(file)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode())
	}
	before, err := os.Stat("/dev/null")
	require.NoError(t, err)
	launch(t, "-record", "/dev/null")
	after, err := os.Stat("/dev/null")
	require.NoError(t, err)
	require.Equal(t, before.Mode(), after.Mode(), "what is no file of the relay's is left alone")
}

// broken is an applet that finds its own state broken.
type broken struct{}

func (b broken) New(*streamif.Session) streamif.Applet { return b }

func (broken) End(*streamif.Session) {}

func (broken) Run(*streamif.StreamInterface) {
	core.BugOn(true, "I00", "test", "broken on purpose")
}

func TestABreachIsOneLineAndStatusThree(t *testing.T) {
	o, err := parse([]string{"-listen", "127.0.0.1:0", "-workers", "2"})
	require.NoError(t, err)
	o.applet = broken{}
	var stdout, stderr transcript
	s, err := start(o, nil, &stdout)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return field(stdout.String(), "addr") != "" }, patience, time.Millisecond)
	c, err := net.Dial("tcp", field(stdout.String(), "addr"))
	require.NoError(t, err)
	defer c.Close()
	require.Equal(t, exitBroken, s.serve(&stderr))
	require.Equal(t, "relay: I00 test: broken on purpose\n", stderr.String())
}
