package main

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
)

// Kinds of connections.
const (
	answer = 'a' // an answer to the first bytes, and the end
	echo   = 'e' // back what comes
	pour   = 'p' // as many MiB as are asked for
	take   = 't' // as many MiB as are announced come, and are answered
	both   = 'b' // the one and the other at once
)

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

// serve does what the first byte of each request says. A connection that breaks is told by its
// client.
func serve(c net.Conn) {
	defer c.Close()
	b := make([]byte, request)
	var room []byte
	for {
		if _, err := io.ReadFull(c, b); err != nil {
			return
		}
		mibs := int(binary.BigEndian.Uint32(b[1:]))
		var err error
		switch b[0] {
		case answer:
			_, _ = c.Write(make([]byte, reply))
			return
		case echo:
			_, err = c.Write(b)
		case pour:
			err = send(c, mibs)
		case take, both:
			if room == nil {
				room = make([]byte, gulp)
			}
			if b[0] == both {
				err = atOnce(func() error { return send(c, mibs) }, func() error { return recv(c, mibs*mib, room) })
			} else if err = recv(c, mibs*mib, room); err == nil {
				_, err = c.Write(b[:])
			}
		}
		if err != nil {
			return
		}
	}
}

// some is what is poured.
var some = make([]byte, mib)

func send(w io.Writer, mibs int) error {
	for range mibs {
		if _, err := w.Write(some); err != nil {
			return err
		}
	}
	return nil
}

// recv takes so many bytes, and no more.
func recv(r io.Reader, want int, room []byte) error {
	for want > 0 {
		n, err := r.Read(room[:min(want, len(room))])
		if err != nil {
			return missing(want, err)
		}
		want -= n
	}
	return nil
}

// atOnce does both.
func atOnce(one, other func() error) error {
	err := make(chan error)
	go func() { err <- one() }()
	return errors.Join(other(), <-err)
}
