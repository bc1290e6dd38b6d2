package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// crowd is how many clients are in the middle of a handshake at any time, in a flood.
const crowd = 64

// flood is a crowd of clients who begin a handshake, wait until the relay has done its part of
// it, the signature too, and reset the connection; each is followed by another one. That costs
// them next to nothing, so that a relay has as much of it as it can take. They run on a thread
// of their own, which has the processor only when nobody else wants it: who measures does not
// wait for them.
type flood struct {
	to       unix.SockaddrInet4
	hello    []byte
	set      int // of epoll
	answered atomic.Int64
	over     atomic.Bool
	err      chan error
}

func startFlood(port int) (*flood, error) {
	hello, err := helloOf()
	if err != nil {
		return nil, err
	}
	f := &flood{to: unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}, hello: hello, err: make(chan error, 1)}
	go func() {
		runtime.LockOSThread() // and it ends with the goroutine: nobody else is to have such a one
		f.err <- f.run()
	}()
	return f, nil
}

// stop ends the flood, and returns what it was that ended it before.
func (f *flood) stop() error {
	f.over.Store(true)
	return <-f.err
}

func (f *flood) run() (err error) {
	if err := unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_IDLE}, 0); err != nil {
		return fmt.Errorf("sched_setattr: %w", err)
	}
	if f.set, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return fmt.Errorf("epoll_create1: %w", err)
	}
	open := map[int32]bool{}
	defer func() {
		for fd := range open {
			err = errors.Join(err, unix.Close(int(fd)))
		}
		err = errors.Join(err, unix.Close(f.set))
	}()
	events, room := make([]unix.EpollEvent, crowd), make([]byte, 16<<10)
	for !f.over.Load() {
		for len(open) < crowd {
			fd, err := f.begin()
			if err != nil {
				return err
			}
			open[fd] = true
		}
		n, err := unix.EpollWait(f.set, events, 10)
		if err != nil && err != unix.EINTR {
			return fmt.Errorf("epoll_wait: %w", err)
		}
		for _, ev := range events[:max(0, n)] {
			switch n, err := unix.Read(int(ev.Fd), room); {
			case err == unix.EAGAIN || err == unix.EINTR:
				continue
			case n <= 0 || room[0] != handshakeRecord:
				return fmt.Errorf("a handshake was not answered: %d bytes, %v", n, err)
			}
			f.answered.Add(1)
			delete(open, ev.Fd)
			if err := unix.Close(int(ev.Fd)); err != nil {
				return fmt.Errorf("close: %w", err)
			}
		}
	}
	return nil
}

// handshakeRecord is how a record of a handshake begins.
const handshakeRecord = 22

// begin is one more client, who has said what it has to say.
func (f *flood) begin() (int32, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("socket: %w", err)
	}
	// With a reset behind it no port stays behind.
	err = unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	if err == nil {
		err = unix.Connect(fd, &f.to) // the kernel's part is done at once, on this machine
	}
	if err == nil {
		_, err = unix.Write(fd, f.hello)
	}
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err == nil {
		err = unix.EpollCtl(f.set, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
	}
	if err != nil {
		return 0, errors.Join(fmt.Errorf("a client of the flood: %w", err), unix.Close(fd))
	}
	return int32(fd), nil
}

// helloOf is what a client says first.
func helloOf() ([]byte, error) {
	var m mute
	if err := tls.Client(&m, &tls.Config{InsecureSkipVerify: true}).Handshake(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("a client's first words: %w", err)
	}
	return m.said, nil
}

// mute is a peer who listens and says nothing.
type mute struct {
	net.Conn
	said []byte
}

func (m *mute) Write(p []byte) (int, error) {
	m.said = append(m.said, p...)
	return len(p), nil
}

func (m *mute) Read([]byte) (int, error) { return 0, io.EOF }

func (m *mute) Close() error { return nil }

// patience is how long a flood may take to begin, and the units of a workload in it.
const patience = time.Minute

// amid has an established connection do the units of a workload in the middle of a flood. It
// returns microseconds: of the unit that one in a hundred is slower than, or that went by for
// each handshake of the flood.
func (l *load) amid(port int, k *client) (us float64, err error) {
	f, err := startFlood(port)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.stop()) }()
	if err := k.c.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	for began := time.Now(); f.answered.Load() < crowd && len(f.err) == 0; time.Sleep(time.Millisecond) {
		if time.Since(began) > patience {
			return 0, fmt.Errorf("after %v only %d handshakes of the flood were answered", patience, f.answered.Load())
		}
	}
	var times []float64
	began, before := time.Now(), f.answered.Load()
	// The units may be over before one more handshake is: the measure of a flood has some of both.
	enough := func() bool {
		return len(times) >= l.units && (l.how != flooding || f.answered.Load() >= before+crowd || len(f.err) != 0)
	}
	for last := began; !enough(); {
		if err := l.do(k, 1); err != nil { // at the deadline too
			return 0, err
		}
		now := time.Now()
		times = append(times, float64(now.Sub(last))/1e3)
		last = now
	}
	if l.how == flooding {
		return float64(time.Since(began)) / 1e3 / float64(f.answered.Load()-before), nil
	}
	slices.Sort(times)
	return part(times, 0.99), nil
}
