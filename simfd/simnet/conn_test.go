package simnet_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"millrace/properties"
	"millrace/sim"
	"millrace/simfd/simnet"
	"millrace/traces"
)

func TestAConnHasWhatATCPConnHas(t *testing.T) {
	ours, theirs := reflect.TypeFor[*simnet.Conn](), reflect.TypeFor[*net.TCPConn]()
	var missing []string
	for i := range theirs.NumMethod() {
		m := theirs.Method(i)
		o, has := ours.MethodByName(m.Name)
		if !has {
			missing = append(missing, m.Name)
			continue
		}
		require.Equal(t, m.Type.NumIn(), o.Type.NumIn(), m.Name)
		for k := 1; k < m.Type.NumIn(); k++ {
			require.Equal(t, m.Type.In(k), o.Type.In(k), m.Name)
		}
		for k := range m.Type.NumOut() {
			require.Equal(t, m.Type.Out(k), o.Type.Out(k), m.Name)
		}
	}
	require.Equal(t, []string{"File", "MultipathTCP", "SyscallConn"}, missing, "there is no file")
}

// tcp is what code looks for in a *net.TCPConn.
type tcp interface {
	net.Conn
	io.ReaderFrom
	io.WriterTo
	CloseRead() error
	CloseWrite() error
}

// door is what it looks for in a *net.TCPListener.
type door interface {
	net.Listener
	SetDeadline(t time.Time) error
}

// dialContext is what http.Transport takes, or grpc.
type dialContext func(ctx context.Context, network, address string) (net.Conn, error)

// said says what came of a call, without addresses.
func said(text *strings.Builder, call string, n int, err error) {
	fmt.Fprintf(text, "%-30s %2d ", call, n)
	var op *net.OpError
	switch {
	case errors.As(err, &op):
		fmt.Fprintf(text, "%s %s source=%t addr=%t timeout=%t", op.Op, op.Net, op.Source != nil, op.Addr != nil, op.Timeout())
		in := op.Err
		if inner, is := in.(*net.OpError); is {
			fmt.Fprintf(text, ": %s", inner.Op)
			in = inner.Err
		}
		if _, is := in.(*os.SyscallError); is {
			fmt.Fprint(text, ": SyscallError")
		}
		fmt.Fprintf(text, ": %s", in)
		for _, is := range []error{net.ErrClosed, os.ErrDeadlineExceeded, context.Canceled, context.DeadlineExceeded, syscall.EPIPE, syscall.ECONNREFUSED} {
			if errors.Is(err, is) {
				fmt.Fprintf(text, " (%s)", is)
			}
		}
		fmt.Fprintln(text)
	default:
		fmt.Fprintln(text, err)
	}
}

// manners writes down what a network answers to what is seldom done.
func manners(l door, dial dialContext) string {
	var text strings.Builder
	say := func(call string, n int, err error) { said(&text, call, n, err) }
	pair := func() (a, b tcp) {
		x, err := dial(context.Background(), "tcp", l.Addr().String())
		if err != nil {
			panic(err)
		}
		y, err := l.Accept()
		if err != nil {
			panic(err)
		}
		return x.(tcp), y.(tcp)
	}
	a, b := pair()
	ends(a, b, say)
	a, b = pair()
	over := make(chan error)
	go func() {
		_, err := a.Read(make([]byte, 1))
		over <- err
	}()
	time.Sleep(time.Millisecond)
	a.Close()
	say("Read that Close ends", 0, <-over)
	b.Close()
	doors(l, dial, say)
	return text.String()
}

// past is a deadline that is over.
var past = time.Unix(1, 0)

// ends has two ends do what is seldom done.
func ends(a, b tcp, say func(call string, n int, err error)) {
	buf := make([]byte, 10)
	n, err := a.Read(nil)
	say("Read of nothing", n, err)
	n, err = a.Write(nil)
	say("Write of nothing", n, err)
	k, err := a.ReadFrom(io.LimitReader(strings.NewReader("what was said"), 4))
	say("ReadFrom", int(k), err)
	say("CloseWrite", 0, a.CloseWrite())
	say("CloseWrite again", 0, a.CloseWrite())
	var got strings.Builder
	k, err = b.WriteTo(&got)
	say("WriteTo "+got.String(), int(k), err)
	n, err = a.Write(buf)
	say("Write behind CloseWrite", n, err)
	k, err = a.ReadFrom(strings.NewReader("more"))
	say("ReadFrom behind CloseWrite", int(k), err)
	say("CloseRead", 0, a.CloseRead())
	n, err = a.Read(buf)
	say("Read behind CloseRead", n, err)
	a.SetDeadline(past)
	n, err = a.Read(buf)
	say("Read behind its deadline", n, err)
	b.SetDeadline(past)
	n, err = b.Write(buf)
	say("Write behind its deadline", n, err)
	b.SetDeadline(time.Time{})
	n, err = b.Write(buf)
	say("Write when it is lifted", n, err)
	say("Close", 0, a.Close())
	say("Close again", 0, a.Close())
	n, err = a.Read(buf)
	say("Read behind Close", n, err)
	n, err = a.Write(buf)
	say("Write behind Close", n, err)
	k, err = a.WriteTo(io.Discard)
	say("WriteTo behind Close", int(k), err)
	say("CloseWrite behind Close", 0, a.CloseWrite())
	say("CloseRead behind Close", 0, a.CloseRead())
	say("SetDeadline behind Close", 0, a.SetDeadline(past))
	b.Close()
}

// doors does it to a listener, and to who dials it.
func doors(l door, dial dialContext, say func(call string, n int, err error)) {
	bg := context.Background()
	ended, end := context.WithCancel(bg)
	end()
	_, err := dial(ended, "tcp", l.Addr().String())
	say("Dial, cancelled", 0, err)
	late, end := context.WithDeadline(bg, past)
	_, err = dial(late, "tcp", l.Addr().String())
	say("Dial, too late", 0, err)
	end()
	l.SetDeadline(past)
	_, err = l.Accept()
	say("Accept behind its deadline", 0, err)
	l.SetDeadline(time.Time{})
	say("Close of the listener", 0, l.Close())
	say("Close of it again", 0, l.Close())
	_, err = l.Accept()
	say("Accept behind Close", 0, err)
	_, err = dial(bg, "tcp", l.Addr().String())
	say("Dial, refused", 0, err)
}

func TestMannersAreThoseOfPackageNetOnLinux(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	real := manners(l.(door), new(net.Dialer).DialContext)
	healthy(t, 4, func(n *simnet.Net) { require.Equal(t, real, manners(n.Listener(), n.DialContext)) })
	require.Contains(t, real, "broken pipe")
}

// healthy runs a program with both ends of connections in a world where nothing goes wrong.
func healthy(t *testing.T, sessions int, main func(n *simnet.Net)) {
	t.Helper()
	p := properties.Register(&properties.Program{Name: "healthy", Within: simnet.Bubble(t), Dials: true, Main: simnet.Goroutines(main)})
	tr := p.Scenario()
	tr.Sessions = make([]traces.Session, sessions)
	require.Nil(t, properties.NewWorld(p).Run(tr, sim.Benign{}, properties.Options{}))
}

func TestTheClockOfABubbleIsTheWorlds(t *testing.T) {
	same := func(n *simnet.Net) {
		if !time.Now().Equal(n.Now()) {
			n.Failf("package time has %s, the world %s", time.Now(), n.Now())
		}
	}
	ended := false
	healthy(t, 1, func(n *simnet.Net) {
		same(n)
		began := time.Now()
		time.Sleep(3 * time.Second) // a timer of the program's
		same(n)
		a, b := ourselves(n).pair() // what takes time is the network
		same(n)
		a.SetReadDeadline(time.Now().Add(time.Hour)) // a deadline of the kernel's
		a.Read(make([]byte, 1))
		same(n)
		a.Close()
		b.Close()
		passed := time.Since(began)
		ended = passed > time.Hour && passed < time.Hour+4*time.Second
	})
	require.True(t, ended)
}
