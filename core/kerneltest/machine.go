package kerneltest

import "millrace/core"

// Machine is one kernel with the peers around it, as a run of a script needs
// it. Connections are named by their numbers in the script.
type Machine interface {
	// Listen opens the process's listener.
	Listen() (Accepter, core.Errno)
	// Socket makes a descriptor of the process for connection n, aimed at to.
	Socket(n int, to Target) (FD, core.Errno)
	// Dial makes a client connect to the listener, as connection n.
	Dial(n int) (Peer, core.Errno)
	// ServerEnd returns the server's end of connection n, nil if no server has
	// accepted it yet. It is asked after each connect that may lead to one.
	ServerEnd(n int) Peer
	// Pipe makes a pipe with so many slots, a power of two.
	Pipe(slots int) (core.Tube, core.Errno)
	// EventFD makes an eventfd.
	EventFD(initial uint32) (core.EventFD, core.Errno)
	// Pollers returns the pollers of a run.
	Pollers() Pollers
	// Settle lets everything happen that is under way.
	Settle()
	// Close frees what the run has not closed. The error is one of the machine, as
	// opposed to its kernel's answers: then those mean nothing.
	Close() error
}

// Pollers are the pollers of one run. Every descriptor that is watched is
// registered with the first three; with Probe for the time of a poll only.
type Pollers struct {
	Level, Edge Sleeper
	// Oneshot is level-triggered, and reports a descriptor once for each wish.
	Oneshot Poller
	Probe   core.Poller
}

// Sleeper is a Poller that somebody else may sleep in.
type Sleeper interface {
	Poller
	// Sleep has somebody wait until there is something to report, if nobody does.
	Sleep()
	// Woken says what there was, once: somebody slept, and does so no longer.
	Woken() ([]core.Ready, bool)
}

// Poller is a poller of which scripts can say how it is registered with.
type Poller interface {
	core.Poller
	core.Registrar
}

// End is what scripts do with either end of a connection beyond what a proxy
// does.
type End interface {
	// Shut is shutdown(2) of reading, of writing, or of both.
	Shut(r, w bool) core.Errno
	// Error is SO_ERROR: it tells the pending error, 0 if there is none, and
	// takes it away.
	Error() core.Errno
	// Buffer sets the size of the buffer for what is sent, or for what is received.
	Buffer(send bool, bytes int) core.Errno
	// Size says what that is.
	Size(send bool) int
	// Urgent sends a byte of urgent data, which no read gets while it is marked.
	Urgent(b byte) core.Errno
}

// FD is a descriptor of the process under test.
type FD interface {
	core.Vectored
	core.Patient
	core.Duplicator
	End
	// Lowat asks for what RcvLowat sets.
	Lowat() int
}

// Peer is the other end of a connection. An FD is one.
type Peer interface {
	core.Vectored
	Recv(p []byte) (int, core.Errno)
	Peek(p []byte) (int, core.Errno)
	Send(p []byte, more bool) (int, core.Errno)
	Close(reset bool) core.Errno
	End
}

// Accepter is the listener of the process under test.
type Accepter interface {
	Num() int
	Accept() (FD, core.Errno)
	// Shut is shutdown(2), as of an End.
	Shut(r, w bool) core.Errno
	Close() core.Errno
}
