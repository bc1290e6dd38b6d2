package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

// load is one workload: so many units of something, over so many connections at once.
type load struct {
	name, per string
	units     int
	conns     int
	spliced   bool // the relays may leave the bytes in the kernel
	kind      byte // what the server does: the first byte of each connection says so
}

// Kinds of connections.
const (
	answer = 'a' // an answer to the first bytes, and the end
	echo   = 'e' // back what comes
	pour   = 'p' // a MiB for each byte that comes
)

// loads are the usual workloads.
var loads = []load{
	{"short", "connection", 400, 8, false, answer},
	{"rtt-1", "round trip", 2000, 1, false, echo},
	{"rtt-64", "round trip", 6400, 64, false, echo},
	{"rtt-1000", "round trip", 10000, 1000, false, echo},
	{"bulk-1", "MiB", 96, 1, true, pour},
	{"bulk-16", "MiB", 96, 16, true, pour},
	{"copied-1", "MiB", 48, 1, false, pour},
	{"copied-16", "MiB", 48, 16, false, pour},
}

func names() (list []string) {
	for _, l := range loads {
		list = append(list, l.name)
	}
	return list
}

const (
	request = 100       // bytes of a request, and of a message that is echoed
	reply   = 300       // of an answer
	mib     = 1 << 20   // of what is poured at a time
	gulp    = 256 << 10 // of a read
)

// origin is the server.
type origin struct {
	l    *net.TCPListener
	port int
}

func newOrigin() (*origin, error) {
	l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	o := &origin{l, l.Addr().(*net.TCPAddr).Port}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // it is closed: the relays are gone by then
			}
			go serve(c)
		}
	}()
	return o, nil
}

func (o *origin) close() { _ = o.l.Close() } // the process ends behind it

// serve does what the first byte says. A connection that breaks is told by its client.
func serve(c net.Conn) {
	defer c.Close()
	b := make([]byte, request)
	if _, err := io.ReadFull(c, b); err != nil {
		return
	}
	switch b[0] {
	case answer:
		_, _ = c.Write(make([]byte, reply))
	case echo:
		for {
			if _, err := c.Write(b); err != nil {
				return
			}
			if _, err := io.ReadFull(c, b); err != nil {
				return
			}
		}
	case pour:
		some := make([]byte, mib)
		for {
			if _, err := c.Write(some); err != nil {
				return
			}
			if _, err := io.ReadFull(c, b[:1]); err != nil {
				return
			}
		}
	}
}

// clients are the connections of a workload that lasts.
type clients []*client

type client struct {
	c    net.Conn
	req  []byte
	room []byte
}

// dial makes a connection through a relay.
func (l *load) dial(port int) (*client, error) {
	c, err := net.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, err
	}
	k := &client{c, make([]byte, request), make([]byte, gulp)}
	k.req[0] = l.kind
	return k, nil
}

// one does one unit on a connection; the first of each says of what kind it is.
func (l *load) one(k *client) error {
	req := k.req
	if l.kind == pour && req[1] != 0 {
		req = req[:1]
	}
	k.req[1] = 1
	if _, err := k.c.Write(req); err != nil {
		return err
	}
	want := map[byte]int{answer: reply, echo: request, pour: mib}[l.kind]
	for want > 0 {
		n, err := k.c.Read(k.room)
		if err != nil {
			return fmt.Errorf("%d bytes are missing: %w", want, err)
		}
		want -= n
	}
	if l.kind != answer {
		return nil
	}
	if n, err := k.c.Read(k.room); err != io.EOF {
		return fmt.Errorf("no end behind an answer, but %d bytes and %v", n, err)
	}
	return nil
}

// open makes the connections that last, and has each do a unit: what it takes to be made is
// no part of the work.
func (l *load) open(port int) (list clients, err error) {
	if l.kind == answer {
		return nil, nil
	}
	for range l.conns {
		k, err := l.dial(port)
		if err != nil {
			return list, err
		}
		list = append(list, k)
	}
	return list, list.each(func(k *client) error { return l.one(k) })
}

// work does the units, each connection its share.
func (l *load) work(port int, list clients) error {
	share := max(1, l.units/l.conns)
	if l.kind != answer {
		return list.each(func(k *client) error {
			var err error
			for i := 0; i < share && err == nil; i++ {
				err = l.one(k)
			}
			return err
		})
	}
	return make(clients, l.conns).each(func(*client) error {
		for range share {
			k, err := l.dial(port)
			if err == nil {
				err = errors.Join(l.one(k), k.c.Close())
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// did is how many units work does.
func (l *load) did() int { return max(1, l.units/l.conns) * l.conns }

// each has all of them do something at once, and returns the first error.
func (list clients) each(do func(k *client) error) error {
	errs := make([]error, len(list))
	var wg sync.WaitGroup
	for i, k := range list {
		wg.Go(func() { errs[i] = do(k) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (list clients) close() {
	for _, k := range list {
		_ = k.c.Close() // it has done its work
	}
}
