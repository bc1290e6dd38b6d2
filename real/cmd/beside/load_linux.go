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
	kind      byte // what the server does: the first byte of each request says so
	how       how
}

// way is what a relay does with bytes.
type way int

const (
	copied    way = iota
	logged        // the same, with a line of log for each session
	spliced       // it may leave them in the kernel
	sealed        // with TLS towards the clients
	sealedRSA     // the same, with a certificate that takes longer
	ways
)

// how is what else there is to a workload.
type how int

const (
	plain    how = iota
	resumed      // clients come back with what they were given at the last handshake
	flooded      // among others who begin a handshake and go; what counts is the time of a unit, the slowest in a hundred
	flooding     // the same, and what counts is the time for one of the others
	extra        // the workload before it and something more: it is compared with that, too
)

// loads are the usual workloads.
var loads = []load{
	{"short", "connection", 400, 8, copied, answer, plain},
	{"short-log", "connection", 400, 8, logged, answer, extra},
	{"rtt-1", "round trip", 2000, 1, copied, echo, plain},
	{"rtt-64", "round trip", 6400, 64, copied, echo, plain},
	{"rtt-1000", "round trip", 10000, 1000, copied, echo, plain},
	{"bulk-1", "MiB", 192, 1, spliced, pour, plain},
	{"bulk-16", "MiB", 192, 16, spliced, pour, plain},
	{"both-1", "MiB each way", 96, 1, spliced, both, plain},
	{"both-16", "MiB each way", 96, 16, spliced, both, plain},
	{"copied-1", "MiB", 96, 1, copied, pour, plain},
	{"copied-16", "MiB", 96, 16, copied, pour, plain},
	{"tls-short", "handshake", 60, 8, sealed, answer, plain},
	{"tls-resumed", "handshake", 60, 8, sealed, answer, resumed},
	{"tls-rsa", "handshake", 40, 8, sealedRSA, answer, plain},
	{"tls-rtt-64", "round trip", 3200, 64, sealed, echo, plain},
	{"tls-down-1", "MiB", 64, 1, sealed, pour, plain},
	{"tls-down-16", "MiB", 64, 16, sealed, pour, plain},
	{"tls-up-1", "MiB", 64, 1, sealed, take, plain},
	{"tls-up-16", "MiB", 64, 16, sealed, take, plain},
	{"flood", "p99 round trip", 400, 1, sealed, echo, flooded},
	{"flood-rsa", "p99 round trip", 400, 1, sealedRSA, echo, flooded},
	{"flooding", "handshake, elapsed", 400, 1, sealed, echo, flooding},
	{"flooding-rsa", "handshake, elapsed", 400, 1, sealedRSA, echo, flooding},
}

func names() (list []string) {
	for _, l := range loads {
		list = append(list, l.name)
	}
	return list
}

// clients are the connections of a workload that lasts.
type clients []*client

type client struct {
	c    net.Conn
	req  []byte
	room []byte
}

// tickets are what clients were given to come back with, by the address of the relay.
var tickets = tls.NewLRUClientSessionCache(int(ways) * 8)

// dial makes a connection through a relay.
func (l *load) dial(port int) (*client, error) {
	c, err := net.Dial("tcp4", at(port))
	if err != nil {
		return nil, err
	}
	if l.way.tls() {
		config := &tls.Config{InsecureSkipVerify: true}
		if l.how == resumed {
			config.ClientSessionCache = tickets
		}
		c = tls.Client(c, config)
	}
	return &client{c, append([]byte{l.kind}, make([]byte, request-1)...), make([]byte, gulp)}, nil
}

func (w way) tls() bool { return w == sealed || w == sealedRSA }

// do does so many units on a connection.
func (l *load) do(k *client, units int) error {
	if l.kind == answer || l.kind == echo {
		for range units {
			if err := l.one(k); err != nil {
				return err
			}
		}
		return nil
	}
	binary.BigEndian.PutUint32(k.req[1:], uint32(units))
	if _, err := k.c.Write(k.req); err != nil {
		return err
	}
	switch l.kind {
	case take:
		if err := send(k.c, units); err != nil {
			return err
		}
		return recv(k.c, request, k.room)
	case both:
		return atOnce(func() error { return send(k.c, units) }, func() error { return recv(k.c, units*mib, k.room) })
	}
	return recv(k.c, units*mib, k.room)
}

// one is a request and its answer.
func (l *load) one(k *client) error {
	if _, err := k.c.Write(k.req); err != nil {
		return err
	}
	if l.kind == echo {
		return recv(k.c, request, k.room)
	}
	if err := recv(k.c, reply, k.room); err != nil {
		return err
	}
	if n, err := k.c.Read(k.room); err != io.EOF {
		return fmt.Errorf("no end behind an answer, but %d bytes and %v", n, err)
	}
	return nil
}

func missing(n int, err error) error { return fmt.Errorf("%d bytes are missing: %w", n, err) }

// open makes the connections that last, and has each do a unit: what it takes to be made is
// no part of the work.
func (l *load) open(port int) (list clients, err error) {
	switch {
	case l.how == resumed:
		return nil, l.whole(port, false)
	case l.kind == answer:
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

// whole makes a connection, does a unit, and closes it.
func (l *load) whole(port int, again bool) error {
	k, err := l.dial(port)
	if err != nil {
		return err
	}
	err = errors.Join(l.do(k, 1), k.c.Close())
	if c, ok := k.c.(*tls.Conn); ok && again && err == nil && !c.ConnectionState().DidResume {
		return errors.New("a client came back, and was not known")
	}
	return err
}

// work does the units, each connection its share.
func (l *load) work(port int, list clients) error {
	share := max(1, l.units/l.conns)
	if l.kind != answer {
		return list.each(func(k *client) error { return l.do(k, share) })
	}
	return make(clients, l.conns).each(func(*client) error {
		for range share {
			if err := l.whole(port, l.how == resumed); err != nil {
				return err
			}
		}
		return nil
	})
}

// did is how many units work does.
func (l *load) did() int { return max(1, l.units/l.conns) * l.conns }

// each has all of them do something at once, and returns their errors.
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
