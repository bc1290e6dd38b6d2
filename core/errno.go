package core

import "strconv"

// Errno is a system error with Linux's number; 0 is success. It is a value that
// never allocates, unlike syscall.Errno behind the error interface.
type Errno uint16

// The errors that the proxy or the simulated kernel knows by name.
const (
	EPERM         Errno = 1
	ENOENT        Errno = 2
	EINTR         Errno = 4
	EIO           Errno = 5
	EBADF         Errno = 9
	EAGAIN        Errno = 11
	ENOMEM        Errno = 12
	EACCES        Errno = 13
	EBUSY         Errno = 16 // of accepting: as many handshakes are under way as may be
	EEXIST        Errno = 17
	EINVAL        Errno = 22
	ENFILE        Errno = 23
	EMFILE        Errno = 24
	EPIPE         Errno = 32
	ENOSYS        Errno = 38
	ENONET        Errno = 64
	EPROTO        Errno = 71
	ENOPROTOOPT   Errno = 92
	EOPNOTSUPP    Errno = 95
	EADDRINUSE    Errno = 98
	EADDRNOTAVAIL Errno = 99
	ENETDOWN      Errno = 100
	ENETUNREACH   Errno = 101
	ECONNABORTED  Errno = 103
	ECONNRESET    Errno = 104
	ENOBUFS       Errno = 105
	EISCONN       Errno = 106
	ENOTCONN      Errno = 107
	ETIMEDOUT     Errno = 110
	ECONNREFUSED  Errno = 111
	EHOSTDOWN     Errno = 112
	EHOSTUNREACH  Errno = 113
	EALREADY      Errno = 114
	EINPROGRESS   Errno = 115
	ECANCELED     Errno = 125 // of a wait: the loop is to end
)

// Failures of the proxy's own making, beyond any number of Linux's: what was
// read is not what it should have been, though no call failed.
const (
	EHEADER    Errno = 0x1000 + iota // the PROXY header is malformed or too long
	ETRUNCATED                       // the stream ended in the middle: of a handshake, or without the goodbye of its layer
	ETLS                             // the handshake or a record was refused, by us or by an alert of the peer's
)

var errnoNames = [...]struct {
	e    Errno
	name string
}{
	{0, "OK"}, {EPERM, "EPERM"}, {ENOENT, "ENOENT"}, {EEXIST, "EEXIST"}, {EIO, "EIO"}, {EACCES, "EACCES"}, {EBUSY, "EBUSY"}, {EINTR, "EINTR"}, {EBADF, "EBADF"}, {EAGAIN, "EAGAIN"}, {ENOMEM, "ENOMEM"},
	{EINVAL, "EINVAL"}, {ENFILE, "ENFILE"}, {EMFILE, "EMFILE"}, {EPIPE, "EPIPE"}, {ENONET, "ENONET"}, {EPROTO, "EPROTO"},
	{ENOPROTOOPT, "ENOPROTOOPT"}, {EOPNOTSUPP, "EOPNOTSUPP"}, {ENETDOWN, "ENETDOWN"}, {EHOSTDOWN, "EHOSTDOWN"},
	{ENOSYS, "ENOSYS"}, {EADDRINUSE, "EADDRINUSE"}, {EADDRNOTAVAIL, "EADDRNOTAVAIL"}, {ENETUNREACH, "ENETUNREACH"}, {ECONNABORTED, "ECONNABORTED"},
	{ECONNRESET, "ECONNRESET"}, {ENOBUFS, "ENOBUFS"}, {EISCONN, "EISCONN"},
	{ENOTCONN, "ENOTCONN"}, {ETIMEDOUT, "ETIMEDOUT"}, {ECONNREFUSED, "ECONNREFUSED"},
	{EHEADER, "EHEADER"}, {ETRUNCATED, "ETRUNCATED"}, {ETLS, "ETLS"},
	{EHOSTUNREACH, "EHOSTUNREACH"}, {EALREADY, "EALREADY"}, {EINPROGRESS, "EINPROGRESS"}, {ECANCELED, "ECANCELED"},
}

// String returns the error's name, or errno(N) if it has none here.
func (e Errno) String() string {
	for i := range errnoNames {
		if errnoNames[i].e == e {
			return errnoNames[i].name
		}
	}
	return "errno(" + strconv.Itoa(int(e)) + ")"
}

// ParseErrno is the inverse of String.
func ParseErrno(s string) (Errno, bool) {
	for i := range errnoNames {
		if errnoNames[i].name == s {
			return errnoNames[i].e, true
		}
	}
	const pre, post = "errno(", ")"
	if len(s) > len(pre)+len(post) && s[:len(pre)] == pre && s[len(s)-1:] == post {
		n, err := strconv.ParseUint(s[len(pre):len(s)-1], 10, 16)
		e := Errno(n)
		return e, err == nil && e.String() == s
	}
	return 0, false
}

// Gone says that the connection is no more: there is nobody left to be told
// anything.
func (e Errno) Gone() bool {
	switch e {
	case EPIPE, ENETUNREACH, ECONNABORTED, ECONNRESET, ETIMEDOUT, ECONNREFUSED, EHOSTUNREACH:
		return true
	}
	return false
}

// Passed says of an accept() that it took a connection off the queue that had failed
// already, which is nobody's business but its own: the next one may be well.
func (e Errno) Passed() bool {
	switch e {
	case EPERM, ENONET, EPROTO, ENOPROTOOPT, EOPNOTSUPP, ENETDOWN, ENETUNREACH, ECONNABORTED, ETIMEDOUT, EHOSTDOWN, EHOSTUNREACH:
		return true
	}
	return false
}

// Exhausted says that a resource of this machine ran out: waiting may help,
// the network and the peer are not to blame.
func (e Errno) Exhausted() bool {
	switch e {
	case EMFILE, ENFILE, ENOBUFS, ENOMEM:
		return true
	}
	return false
}
