package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// haproxy starts one with a listener of the test's, which its configuration calls
// fd@3, so that nobody else can get the port in between.
func haproxy(t *testing.T, config string) (addr string) {
	program(t, "haproxy")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	f, err := ln.(*net.TCPListener).File()
	require.NoError(t, err)
	defer f.Close()
	file := filepath.Join(t.TempDir(), "haproxy.cfg")
	const head = "defaults\n  timeout connect 60s\n  timeout client 60s\n  timeout server 60s\n"
	require.NoError(t, os.WriteFile(file, []byte(head+config), 0o600))
	runWith(t, []*os.File{f}, "haproxy", "-db", "-f", file)
	return addrOf(ln)
}

// whoIsIt is a haproxy that answers with the client's address, as far as it knows.
const whoIsIt = `  http-request return status 200 content-type text/plain lf-string "%[src]:%[src_port]"` + "\n"

func TestInteropHAProxySaysWhoTheClientIs(t *testing.T) {
	program(t, "haproxy")
	a := newAuthority(t)
	for name, option := range map[string]string{
		"v1": "send-proxy", "v2": "send-proxy-v2", "v2 with checksum": "send-proxy-v2 proxy-v2-options crc32c",
		"v1 and TLS": "send-proxy ssl verify required sni str(one.test) ca-file " + a.file,
		"v2 and TLS": "send-proxy-v2 proxy-v2-options crc32c ssl verify required sni str(one.test) ca-file " + a.file,
	} {
		for _, poller := range []string{"level", "edge"} {
			t.Run(name+" "+poller, func(t *testing.T) {
				args := []string{"-accept-proxy", "127.0.0.1", "-poller", poller}
				if len(name) > 6 && name[3:] == "and TLS" {
					args = certified(t, a, args...)
				}
				p := launch(t, args...)
				front := haproxy(t, "listen a\n  mode tcp\n  bind fd@3\n  server relay "+p.addr+" "+option+"\n")
				c, err := net.DialTimeout("tcp", front, patience)
				require.NoError(t, err)
				echoed(t, c, "hello")
				require.NoError(t, c.Close())
				line := p.line(t, "msg=session")
				require.Equal(t, c.LocalAddr().String(), field(line, "client"))
				require.NotEmpty(t, field(line, "via"))
				require.Equal(t, "--", field(line, "end"), line)
			})
		}
	}
}

// seen asks the haproxy behind the relay who it thinks is asking, and returns that
// and who does.
func seen(t *testing.T, addr string) (their, own string) {
	var c net.Conn
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var err error
		c, err = new(net.Dialer).DialContext(ctx, "tcp", addr)
		return c, err
	}}, Timeout: patience}
	r, err := client.Get("http://" + addr + "/")
	require.NoError(t, err)
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, r.StatusCode)
	return string(text), c.LocalAddr().String()
}

func TestInteropHAProxyIsToldWhoTheClientIs(t *testing.T) {
	program(t, "haproxy")
	a := newAuthority(t)
	for _, version := range []string{"v1", "v2"} {
		for _, secure := range []bool{false, true} {
			bind, args := "", []string{"-send-proxy", version}
			if secure {
				bind = " ssl crt " + bundle(t, a)
				args = append(args, "-tls-to", "-tls-to-ca", a.file)
			}
			back := haproxy(t, "frontend a\n  mode http\n  bind fd@3 accept-proxy"+bind+"\n"+whoIsIt)
			p := launch(t, append(args, "-to", back)...)
			their, own := seen(t, p.addr)
			require.Equal(t, own, their)
		}
	}
}

// bundle is a certificate and its key in one file.
func bundle(t *testing.T, a *authority) string {
	cert, key := a.issue(t, "server.test")
	text, err := os.ReadFile(cert)
	require.NoError(t, err)
	secret, err := os.ReadFile(key)
	require.NoError(t, err)
	file := filepath.Join(a.dir, "bundle.pem")
	require.NoError(t, os.WriteFile(file, append(text, secret...), 0o600))
	return file
}

// TestInteropHAProxyOnBothSidesSeesThrough: haproxy, relay, haproxy, with headers
// and TLS on both ways in between.
func TestInteropHAProxyOnBothSidesSeesThrough(t *testing.T) {
	program(t, "haproxy")
	a := newAuthority(t)
	back := haproxy(t, "frontend a\n  mode http\n  bind fd@3 accept-proxy ssl crt "+bundle(t, a)+"\n"+whoIsIt)
	p := launch(t, certified(t, a, "-accept-proxy", "all", "-to", back, "-send-proxy", "v2", "-tls-to", "-tls-to-ca", a.file)...)
	front := haproxy(t, "listen a\n  mode tcp\n  bind fd@3\n  server relay "+p.addr+
		" send-proxy-v2 proxy-v2-options crc32c,ssl,authority ssl verify required sni str(one.test) ca-file "+a.file+"\n")
	their, own := seen(t, front)
	require.Equal(t, own, their)
	require.Equal(t, own, field(p.line(t, "msg=session"), "client"))
}

// TestInteropHAProxyChecksHealth: its checks begin with a header that says LOCAL.
func TestInteropHAProxyChecksHealth(t *testing.T) {
	program(t, "haproxy")
	server := httptest.NewServer(site)
	defer server.Close()
	p := launch(t, "-accept-proxy", "all", "-to", server.Listener.Addr().String())
	haproxy(t, "listen a\n  mode http\n  bind fd@3\n  option httpchk GET /\n  server relay "+p.addr+
		" send-proxy-v2 check check-send-proxy inter 50ms\n")
	line := p.line(t, "msg=session")
	require.Empty(t, field(line, "via"), "a check speaks for itself")
	require.NotEqual(t, "CP", field(line, "end"))
}
