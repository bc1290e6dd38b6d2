package core

// Pipe is a pipe of the kernel's, between whose ends bytes rest. Who uses it
// counts them. What a proxy has of a pipe is this; see Tube.
type Pipe interface {
	// Read takes bytes out, for who cannot splice them any further. For nothing it
	// answers 0; an empty pipe says EAGAIN, or 0 if nobody can write into it any more.
	Read(p []byte) (int, Errno)
	// Close gives the pipe back, with whatever is in it.
	Close()
}

// Plumber is a Dialer that makes pipes, as large as the system grants.
type Plumber interface {
	Pipe() (Pipe, Errno)
}

// Tube is a Pipe with all that may be done to one. Its ends are descriptors that a poller
// takes: the one that is read is IN for as long as something is in it and HUP when nobody
// can write any more, and the other one OUT for as long as there is a free slot and ERR when
// nobody can read.
type Tube interface {
	Pipe
	Vectored
	// Ends are the numbers of the end that is read and of the one that is written.
	Ends() (r, w int)
	// Write puts bytes in, as many as there is room for. EAGAIN says that there is none,
	// EPIPE that nobody can read them.
	Write(p []byte) (int, Errno)
	// Move moves up to limit bytes into another pipe of the same kernel, slot by slot. For a
	// limit of 0 it answers 0; EAGAIN says that this one is empty or that one full, EPIPE
	// that nobody can read that one, and EINVAL that they are the same.
	Move(to Tube, limit int) (int, Errno)
	// Tee is Move that leaves the bytes where they are.
	Tee(to Tube, limit int) (int, Errno)
	// CloseEnd gives the end back that is written to, or the one that is read. What is in
	// the pipe stays in it.
	CloseEnd(write bool)
}

// EventFD is a number that a poller takes: IN for as long as it is not 0, and OUT unless it
// is MaxEvent. It is how others wake an event loop.
type EventFD interface {
	Num() int
	// Add adds to it, and wakes who waits for IN, be n 0 or the number what it was. EAGAIN says
	// that it would get too large, EINVAL that n itself is.
	Add(n uint64) Errno
	// Take returns it and makes it 0; EAGAIN if it is 0.
	Take() (uint64, Errno)
	Close() Errno
}

// MaxEvent is the largest number that an EventFD holds.
const MaxEvent = 1<<64 - 2

// Eventer is a Dialer that makes EventFDs. EMFILE, ENFILE and ENOMEM are answers too.
type Eventer interface {
	EventFD(initial uint32) (EventFD, Errno)
}

// Duplicator is an FD that can get another number: dup(2). The connection is closed with
// the last of them. A registration is of the number that it was made with, and outlives
// it: a poller goes on reporting its key, and there is no call that ends that, unless the
// connection gets the same number again. A close with reset makes the last close one.
type Duplicator interface {
	FD
	Dup() (FD, Errno)
}
