package simnet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"syscall"

	"millrace/core"
)

// errTimeout is what a deadline makes of a call: a net.Error whose Timeout is true, and
// os.ErrDeadlineExceeded.
var errTimeout = os.ErrDeadlineExceeded

// canceled is what a context makes of a dial: package net's, and context.Canceled.
type canceled struct{}

func (canceled) Error() string        { return "operation was canceled" }
func (canceled) Is(target error) bool { return target == context.Canceled }

// late is what a context's deadline makes of a dial: package net's, and
// context.DeadlineExceeded.
type late struct{}

func (late) Error() string        { return "i/o timeout" }
func (late) Timeout() bool        { return true }
func (late) Temporary() bool      { return true }
func (late) Is(target error) bool { return target == context.DeadlineExceeded }

var (
	errCanceled = canceled{}
	errLate     = late{}
)

// sysError is a failure of the kernel's as package net has it.
func sysError(call string, e core.Errno) error {
	return os.NewSyscallError(call, syscall.Errno(e))
}

// failed is a failed call as package net has it.
func (c *Conn) failed(op, call string, e core.Errno) error { return c.error(op, sysError(call, e)) }

func (c *Conn) error(op string, err error) error {
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}

// told tells who listens how a call went: "conn f0 Write 512 = 200, i/o timeout".
func (c *Conn) told(call string, size, n int, err error) {
	w := c.n.w
	if w == nil || !w.Telling() {
		return
	}
	what := "conn " + c.name + " " + call
	if size >= 0 {
		what += fmt.Sprintf(" %d = %d", size, n)
	}
	switch {
	case err != nil && size >= 0:
		what += ", " + reason(err)
	case err != nil:
		what += " = " + reason(err)
	}
	w.Told(what)
}

// reason is an error without the addresses.
func reason(err error) string {
	if err == io.EOF {
		return "EOF"
	}
	if e := (syscall.Errno)(0); errors.As(err, &e) {
		return core.Errno(e).String()
	}
	if e := (*net.OpError)(nil); errors.As(err, &e) {
		return e.Err.Error()
	}
	return err.Error()
}

func sprintf(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// tcpAddr is an address of the kernel's as package net has it.
func tcpAddr(a core.Addr) *net.TCPAddr { return &net.TCPAddr{IP: a.IP[:], Port: int(a.Port)} }

// resolve is where a name leads to: what is no address is one of its own, since there are no
// names in a world.
func resolve(address string) *net.TCPAddr {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	a := &net.TCPAddr{IP: net.ParseIP(host)}
	if a.IP == nil {
		h := uint32(2166136261)
		for _, b := range []byte(host) {
			h = (h ^ uint32(b)) * 16777619
		}
		a.IP = net.IPv4(10, byte(h>>16), byte(h>>8), byte(h))
	}
	a.Port, _ = strconv.Atoi(port)
	return a
}
