package kerneltest

import "millrace/core"

// Machine is one kernel with the peers around it, as a run of a script needs
// it. Connections are named by their numbers in the script.
type Machine interface {
	// Listen opens the process's listener.
	Listen() (core.Listener, core.Errno)
	// Socket makes a descriptor of the process for connection n, aimed at to.
	Socket(n int, to Target) (core.FD, core.Errno)
	// Dial makes a client connect to the listener, as connection n.
	Dial(n int) (Peer, core.Errno)
	// ServerEnd returns the server's end of connection n, nil if no server has
	// accepted it yet. It is asked after each connect that may lead to one.
	ServerEnd(n int) Peer
	// Pipe makes a pipe with so many slots, a power of two.
	Pipe(slots int) (core.Pipe, core.Errno)
	// Pollers returns the three pollers of a run: level-triggered,
	// edge-triggered, and a level-triggered one in which nothing stays.
	Pollers() (level, edge, probe core.Poller)
	// Settle lets everything happen that is under way.
	Settle()
	// Close frees what the run has not closed.
	Close()
}

// Peer is what a script does with the other end of a connection. A core.FD is
// one.
type Peer interface {
	Recv(p []byte) (int, core.Errno)
	Peek(p []byte) (int, core.Errno)
	Send(p []byte, more bool) (int, core.Errno)
	ShutW() core.Errno
	Close(reset bool) core.Errno
}
