package main

import (
	"crypto/tls"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheStartUpLineSaysWhatIsOn(t *testing.T) {
	a := newAuthority(t)
	cert, key := a.issue(t, "one.test")
	p := launch(t, "-accept-proxy", "127.0.0.0/8,::1", "-tls-cert", cert, "-tls-key", key, "-tls-client-ca", a.file,
		"-to", "127.0.0.1:1", "-send-proxy", "v2", "-tls-to", "-tls-to-ca", a.file)
	require.Contains(t, p.line(t, "msg=listening"),
		" proxy=v1/v2 from=127.0.0.0/8,::1 tls=on clients=verified send-proxy=v2 tls-to=verified")
	require.Empty(t, p.find("level=WARN"))
	p = launch(t, "-to", "127.0.0.1:1", "-tls-to", "-tls-to-insecure")
	require.Contains(t, p.line(t, "msg=listening"), " tls-to=insecure")
	require.Contains(t, p.line(t, "level=WARN"), `msg="servers are not verified: -tls-to-insecure"`)
	for _, key := range []string{"proxy", "tls", "send-proxy", "tls-to"} {
		require.Empty(t, field(launch(t).line(t, "msg=listening"), key))
	}
}

func TestBadHandshakeOptionsAreOneClearLine(t *testing.T) {
	a := newAuthority(t)
	cert, key := a.issue(t, "one.test")
	_, other := a.issue(t, "two.test")
	empty := filepath.Join(a.dir, "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	both := "-tls-cert=" + cert + " -tls-key=" + key
	for args, want := range map[string]string{
		"-accept-proxy=":                                                `invalid value "" for flag -accept-proxy: a part of it is empty`,
		"-accept-proxy=x -accept-proxy=all":                             `-accept-proxy "x": want an address, a network such as 10.0.0.0/8, or all`,
		"-accept-proxy=all,":                                            `invalid value "all," for flag -accept-proxy: a part of it is empty`,
		"-accept-proxy=10.0.0.0/x":                                      `-accept-proxy "10.0.0.0/x": want an address, a network such as 10.0.0.0/8, or all`,
		"-accept-proxy=10.1.2.3/8":                                      `-accept-proxy "10.1.2.3/8": not the beginning of a network; want 10.0.0.0/8 or 10.1.2.3`,
		"-accept-proxy=fe80::1%lo":                                      `-accept-proxy "fe80::1%lo": an address with a zone cannot be told from one without`,
		"-send-proxy=v2":                                                "-send-proxy: there are no servers, -to is echo",
		"-tls-to":                                                       "-tls-to: there are no servers, -to is echo",
		"-to=127.0.0.1:1 -send-proxy=v2-ssl-cn":                         "-send-proxy v2-ssl-cn: means nothing without -tls-cert",
		"-send-proxy=v3":                                                `-send-proxy "v3": want v1, v2 or v2-ssl-cn`,
		"-to=127.0.0.1:1 -send-proxy=v3":                                `-send-proxy "v3": want v1, v2 or v2-ssl-cn`,
		"-to=127.0.0.1:1 -tls-to-ca=" + a.file:                          "-tls-to-ca: means nothing without -tls-to",
		"-to=127.0.0.1:1 -tls-to-insecure":                              "-tls-to-insecure: means nothing without -tls-to",
		"-to=127.0.0.1:1 -tls-to-name=x":                                "-tls-to-name: means nothing without -tls-to",
		"-to=127.0.0.1:1 -tls-to -tls-to-ca=":                           "-tls-to-ca: empty",
		"-to=127.0.0.1:1 -tls-to -tls-to-ca=" + empty:                   "-tls-to-ca " + empty + ": the file is empty",
		"-to=127.0.0.1:1 -tls-to -tls-to-ca=" + key:                     "-tls-to-ca " + key + ": there is no certificate in it",
		"-to=127.0.0.1:1 -tls-to -tls-to-insecure -tls-to-ca=" + a.file: "-tls-to-ca: means nothing with -tls-to-insecure",
		"-tls-key=" + key:                                               "-tls-key: means nothing without -tls-cert",
		"-tls-cert=" + cert:                                             "-tls-cert: means nothing without -tls-key",
		"-tls-alpn=h2":                                                  "-tls-alpn: means nothing without -tls-cert",
		"-tls-client-ca=" + a.file:                                      "-tls-client-ca: means nothing without -tls-cert",
		"-tls-cbc":                                                      "-tls-cbc: means nothing without -tls-cert or -tls-to",
		both + " -tls-cbc -tls-min=1.3":                                 "-tls-cbc: means nothing with -tls-min 1.3",
		"-tls-min=1.3":                                                  "-tls-min: means nothing without -tls-cert or -tls-to",
		"-tls-cert=, -tls-key=x":                                        `invalid value "," for flag -tls-cert: a part of it is empty`,
		both + " -tls-min=1.1":                                          `-tls-min "1.1": want 1.2 or 1.3`,
		both + " -tls-key=" + key:                                       "-tls-cert has 1 files and -tls-key 2: want a key for each certificate",
		both + " -tls-client-ca=/nowhere/ca":                            "-tls-client-ca /nowhere/ca: no such file or directory",
		"-tls-cert=/nowhere/x -tls-key=" + key:                          "-tls-cert /nowhere/x: no such file or directory",
		"-tls-cert=" + cert + " -tls-key=/nowhere/x":                    "-tls-key /nowhere/x: no such file or directory",
		"-tls-cert=" + cert + " -tls-key=" + other: "-tls-cert " + cert + ", -tls-key " + other +
			": tls: private key does not match public key",
		both + " -handshake-timeout=-1s": `invalid value "-1s" for flag -handshake-timeout: a time cannot be negative`,
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

func TestCertificatesComeInPairsOrLists(t *testing.T) {
	a := newAuthority(t)
	cert1, key1 := a.issue(t, "one.test")
	cert2, key2 := a.issue(t, "two.test")
	for _, args := range [][]string{
		{"-tls-cert", cert1, "-tls-key", key1, "-tls-cert", cert2, "-tls-key", key2},
		{"-tls-cert", cert1 + "," + cert2, "-tls-key", key1 + "," + key2},
	} {
		p := launch(t, args...)
		for _, name := range []string{"one.test", "two.test"} {
			echoed(t, p.secure(t, a, name), "hello")
		}
	}
}

func TestTheOldestVersionIsWhatItIsSaidToBe(t *testing.T) {
	a := newAuthority(t)
	cert, key := a.issue(t, "one.test")
	for min, ok := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
		p := launch(t, "-tls-cert", cert, "-tls-key", key, "-tls-min", min)
		for _, version := range []uint16{tls.VersionTLS11, tls.VersionTLS12, tls.VersionTLS13} {
			c := tls.Client(p.dial(t), &tls.Config{
				RootCAs: a.Pool, ServerName: "one.test", MinVersion: tls.VersionTLS10, MaxVersion: version,
			})
			if err := c.Handshake(); version < ok {
				require.ErrorContains(t, err, "protocol version not supported")
			} else {
				require.NoError(t, err)
			}
		}
	}
}

func TestCBCIsSpokenOnlyIfAskedFor(t *testing.T) {
	a := newAuthority(t)
	cert, key := a.issue(t, "one.test")
	for _, allowed := range []bool{false, true} {
		p := launch(t, "-tls-cert", cert, "-tls-key", key, "-tls-cbc="+strconv.FormatBool(allowed))
		for _, suite := range tls.CipherSuites() {
			if !slices.Contains(suite.SupportedVersions, tls.VersionTLS12) || strings.Contains(suite.Name, "_RSA_") {
				continue
			}
			c := tls.Client(p.dial(t), &tls.Config{
				RootCAs: a.Pool, ServerName: "one.test", MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{suite.ID},
			})
			if strings.Contains(suite.Name, "_CBC_") && !allowed {
				require.ErrorContains(t, c.Handshake(), "handshake failure", suite.Name)
			} else {
				require.NoError(t, c.Handshake(), suite.Name)
			}
		}
	}
}

func TestCertificatesThatAreNotValidNowAreSaid(t *testing.T) {
	a := newAuthority(t)
	old, oldKey := a.issueFor(t, "old.test", -2*time.Hour, -time.Hour)
	early, earlyKey := a.issueFor(t, "early.test", time.Hour, 2*time.Hour)
	good, goodKey := a.issue(t, "good.test")
	p := launch(t, "-tls-cert", old+","+early+","+good, "-tls-key", oldKey+","+earlyKey+","+goodKey,
		"-tls-client-ca", old, "-to", "127.0.0.1:1", "-tls-to", "-tls-to-ca", early)
	p.line(t, "msg=listening")
	said := p.find("not valid now")
	require.Len(t, said, 4)
	for i, want := range []string{
		`why="expired at .*" subject="CN=old.test" flag=-tls-cert file=` + old + ` others=0`,
		`why="not valid before .*" subject="CN=early.test" flag=-tls-cert file=` + early,
		`why="expired at .*" subject="CN=old.test" flag=-tls-client-ca file=` + old,
		`why="not valid before .*" subject="CN=early.test" flag=-tls-to-ca file=` + early,
	} {
		require.Regexp(t, `level=WARN .*`+want, said[i])
	}
	p.signal(t, syscall.SIGHUP)
	p.line(t, "msg=reloaded")
	require.Len(t, p.find("not valid now"), 8)
}

// TestServersAreVerifiedByTheirHost also shows that a name and an authority can be
// given instead.
func TestServersAreVerifiedByTheirHost(t *testing.T) {
	a := newAuthority(t)
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{a.pair(t, "one.test")}})
	require.NoError(t, err)
	defer ln.Close()
	go welcome(ln)
	_, port, err := net.SplitHostPort(addrOf(ln))
	require.NoError(t, err)
	for args, want := range map[string]string{
		"-to=127.0.0.1:" + port + " -tls-to-ca=" + a.file:                       "",
		"-to=localhost:" + port + " -tls-to-ca=" + a.file:                       "certificate is valid for one.test, not localhost",
		"-to=localhost:" + port + " -tls-to-name=one.test -tls-to-ca=" + a.file: "",
		"-to=127.0.0.1:" + port + " -tls-to-name=two.test -tls-to-ca=" + a.file: "certificate is valid for one.test, not two.test",
		"-to=127.0.0.1:" + port: "certificate signed by unknown authority",
		"-to=127.0.0.1:" + port + " -tls-to-insecure -tls-to-name=whatever.test": "",
	} {
		t.Run(args, func(t *testing.T) {
			p := launch(t, append(strings.Fields(args), "-tls-to", "-stats", "127.0.0.1:0")...)
			if want == "" {
				expect(t, p.dial(t), "welcome")
				return
			}
			if c, err := net.Dial("tcp", p.addr); err == nil { // a reset may be as fast
				defer c.Close()
			}
			line := p.line(t, " end=ST err=ETLS detail=")
			require.Contains(t, line, want)
			// Where another server does better that line is silent.
			named := p.line(t, `level=WARN msg="server refused by TLS"`)
			require.Equal(t, field(line, "server"), field(named, "server"))
			require.Contains(t, named, want)
			url := "http://" + field(p.line(t, "msg=listening"), "stats") + "/metrics"
			require.Eventually(t, func() bool {
				return strings.Contains(get(t, url), `relay_server_tls_refused_total{server="`+field(line, "server")+`",worker="0"} 1`)
			}, patience, 50*time.Millisecond)
		})
	}
}

// welcome greets each client, until there is no listener any more.
func welcome(ln net.Listener) {
	for {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		go func() {
			// Whether it arrives is the test's business.
			_, _ = c.Write([]byte("welcome"))
			// A connection that nobody holds any more is closed by the collector.
			_, _ = io.Copy(io.Discard, c)
			c.Close()
		}()
	}
}

func TestSIGHUPReloadsCertificatesAndLosesNobody(t *testing.T) {
	a := newAuthority(t)
	cert, key := a.issue(t, "one.test")
	p := launch(t, "-tls-cert", cert, "-tls-key", key, "-workers", "2")
	old := p.secure(t, a, "one.test")
	echoed(t, old, "before")
	first := old.ConnectionState().PeerCertificates[0].SerialNumber

	a.issue(t, "one.test")
	p.signal(t, syscall.SIGHUP)
	line := p.line(t, "msg=reloaded")
	require.Contains(t, line, "level=INFO")
	require.Equal(t, "1", field(line, "certificates"))
	second := p.secure(t, a, "one.test").ConnectionState().PeerCertificates[0].SerialNumber
	require.NotEqual(t, first, second)
	echoed(t, old, "and after")

	good, err := os.ReadFile(key)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(key, []byte("no key at all"), 0o600))
	p.signal(t, syscall.SIGHUP)
	line = p.line(t, "not reloaded")
	require.Contains(t, line, "level=WARN")
	require.Contains(t, line, "-tls-key "+key+": tls: failed to find any PEM data in key input")
	require.NotContains(t, line, "no key at all")
	require.Equal(t, second, p.secure(t, a, "one.test").ConnectionState().PeerCertificates[0].SerialNumber)
	echoed(t, old, "and still")

	require.NoError(t, os.WriteFile(key, good, 0o600))
	p.signal(t, syscall.SIGHUP)
	require.Eventually(t, func() bool { return len(p.find("msg=reloaded")) == 2 }, patience, 5*time.Millisecond)
	require.NoError(t, old.Close())
	p.signal(t, syscall.SIGTERM)
}

// TestSIGHUPChangesBothSidesOrNone: one bad file keeps the good ones out too.
func TestSIGHUPChangesBothSidesOrNone(t *testing.T) {
	a, theirs := newAuthority(t), newAuthority(t)
	cert, key := a.issue(t, "one.test")
	ca, err := os.ReadFile(theirs.file)
	require.NoError(t, err)
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{theirs.pair(t, "two.test")}})
	require.NoError(t, err)
	defer ln.Close()
	go welcome(ln)
	authorities := filepath.Join(a.dir, "authorities.pem")
	require.NoError(t, os.WriteFile(authorities, ca, 0o600))
	p := launch(t, "-tls-cert", cert, "-tls-key", key, "-to", addrOf(ln), "-tls-to", "-tls-to-ca", authorities)
	c := p.secure(t, a, "one.test")
	expect(t, c, "welcome")
	serial := c.ConnectionState().PeerCertificates[0].SerialNumber

	a.issue(t, "one.test")
	require.NoError(t, os.WriteFile(authorities, []byte("nothing"), 0o600))
	p.signal(t, syscall.SIGHUP)
	require.Contains(t, p.line(t, "not reloaded"), "-tls-to-ca "+authorities+": there is no certificate in it")
	c = p.secure(t, a, "one.test")
	expect(t, c, "welcome")
	require.Equal(t, serial, c.ConnectionState().PeerCertificates[0].SerialNumber)

	wrong, err := os.ReadFile(a.file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(authorities, wrong, 0o600))
	p.signal(t, syscall.SIGHUP)
	p.line(t, "msg=reloaded")
	c = p.secure(t, a, "one.test")
	require.NotEqual(t, serial, c.ConnectionState().PeerCertificates[0].SerialNumber)
	require.Contains(t, p.line(t, "end=ST"), "certificate signed by unknown authority")
}
