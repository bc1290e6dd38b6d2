package main

import (
	"crypto/tls"
	"encoding/binary"
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
	way       way  // what the relays do with the bytes
	kind      byte // what the server does: the first byte of each connection says so
}

// way is what a relay does with bytes.
type way int

const (
	copied  way = iota
	spliced     // it may leave them in the kernel
	sealed      // with TLS towards the clients
	ways
)

// Kinds of connections.
const (
	answer = 'a' // an answer to the first bytes, and the end
	echo   = 'e' // back what comes
	pour   = 'p' // as many MiB as are asked for
)

// loads are the usual workloads.
var loads = []load{
	{"short", "connection", 400, 8, copied, answer},
	{"rtt-1", "round trip", 2000, 1, copied, echo},
	{"rtt-64", "round trip", 6400, 64, copied, echo},
	{"rtt-1000", "round trip", 10000, 1000, copied, echo},
	{"bulk-1", "MiB", 192, 1, spliced, pour},
	{"bulk-16", "MiB", 192, 16, spliced, pour},
	{"copied-1", "MiB", 96, 1, copied, pour},
	{"copied-16", "MiB", 96, 16, copied, pour},
	{"tls-short", "handshake", 60, 8, sealed, answer},
	{"tls-rtt-64", "round trip", 3200, 64, sealed, echo},
	{"tls-down-1", "MiB", 64, 1, sealed, pour},
	{"tls-down-16", "MiB", 64, 16, sealed, pour},
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
			for range binary.BigEndian.Uint32(b[1:]) {
				if _, err := c.Write(some); err != nil {
					return
				}
			}
			if _, err := io.ReadFull(c, b); err != nil {
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
	c, err := net.Dial("tcp4", at(port))
	if err != nil {
		return nil, err
	}
	if l.way == sealed {
		c = tls.Client(c, &tls.Config{InsecureSkipVerify: true})
	}
	return &client{c, append([]byte{l.kind}, make([]byte, request-1)...), make([]byte, gulp)}, nil
}

// do does so many units on a connection.
func (l *load) do(k *client, units int) error {
	if l.kind == pour {
		binary.BigEndian.PutUint32(k.req[1:], uint32(units))
		return l.one(k, units*mib)
	}
	for range units {
		if err := l.one(k, map[byte]int{answer: reply, echo: request}[l.kind]); err != nil {
			return err
		}
	}
	return nil
}

// one asks, and wants so many bytes for that.
func (l *load) one(k *client, want int) error {
	if _, err := k.c.Write(k.req); err != nil {
		return err
	}
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
	return list, list.each(func(k *client) error { return l.do(k, 1) })
}

// work does the units, each connection its share.
func (l *load) work(port int, list clients) error {
	share := max(1, l.units/l.conns)
	if l.kind != answer {
		return list.each(func(k *client) error { return l.do(k, share) })
	}
	return make(clients, l.conns).each(func(*client) error {
		for range share {
			k, err := l.dial(port)
			if err == nil {
				err = errors.Join(l.do(k, 1), k.c.Close())
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
