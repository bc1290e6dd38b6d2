package core

// Vigil is how a kernel finds out that nobody is at the other end of a connection. Who was
// told so meets ETIMEDOUT, as any other failure of a connection; or EHOSTUNREACH, if what
// was sent was not acknowledged and a router had said so; or ECONNRESET, if the other end
// has no memory of the connection.
type Vigil struct {
	Idle       Time // of silence, after which it asks, if nothing is under way; 0 = it does not
	Interval   Time // until it asks again; 0 = as long as the system has it
	Count      int  // of questions without an answer, after which it has had enough; 0 = likewise
	Unanswered Time // for which what was sent may be, and a window shut; 0 = likewise. If set, it counts instead of Count
}

// Vigilant is an FD that can be told to keep a vigil of its own, which a world's, and
// Linux's, all can. One that was accepted has its listener's if it is told nothing.
type Vigilant interface {
	Watch(v Vigil) Errno
}
