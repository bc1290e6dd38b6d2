// Package simfd is the part of a kernel that a stream proxy sees: sockets and
// listeners, with Linux's descriptor numbers, errors and poll events.
//
// # What it answers
//
// What a call returns in which state was read off Linux and is checked against
// Linux by the scripts of package core/kerneltest, which run on both kernels:
//
//	state               recv          send          connect      poll
//	fresh               ENOTCONN      EPIPE         starts       OUT|HUP
//	connecting          EAGAIN        EAGAIN        EALREADY     -
//	given up, not told  cause         cause         starts       OUT|ERR|HUP
//	refused, not told   cause         cause         cause        IN|OUT|ERR|HUP|RDHUP
//	connected           data, EAGAIN  n, EAGAIN     0, EISCONN   IN if any, OUT if 1/3 is free
//	FIN received        data, 0       n, EAGAIN                  IN|RDHUP
//	our FIN sent        data, EAGAIN  EPIPE                      OUT
//	reading shut        data, 0       n, EAGAIN                  IN|RDHUP
//	both shut           data, 0       EPIPE                      IN|OUT|HUP|RDHUP
//	both FINs           data, 0       EPIPE                      IN|OUT|HUP|RDHUP
//	reset, not told     data, cause   cause                      IN|OUT|ERR|HUP|RDHUP
//	reset, told         data, 0       EPIPE                      IN|OUT|HUP|RDHUP
//
// The cause of a failure is told once, by whichever call comes first. It is
// ECONNRESET, or EPIPE if the peer's FIN had come and ours had not been sent, or
// what connect() met; connect() telling it makes the socket fresh again, to be
// connected once more. If the socket was shut before that it never is: EINVAL. An
// attempt under way is given up by shutting. Shutting what is fresh fails, and counts
// once there is a connection, but sends no FIN.
// A read after FIN and RST says 0: the stream had ended properly.
//
// Who sends, and is not answered, is told ETIMEDOUT as any other failure of a connection,
// after a quarter of an hour; the other end is told nothing, and what it sends from then on
// is answered with a RST. The same becomes of an end whose peer's RST was lost, or who lost
// his memory. EHOSTUNREACH stands for ETIMEDOUT if a router had said so of what was sent. It
// is all the same whether bytes or their acknowledgements are lost; and so it is with who
// asks whether a window is still shut. A socket that is closed gives up after 102 seconds.
//
// A kernel may keep a vigil, as Linux does with keepalive and TCP_USER_TIMEOUT: Params say
// so of the listener, from which accepted sockets inherit it, and of those for servers, and
// Socket.Watch of one socket. Who has nothing under way asks after so long a silence, and
// then now and again, and is told ETIMEDOUT if no answer comes, or ECONNRESET if the other
// end has no memory; there it has sent a RST. A time for what was sent counts from the second
// time that it is sent, or asks for room, and ends whoever lets nothing in, answer or not; if
// it is set it counts instead of the number of questions. The test of package real/loopback
// that measures Linux's clocks has the cases.
//
// How much a full socket's peer must read before more is let in stands in package sim.
//
// A splice into a pipe answers as recv does, and out of one as send. But a full pipe
// answers EAGAIN to everything, and so hides bytes, the FIN and an error that is
// pending, which it does not use up. A slot takes what arrived at once, or what is left
// of it, and is in use until its last byte has left. A splice out that is cut short
// waits for room.
//
// An urgent mark stops a read once, which gets what is before it; the next one goes on
// behind it. A splice stops there for good: EAGAIN, or what a read says that finds
// nothing, whatever there is behind the mark. PRI is true until the mark was passed,
// which a read of nothing does not do. There is one mark, on a byte that no read gets.
// Another urgent byte moves it: the one that it leaves is then read as any other, unless
// it was next, when nobody ever reads it. A byte that was not passed is unread to a close.
//
// Who wants to hear only of so many bytes (RcvLowat) is not told that there are less,
// nor woken by them: but of the end, errors, urgent data (PRI) and a full buffer. Every
// call takes what there is. Setting it is an edge if there is enough, or the FIN. On
// Linux it may make a buffer larger whose size nobody has set, which is not done here.
//
// Reading and sending nothing is asked of the connection as anything is; splicing
// nothing, and nothing of a pipe, are not.
//
// Splicing out of an empty pipe answers EAGAIN, or 0 if its writer is gone, whatever
// became of the socket; into a pipe without a reader, EPIPE.
//
// Closing with unread bytes sends a RST instead of a FIN, and so does whatever
// arrives at a closed socket, or at one that is shut both ways.
//
// A listener that is shut for reading resets who waits, refuses who comes, and answers
// EINVAL to accept(): it is like a fresh socket, and shutting it again is ENOTCONN.
//
// Each worker of a program is a process, with a kernel that has its numbers and that shares
// connections and the port with the others' (Kernel.Join). Each listens with a socket of its own
// (SO_REUSEPORT): a client comes to one of them, whichever it is, and waits in its queue. One
// that is closed resets who waits there, as Linux does without tcp_migrate_req (the test of
// package real/loopback), and nobody else. A process that is killed closes all that it has: what
// was sent is delivered, and unread bytes make a RST of the FIN.
//
// SO_ERROR, shutting reading, the sizes of buffers, writing into a pipe and closing
// one end of it are calls that millrace's proxy never makes: they are here for other
// event loops.
//
// # What it injects
//
// Every descriptor belongs to an actor (see package sim), which chooses short
// counts, EAGAIN, EINTR and how connect() goes. A kernel never lies, though: after
// a short count or EAGAIN that had no cause, the cause is made up for by a
// wake-up soon after, as if the bytes had arrived only then. Otherwise an
// edge-triggered program would be blamed for a wake-up nobody sent it.
//
// It may lack memory for a read or a send, which is then not to be repeated at once;
// refuse to splice for one reason or another, or what is next in a socket until
// that was read; and report for a while what every call denies, connect() included.
//
// And it may be a stranger, if the program's worlds ask for that: no textbook promises that
// a connection which is being made is "none" (ENOTCONN), or that HUP is reported of one that
// goes on, but some kernels and sandboxes do it. close() may fail, and has closed.
package simfd
