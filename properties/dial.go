package properties

import "millrace/core"

// A program that Dials makes connections that nobody asked it for, and so there is no label
// that it could have been told. The world counts them: the nth socket that is asked for,
// from 0, is b<n> whatever label it was asked for with, and its server does what that of
// session n does, or, beyond the last session, of session n modulo how many there are. So no
// two connections have one name, and decisions that name one of them mean that one.

// dials is what makes sockets: for the kernel itself, or for who records what it is asked.
type dials interface {
	core.Dialer
	core.Plumber
	core.Eventer
}

// dialer is that of a program that Dials.
type dialer struct {
	dials
	w *World
}

// Socket implements core.Dialer.
func (d *dialer) Socket(to int, _ uint32) (core.FD, core.Errno) {
	label := d.w.dialed
	d.w.dialed++
	return d.dials.Socket(to, label)
}

// labels is how many labels there are to ask for a socket with; 0 = any number.
func (w *World) labels() int {
	if w.program.Dials {
		return 0
	}
	return max(1, len(w.trace.Sessions))
}

// Session returns the session that the actors of a number are of. There need be none.
func (w *World) Session(number int) int {
	if n := len(w.trace.Sessions); w.program.Dials && n > 0 {
		return number % n
	}
	return number
}

// Dialing returns the label of the connection that is made next by a program that was told
// none: its own, if the program Dials, and else that of one session after the other.
func (w *World) Dialing() (label uint32) {
	label = w.dialed
	if w.program.Dials {
		return label
	}
	w.dialed++
	return label % uint32(w.labels())
}
