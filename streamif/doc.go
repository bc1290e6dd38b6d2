// Package streamif is the upper half of the proxy: sessions, each made of two
// stream interfaces and two channels, and the Proxy that accepts them.
//
//	             +-------------------- Session -------------------+
//	             |                req: Channel                    |
//	client <--> front: StreamInterface  -->   back: StreamInterface <--> server
//	             |                rep: Channel                    |     or applet
//	             +------------------------------------------------+
//
// # Who decides what
//
// A stream interface owns every loop over its endpoint's data layer and every
// decision to stop. It forwards bytes and shutdowns by itself and wakes the
// session only for what the session must know: an end, an error, establishment,
// forwarding that is used up. During bulk transfer no session runs.
//
// All polling follows from the channels, in one place, StreamInterface.arm:
//
//	input not shut   room           want to read, read timer runs
//	                 no room        WAIT_ROOM, stop reading, timer off
//	output not shut  bytes          want to write, write timer runs
//	                 no bytes       WAIT_DATA, stop writing, timer off
//
// chk_rcv and chk_snd are arm on the other side; chk_snd sends first if that side
// was idle, in the turn of the one that produced the bytes.
//
// # Shutdowns
//
//	read0   the peer's FIN: its input is shut; the session passes it on
//	shutr   our decision to read no more
//	shutw   our decision to send no more: the FIN, behind the last byte
//
// A request is a _NOW flag, a deed the flag without it; never both. Either leads
// to a full close where the other direction is shut too. With NOHALF a peer that
// half-closes is gone, and what was on its way to it. With NOLINGER, one shot, the close is a RST.
//
// A close may become a RST all the same: where the peer's FIN was not read, bytes that
// nobody will read make it one, and a RST takes with it what is on its way. So an
// endpoint that is closed like that says its FIN first, if its stream has come to an
// end, and lingers (LINGER) until its peer's kernel has taken everything. It is closed
// in the books of both channels by then. No event tells: a timer asks. Whoever takes
// nothing for as long as its write timeout is not waited for any longer.
//
// # Handshakes
//
// A client from a network whose word is taken begins with a PROXY header, and any
// client may have to begin with TLS. Until both are over its side is in CON, and
// nothing happens on the server's. There a PROXY header and TLS come after the
// connect, and belong to the attempt: they share its timer, and if they fail
// another one may follow.
//
// # Streams that are cut short
//
// TLS has an end of its own, the goodbye, which a layer says before the FIN
// (shutw waits for it to be out). A stream that ends in another way than by its
// own end, be it a reset, a timeout, a close of ours, or a FIN where there should
// have been a goodbye, was cut short. It is Truncated, and its consumer gets what
// came before and then no proper end: with TLS a FIN without a goodbye, and without
// it a RST. What nobody began is not cut short: a client whose server cannot be reached
// gets a FIN.
//
// # States
//
// See State and its table. A descriptor is open in CON and EST and in no other.
//
// # Shares
//
// A client may have so many sessions at once (see shares), and so many clients may be in
// their handshakes at once. Who has his share is refused right behind accept(), or when
// his PROXY header was read; while handshakes are too many nobody is accepted. See
// core.Desc.Late for the turns of handshakes, which come behind those of what is
// established.
//
// # Servers
//
// What is known of a server comes from the attempts of sessions (see Server). One that
// failed is down: it is left at once if another one is up, and passed over for a pause
// that doubles from a second to a minute, after which one session at a time tries it. An
// attempt that finds it still down, while another one is up, is none of the session's
// retries: even with none left it gets to the other one. Not a server's fault is what this
// machine lacks, and what TLS refuses. With all of them down a session has its retries and
// pauses as if nothing were known, its last attempt elsewhere.
//
// # Timers
//
//	req.rex  the client sends nothing     client timeout
//	rep.wex  the client takes nothing     client timeout
//	rep.rex  the server sends nothing     server timeout
//	req.wex  the server takes nothing     server timeout
//	exp      connecting takes too long, handshakes do, or the pause before another
//	         attempt is over
//
// A read timeout cuts that direction short (with NOHALF the other one too, behind
// what is here); a write timeout resets. None is told before the loop has looked for what
// may have come in time (core.Loop.Looked). A client is timed from when his server is there,
// and once our FIN is out to a side, its half-closed timeout takes the place of its read
// timeout, if one is set. All are lazy: traffic only moves a deadline, the session's task looks.
//
// Whoever takes a little all the time is not late, though the kernel reports no room: it is
// asked how much is under way to him soon after the last byte left, and when his time is up.
// Less means that both of his timers begin anew. Who has nothing but the kernel's bytes to
// take is looked at only when he has been silent for his time, and has all of it again after
// the first look; so who is gone is found out after two of his timeouts then, and who took all of
// it before that look is timed from when it left.
//
// # What rests, and what is lent
//
// Most sessions do nothing for most of their time, and what each of them has is what limits
// their number. So a Session is what it takes to wait, and all else is lent to it, from free
// lists of the proxy's, for as long as it is of use:
//
//	a buffer, a pipe   while a channel holds bytes
//	aside              while connecting or in a client's handshakes, while an endpoint takes slowly or
//	                   lingers or is told how much may pass, and to applets
//	ducts              from the first pipe to the end: patience, and what was spliced
//	lower              to endpoints with a cipher or a PROXY header; it stays with the session's memory
//
// And nothing is written down twice: which channel an endpoint reads into is known from where
// both lie in the session, and how long is waited for whom from the configuration and the
// state. Sessions lie side by side in what the runtime has nothing to add to, and lists of them grow
// without being copied (core.Pile). A test holds how much that is.
//
// # Buffers
//
// A channel has a buffer while it holds bytes. What a client says before its server is there
// waits in a small one, or in a part of that if it is short, and behind that in its socket. See
// Pool for what happens when there is none left. A direction that is copied and fills half of
// one time and again gets a larger one, of which there are a few, and goes back when it does
// no more.
//
// # Pipes
//
// A direction between two connections that can splice may pass through a pipe, and
// never be copied: always, never, or (auto) while its reads look like bulk.
//
//	pipe   then   buffer        what rests in a channel, oldest first
//
// A pipe is filled only while the buffer is empty; a buffer may be filled behind a
// pipe. A channel holds a pipe only while there are bytes in it (PipePool). Where
// splicing is wanted and the buffer is not empty, reading waits until it is: filled
// as fast as it empties, it would keep the pipe away for ever. Where there is no
// pipe to be had, or too little may pass, bytes are copied, and the next read asks
// again; where the kernel refuses, for the rest of the session.
//
// EAGAIN from a splice means a dry socket or a full pipe. With bytes in the pipe
// nobody can tell, so reading stops (PIPE_FULL) and is tried again when some have
// left; an end or an error that hides behind the full pipe is found then.
//
// Or it means that a splice does not take what is next in the socket, an urgent mark for
// one, behind which even 0 does not mean the end. So what contradicts a report, and every
// end, is asked of a read, and some reads later the pipe is tried again.
//
// A direction that was bulk for long has its source report only much at a time
// (SO_RCVLOWAT); see patience, and why that cannot hide the last bytes for long.
//
// # Applets
//
// An endpoint without a connection: what others write on top of the proxy. A Maker
// makes one for each session, when its client is through its handshakes, and it is
// told when the session is over. It works in the buffers themselves, which are rings,
// and so sees its bytes in up to two pieces. Echo, Discard and Chargen show that
// nothing above the data layer takes a socket for granted.
package streamif
