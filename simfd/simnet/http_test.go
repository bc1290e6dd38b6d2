package simnet_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"millrace/properties"
	"millrace/sim"
	"millrace/simfd/simnet"
	"millrace/traces"
)

// web is net/http's server as it is, with the timeouts that one is told to set.
func web(n *simnet.Net) {
	mux := http.NewServeMux()
	mux.HandleFunc("/len", func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, "%d bytes\n", len(b))
	})
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 20 * time.Second, IdleTimeout: 30 * time.Second, ErrorLog: quiet}
	s.Serve(patient{n.Listener()})
	s.Close()
}

// patient is a listener for a server that gives up at what Linux's manual tells to pass over:
// a connection that failed before it was accepted.
type patient struct{ net.Listener }

func (l patient) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err == nil || errors.Is(err, net.ErrClosed) {
			return c, err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// drawWeb draws clients that ask once or twice on a connection, with bodies of a known length,
// in chunks, or after 100 Continue; or with one that is cut, which must not be taken for whole.
func drawWeb(r *sim.Rand, t *traces.Trace) {
	properties.DrawNetwork(r, &t.Settings)
	t.Settings[traces.RcvBuf], t.Settings[traces.SndBuf] = max(64, t.Settings[traces.RcvBuf]), max(64, t.Settings[traces.SndBuf])
	t.Settings[traces.Segment] = max(10, t.Settings[traces.Segment])
	for range sim.Of(r, 1, 2, 4) {
		var s traces.Script
		for last, k := false, r.Intn(3); !last; k-- {
			last = k <= 0
			n := r.Intn(200)
			if r.Intn(8) == 0 {
				s = append(s, properties.Say(fmt.Sprintf("POST /len HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s", n+1, strings.Repeat("x", n))),
					traces.Act{Verb: traces.ShutW}, properties.Expect("HTTP/1.1 400 Bad Request\r\n"), properties.Expect("unexpected EOF"))
				break
			}
			head := "POST /len HTTP/1.1\r\nHost: h\r\n"
			if last {
				head += "Connection: close\r\n"
			}
			body := strings.Repeat("x", n)
			switch r.Intn(3) {
			case 0:
				s = append(s, properties.Say(fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", head, n, body)))
			case 1:
				s = append(s, properties.Say(fmt.Sprintf("%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", head, n+1, body+"x")))
				n++
			case 2:
				n++
				s = append(s, properties.Say(fmt.Sprintf("%sContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", head, n)),
					properties.Expect("HTTP/1.1 100 Continue\r\n\r\n"), properties.Say(body+"x"))
			}
			s = append(s, properties.Expect("HTTP/1.1 200 OK\r\n"), properties.Expect(fmt.Sprintf("\r\n\r\n%d bytes\n", n)))
		}
		s = append(s, traces.Act{Verb: traces.EOF}, traces.Act{Verb: traces.Close})
		t.Sessions = append(t.Sessions, traces.Session{Client: s})
	}
}

func TestTheServerOfNetHTTPAnswersAllThatWereSpared(t *testing.T) {
	properties.Check(t, &properties.Program{
		Name: "net-http", Main: simnet.Goroutines(web), Within: simnet.Bubble(t), Draw: drawWeb,
	})
}

// TestServeOfNetHTTPEndsWhenAcceptFails is a fault of net/http's: accept(2) says that what is
// wrong with one connection is to be passed over like EAGAIN.
func TestServeOfNetHTTPEndsWhenAcceptFails(t *testing.T) {
	properties.Register(&properties.Program{
		Name: "http-serve", Within: simnet.Bubble(t),
		Main: simnet.Goroutines(func(n *simnet.Net) {
			if err := http.Serve(n.Listener(), nil); !n.Ended() {
				n.Failf("Serve returns: %v", err)
			}
		}),
	})
	tr, err := traces.Parse("x.trace", []byte("millrace 1\nworld program=http-serve\nsession 0 client=-\nchoose l0 accept 0 = EPROTO\n"))
	require.NoError(t, err)
	var text strings.Builder
	properties.Explain(&text, tr, "x.trace", false)
	require.Contains(t, text.String(), "Serve returns: accept tcp 192.168.1.1:443: accept4: protocol error")
	require.Contains(t, text.String(), "; listener Accept = EPROTO")
}

// get is net/http's client as it is: it asks twice, and looks at the answers.
func get(n *simnet.Net) {
	tr := &http.Transport{DialContext: n.DialContext, IdleConnTimeout: time.Minute}
	c := &http.Client{Transport: tr, Timeout: 2 * time.Minute}
	n.Try("get", func() error {
		defer tr.CloseIdleConnections()
		for k := range 2 {
			r, err := c.Get(fmt.Sprintf("http://server/%d", k))
			if err != nil {
				return err
			}
			b, err := io.ReadAll(r.Body)
			r.Body.Close()
			if err != nil {
				return err
			}
			if string(b) != fmt.Sprintf("answer %d", k) {
				n.Failf("wrong answer %q, and no error", b)
			}
		}
		return nil
	})
}

// drawGet draws a server that answers, in one piece or in chunks, and maybe cuts its answer.
func drawGet(r *sim.Rand, t *traces.Trace) {
	properties.DrawNetwork(r, &t.Settings)
	t.Settings[traces.RcvBuf], t.Settings[traces.SndBuf] = max(64, t.Settings[traces.RcvBuf]), max(64, t.Settings[traces.SndBuf])
	var s traces.Script
	for k := range 2 {
		head, body := "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n", fmt.Sprintf("answer %d", k)
		if r.Intn(2) == 0 {
			head, body = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", fmt.Sprintf("8\r\n%s\r\n0\r\n\r\n", body)
		}
		s = append(s, properties.Expect(fmt.Sprintf("GET /%d HTTP/1.1\r\n", k)), properties.Expect("\r\n\r\n"), properties.Say(head))
		if r.Intn(8) == 0 {
			s = append(s, properties.Say(body[:1+r.Intn(len(body)-1)]), traces.Act{Verb: sim.Of(r, traces.Close, traces.Reset)})
			break
		}
		s = append(s, properties.Say(body))
	}
	t.Sessions = append(t.Sessions, traces.Session{Server: append(s, traces.Act{Verb: traces.EOF}, traces.Act{Verb: traces.Close})})
}

func TestTheClientOfNetHTTPTakesNoCutAnswerForAWholeOne(t *testing.T) {
	properties.Check(t, &properties.Program{
		Name: "http-get", Main: simnet.Goroutines(get), Within: simnet.Bubble(t), Draw: drawGet, Dials: true,
		Calm: func(t *traces.Trace, label int) bool {
			s := t.Sessions[label].Server
			return len(s) == 10 && s[8].Verb == traces.EOF
		},
	})
}

// both is net/http at both ends of connections of one world.
func both(n *simnet.Net) {
	n.Go(func() { web(n) })
	tr := &http.Transport{DialContext: n.DialContext, IdleConnTimeout: time.Minute}
	c := &http.Client{Transport: tr, Timeout: time.Minute}
	for _, size := range []int{0, 10, 700} {
		n.Try(fmt.Sprintf("post of %d bytes", size), func() error {
			time.Sleep(time.Duration(size) * time.Microsecond) // of three that dial at one time, nobody says who is first
			r, err := c.Post("http://"+n.Listener().Addr().String()+"/len", "text/plain", strings.NewReader(strings.Repeat("x", size)))
			if err != nil {
				return err
			}
			b, err := io.ReadAll(r.Body)
			r.Body.Close()
			if err == nil && r.StatusCode == http.StatusOK && string(b) != fmt.Sprintf("%d bytes\n", size) {
				n.Failf("wrong answer %q", b)
			}
			return err
		})
	}
}

func TestBothEndsMayBeNetHTTP(t *testing.T) {
	properties.Check(t, &properties.Program{
		Name: "http-both", Main: simnet.Goroutines(both), Within: simnet.Bubble(t), Dials: true, Draw: drawOurs,
	})
}

// drawOurs draws a world in which the program meets itself, on up to three connections.
func drawOurs(r *sim.Rand, t *traces.Trace) {
	properties.DrawNetwork(r, &t.Settings)
	t.Settings[traces.RcvBuf], t.Settings[traces.SndBuf] = max(64, t.Settings[traces.RcvBuf]), max(64, t.Settings[traces.SndBuf])
	t.Settings[traces.Segment] = max(10, t.Settings[traces.Segment])
	for range 3 {
		t.Sessions = append(t.Sessions, traces.Session{})
	}
	properties.DrawLinks(r, t)
}
