package simnet_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
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

// network is a way to two connected ends: a dialled and b accepted.
type network struct {
	pair func() (a, b net.Conn)
	dial func() error // where nobody listens
}

// fullDuplex is what probes need beside net.Conn, of which a network may lack all.
type fullDuplex interface {
	CloseWrite() error
	SetLinger(sec int) error
}

// probes are what a test may want to see of a network, each tried on both ends of a new
// connection.
var probes = []struct {
	name string
	try  func(w network, a, b net.Conn) bool
}{
	{"a deadline ends a read", func(_ network, a, b net.Conn) bool {
		a.SetReadDeadline(time.Now().Add(time.Millisecond))
		_, err := a.Read(make([]byte, 1))
		return errors.Is(err, os.ErrDeadlineExceeded)
	}},
	{"a write needs no reader", func(_ network, a, b net.Conn) bool {
		a.SetWriteDeadline(time.Now().Add(time.Millisecond))
		n, err := a.Write([]byte("x"))
		return n == 1 && err == nil
	}},
	{"a full buffer cuts a write short", func(_ network, a, b net.Conn) bool {
		much, n, err := make([]byte, 64<<20), 0, error(nil)
		for wait := 50 * time.Millisecond; n == 0 && wait < time.Second; wait *= 4 { // a busy machine may begin late
			a.SetWriteDeadline(time.Now().Add(wait))
			n, err = a.Write(much)
		}
		return n > 0 && errors.Is(err, os.ErrDeadlineExceeded)
	}},
	{"an answer comes after CloseWrite", func(_ network, a, b net.Conn) bool {
		c, can := a.(fullDuplex)
		if !can || c.CloseWrite() != nil {
			return false
		}
		_, end := b.Read(make([]byte, 1))
		b.Write([]byte("x"))
		n, _ := a.Read(make([]byte, 1))
		return end == io.EOF && n == 1
	}},
	{"ECONNRESET", func(_ network, a, b net.Conn) bool {
		if c, can := a.(fullDuplex); can {
			c.SetLinger(0)
		}
		a.Close()
		_, err := b.Read(make([]byte, 1))
		return errors.Is(err, syscall.ECONNRESET)
	}},
	{"unread bytes make a close a reset", func(_ network, a, b net.Conn) bool {
		b.SetWriteDeadline(time.Now().Add(time.Millisecond))
		b.Write([]byte("xy"))
		a.Read(make([]byte, 1))
		a.Close()
		_, err := b.Read(make([]byte, 1))
		return errors.Is(err, syscall.ECONNRESET)
	}},
	{"EPIPE", func(_ network, a, b net.Conn) bool {
		a.Close()
		b.Read(make([]byte, 1))
		var err error
		for err == nil {
			_, err = b.Write([]byte("x"))
		}
		return errors.Is(err, syscall.EPIPE)
	}},
	{"a net.OpError with addresses", func(_ network, a, b net.Conn) bool {
		a.SetReadDeadline(time.Unix(1, 0))
		_, err := a.Read(make([]byte, 1))
		var op *net.OpError
		return errors.As(err, &op) && op.Source != nil && op.Addr != nil
	}},
	{"RemoteAddr is a *net.TCPAddr", func(_ network, a, b net.Conn) bool {
		_, is := b.RemoteAddr().(*net.TCPAddr)
		return is
	}},
	{"ECONNREFUSED", func(w network, a, b net.Conn) bool { return errors.Is(w.dial(), syscall.ECONNREFUSED) }},
}

// tried tries everything on a network.
func tried(w network) (list []bool) {
	for _, p := range probes {
		a, b := w.pair()
		a.SetDeadline(time.Now().Add(time.Second)) // for what would wait for ever
		b.SetDeadline(time.Now().Add(time.Second))
		list = append(list, p.try(w, a, b))
		a.Close()
		b.Close()
	}
	return list
}

// simulated tries it in a healthy world.
func simulated(t *testing.T) (list []bool) {
	p := properties.Register(&properties.Program{Name: "compared", Within: simnet.Bubble(t), Dials: true, Main: simnet.Goroutines(func(n *simnet.Net) {
		l := n.Listener()
		list = tried(network{
			pair: func() (a, b net.Conn) {
				a, err := n.Dial("tcp", l.Addr().String())
				if err == nil {
					b, err = l.Accept()
				}
				if err != nil {
					n.Failf("%v", err)
				}
				return a, b
			},
			dial: func() error {
				l.Close()
				_, err := n.Dial("tcp", l.Addr().String())
				return err
			},
		})
	})})
	tr := p.Scenario()
	tr.Sessions = make([]traces.Session, len(probes))
	require.Nil(t, properties.NewWorld(p).Run(tr, sim.Benign{}, properties.Options{}))
	return list
}

// onLinux tries it on Linux.
func onLinux(t *testing.T) []bool {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return tried(network{
		pair: func() (a, b net.Conn) {
			a, err := net.Dial("tcp", l.Addr().String())
			require.NoError(t, err)
			b, err = l.Accept()
			require.NoError(t, err)
			return a, b
		},
		dial: func() error {
			l.Close()
			_, err := net.Dial("tcp", l.Addr().String())
			return err
		},
	})
}

// row is one of the package comment's table.
func row(name string, piped, linux, simnet bool) string {
	yes := map[bool]string{true: "yes", false: "no"}
	return fmt.Sprintf("//\t%-36s%-10s%-10s%s\n", name, yes[piped], yes[linux], yes[simnet])
}

func TestThePackageCommentComparesNetworksAsTheyAre(t *testing.T) {
	piped := tried(network{
		pair: net.Pipe,
		dial: func() error { return errors.New("nobody listens") }, // as fake listeners have it
	})
	linux, world := onLinux(t), simulated(t)
	var table strings.Builder
	fmt.Fprintf(&table, "//\t%-36s%-10s%-10s%s\n", "", "net.Pipe", "Linux", "simnet")
	for i, p := range probes {
		table.WriteString(row(p.name, piped[i], linux[i], world[i]))
	}
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	require.Contains(t, string(doc), table.String())
}
