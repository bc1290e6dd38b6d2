package simfd

import "fmt"

// parting is how the program closed a socket.
type parting struct {
	closed, reset bool
	unread        int // bytes
}

// Parting says in words what the program did to a session's front or back socket by which the other
// end is reset, "" if it did not close it.
func (k *Kernel) Parting(label uint32, front bool) string {
	switch p := k.session(label).parted[b2i(!front)]; {
	case !p.closed:
		return ""
	case p.reset:
		return "the program closed its socket with a reset"
	case p.unread > 0:
		return fmt.Sprintf("the program closed its socket with %d bytes unread, which makes a reset of it", p.unread)
	}
	return "the program closed its socket, and what came behind that is answered with a reset"
}
