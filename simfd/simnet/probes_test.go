package simnet_test

// What tests may want to see of a network, with nothing of ours: .ci/shows tries it on what
// other people's modules have, and takes this file for that.

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// network is a way to two connected ends: a dialled and b accepted.
type network struct {
	pair func() (a, b net.Conn)
	dial func() error // where nobody listens
}

// crowd has eight write at one time, and returns in which order they are heard.
func crowd(w network) string {
	var heard sync.Mutex
	var order []byte
	var all sync.WaitGroup
	var ends []net.Conn
	for range 8 {
		a, b := w.pair()
		ends = append(ends, a, b)
	}
	for i := range byte(8) {
		a, b := ends[2*i], ends[2*i+1]
		all.Go(func() { a.Write([]byte{'a' + i}) })
		all.Go(func() {
			buf := make([]byte, 1)
			b.Read(buf)
			heard.Lock()
			defer heard.Unlock()
			order = append(order, buf[0])
		})
	}
	all.Wait()
	for _, c := range ends {
		c.Close()
	}
	return string(order)
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
		return timedOut(err)
	}},
	{"os.ErrDeadlineExceeded", func(_ network, a, b net.Conn) bool {
		a.SetReadDeadline(time.Now().Add(time.Millisecond))
		_, err := a.Read(make([]byte, 1))
		return errors.Is(err, os.ErrDeadlineExceeded)
	}},
	{"an hour's deadline takes no hour", func(_ network, a, b net.Conn) bool {
		began, real := time.Now(), realNow()
		a.SetReadDeadline(began.Add(time.Hour))
		over := make(chan bool)
		go func() {
			a.Read(make([]byte, 1))
			close(over)
		}()
		for wait := time.Millisecond; ; wait *= 2 {
			select {
			case <-over:
				return true
			case <-time.After(wait):
			}
			if passed := time.Since(began); passed > time.Second/2 && realNow()-real >= passed { // they are one clock
				a.Close()
				<-over
				return false
			}
		}
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
		return n > 0 && timedOut(err)
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

// timedOut says that an error is a deadline's.
func timedOut(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// repeats says whether something comes out the same each time.
func repeats(times int, run func() string) bool {
	first := run()
	for range times - 1 {
		if run() != first {
			return false
		}
	}
	return true
}

// cells are what is said of a network: by probes, and then of crowd whether it repeats itself.
func cells() (names []string) {
	for _, p := range probes {
		names = append(names, p.name)
	}
	return append(names, "an order can be had again")
}

// realNow is the machine's clock, in a bubble too.
func realNow() time.Duration {
	var t syscall.Timeval
	syscall.Gettimeofday(&t)
	return time.Duration(t.Nano())
}
