// Package kerneltest compares kernels: it runs the same scripts on every
// implementation of core's kernel surface. What is right was recorded on Linux;
// the simulated kernel has to give the same answers.
//
// # The model
//
// A script sees one process ("us") and whoever it talks to ("peer"):
//
//	us  us2 ...      descriptors of the process under test: the surface itself
//	peer peer2 ...   the other ends of the same connections
//	lst              the listener of the process
//	twin twin2 ...   second numbers of us, us2 ..., which are duplicated
//	pipe pipe2 ...   pipes of the process
//	piper pipew ...  their ends that are read and written, as a poller takes them
//	event event2 ... eventfds of the process
//
// There may be 99 of a kind.
//
// us and peer with the same number are the two ends of one connection, and each
// name is used for one connection only, or those that one descriptor tries in turn.
// A client's connection is peer's dial and us's accept, in the order in which they
// dialed; one to a server is us's socket and connect, and peer is there as soon as the
// kernel says so.
//
// After each line that may send something the network is left alone until it is
// quiet. So a script has no races, and several lines between two looks are
// several changes that one look reports.
//
// Every descriptor may be registered with three pollers at once, level-triggered,
// edge-triggered and one-shot, so that a script shows the difference.
//
// # The language
//
// One step a line, with its answer behind " = ". Lines that are empty or begin
// with # are kept and mean nothing.
//
//	lst listen               start listening
//	peer dial                a client connects to the listener
//	us accept                take the next connection off the queue
//	us socket [open]         a descriptor aimed at a server that accepts,
//	us socket closed           at a port where nobody listens,
//	us socket full             at a listener with a full backlog: no answer comes,
//	us socket nowhere          at an address that no route leads to
//	us connect               start the connection, or ask how it went
//	X send 5 [more]          write, X being us or peer: the count or an error; with
//	                         more, the kernel may wait for what follows
//	X recv 5                 read: the count, 0 for the FIN, or an error
//	X peek 5                 the same, and what was read stays
//	X readv 5 2, writev 5 2  so many bytes in so many pieces of memory, or of so many
//	X fill, pipe fill        write until nothing more fits: "full" or an error
//	X drain                  read until nothing comes: what came and how it ended
//	pipe make 2              a pipe of so many slots, a power of two
//	us splice pipe 100       move up to 100 bytes from the socket into it,
//	us splice-out pipe         and all that it holds to the socket
//	pipe splice pipe2 100    move up to 100 bytes from one into the other,
//	pipe tee pipe2 100         or let them be in both
//	pipe take 5, write 5     read from it, write into it
//	pipe readv 5 2             in so many pieces,
//	pipe writev 5 2            or of so many
//	pipe close-read          close one end of it,
//	pipe close-write           or the other one
//	event make 3             an eventfd with this number in it
//	event write 5, drain     add to the number; take it
//	event fill               make it as large as can be
//	twin dup, us dup         make the one from the other
//	peer urgent              send a byte of urgent data, which no read gets unless
//	                         another one is sent before it was passed
//	X shutw, shutr, shutrw   send the FIN; end reading; both. lst has them too
//	X close                  give the descriptor back
//	X reset                  close with a RST
//	X error                  SO_ERROR: the pending error, OK if there is none
//	X sndbuf 5, rcvbuf 5     set the sizes of the buffers,
//	X sndbuf, rcvbuf           and ask for them
//	us rcvlowat [5]          how many bytes to read are reported, or which number that is
//	X poll [MASK]            what is true now, whatever the pollers know
//	X watch MASK             register with all pollers, or change that; - ends it
//	X add MASK, mod MASK     register, and change that; what is registered for nothing
//	X del                      is told ERR and HUP. del ends it
//	X number                 the first name that had the same number, or "new"
//	level [1], edge [1],     what the pollers report: "us:IN|OUT lst:IN" or "-",
//	oneshot [1]                in as many lines as this at most, for which 0 is no room
//	sleep                    have somebody sleep in level and in edge too, where nobody does,
//	woken                      and say what woke either of them since: "level us:IN" or "-"
//
// poll, watch, add, mod and del are for whatever a poller takes, number for sockets. The peers are in
// the same process where the kernel is Linux, and take numbers too, as pipes do: between a
// close and number none of them may begin. MASK is core's notation of events,
// IN|OUT|RDHUP if it is left out; EXCLUSIVE is part of a wish. A call that not all pollers
// answer alike says "differently" and how, in their order. drain answers none, some (more was sent) or all,
// and then dry (EAGAIN), end (the FIN) or the error. How much fill writes is each
// kernel's own affair and is not shown, and neither is how often the writer is
// woken meanwhile: us's fill drops all edges up to its end.
//
// A step whose actor is not there, or not any more, makes no call and answers
// "none"; a step that would bring an actor to life a second time answers "used". So every
// list of steps is a valid script, and any line may be deleted from one that
// fails. A connect after one that failed starts another one, whose other end has the
// name of the first one's. Every byte is a function of its place in its stream, and a read that
// gets another one answers "corrupt".
//
// # Answers that vary
//
// A kernel may have buffers of other sizes, and then it answers otherwise. A script
// may therefore have a set of answers, and Widen makes one of each answer of which
// it is known that sizes decide; what it knows is in its comment.
//
//	1..5 or EAGAIN           a number from 1 to 5, or the error
//	IN|OUT?                  OUT may be missing, and if nothing is left, the line
//	~us:IN                   a line of a report that may stand anywhere in it
//	~us:*                    and of which nothing is known
//
// A Tally counts what Linux did with each of these freedoms, and lists what is
// allowed and was never seen. A script to which Linux itself answers one thing now
// and another thing then, outside of its set, is not dropped but said to be not
// deterministic.
//
// # What simulators get wrong
//
// Each of these was wrong in the simulated kernel, or would be in one that was
// written from the manual pages. What holds it now is the script in testdata.
//
//	edge-fin-ack-late       that our FIN has arrived wakes us, without any news
//	shutw-refused           and so does a shutdown that is refused
//	connect-fails-edge      connect() telling a failure wakes, and the socket is fresh again
//	rst-connecting-told     ECONNABORTED, if another call was told the cause
//	rst-after-fin           after FIN and RST a read says 0; a write is told EPIPE
//	rst-after-own-fin       but not behind our own FIN: then it is ECONNRESET
//	splice-refused          the cause is told once, by whichever call comes first
//	closed-disappears       a closed descriptor leaves the report, reported or not
//	watch-again             a registration that ends loses its place in the report
//	edge-woken-early        a wake-up keeps its place, even if it was for nothing
//	watch-truncated         a report without room for all goes on where it stopped
//	watch-truncated-unready what it has not looked at keeps its place, ready or not
//	watch                   the same wish told again is reported again
//	watch-unasked           ERR and HUP come unasked, RDHUP does not
//	fresh                   a socket that was never connected is OUT|HUP
//	listener-events         an arrival is an edge, an accept is none
//	registrations           EEXIST and ENOENT
//	registered-for-nothing  who is registered for nothing is told ERR and HUP
//	mod-arms-again          the same wish told again is an edge, and another shot
//	watch-no-room           a wait without room for any report is EINVAL
//	nothing                 a socket is asked for nothing as for something, a pipe is not asked
//	accept-reset-waiting    a client that reset before the accept is accepted
//	half-close-then-close   behind both FINs, close says nothing, whatever was unread
//	close-unread-after-fin  before that, unread bytes make it a RST
//	more-more               a second promise of more need not let the first bytes go
//	more-reset              and a reset drops them
//	splice-full-fin         a full pipe hides the FIN,
//	splice-full-rst         and a reset, whose error stays pending
//	splice-full-partly      a slot is in use until its last byte has left
//	splice-unread-close     what is in a pipe was read: closing is no RST
//	connect-fails-purges    what had come before connect() told the failure is gone
//	shutr                   who has shut reading still gets what comes; a pause is the end
//	shutr-fresh             so does who was never connected: the end, and not ENOTCONN
//	shutrw-data             who is shut both ways resets whoever sends to it,
//	shutrw-closed-data      and so it does when it was closed in between
//	connect-accepted        who was accepted is connected, and told so at once, for ever
//	connect-again           who was told a failure may try again,
//	connect-spoilt          but not who was shut before: EINVAL, for ever
//	connect-given-up        an attempt that is shut is over, and another one may begin
//	shut-before-connect     who shuts before connecting is shut behind it, without a FIN
//	error-refused           SO_ERROR takes the cause away: connect() has none left
//	exclusive               EXCLUSIVE goes with little, and cannot be changed
//	exclusive-order         who is exclusive is woken after all others, in turn,
//	exclusive-woken         and sleeps on if one who slept too was woken before,
//	exclusive-woken-ends    but for a change of state
//	oneshot                 a shot that is used up hides even ERR and HUP
//	pipe-empty              an empty pipe is asked before the socket, even a dead one
//	pipe-no-reader          a pipe without a reader is EPIPE before anything else
//	pipe-write-whole        what fits into a page is never split, what does not is
//	pipe-write-offset       a page does not come free at its beginning by being read
//	vectored-nothing        a vectored call of nothing is 0 whatever is wrong, and too many pieces are EINVAL
//	splice-limit            a splice takes no more than a page for each free slot
//	urgent-read             a read stops at an urgent mark once, and goes on behind it,
//	urgent-splice           a splice never goes on,
//	urgent-splice-fin       and with a FIN in says 0, with bytes left
//	urgent-moves            another mark takes the place of the first, whose byte is data,
//	urgent-moves-next       unless it was next: then it is nobody's
//	urgent-close            an urgent byte that was not passed makes a close a RST
//	urgent-nothing          a read of nothing finds an urgent byte, and does not pass it
//	urgent-shutrw           one that was refused is PRI for ever,
//	urgent-shutrw-order     and wakes who waits for it before the RST wakes everybody
//	lowat-level             less than is waited for is not reported, and read all the same
//	lowat-lowered           waiting for less wakes, and so does waiting for as much again
//	lowat-urgent            urgent data is PRI whatever is waited for, and no IN
//	lowat-waits             what is not worth a report takes no place in it either
//	listener-shut           a listener that is shut for reading is a fresh socket: EINVAL
//	sndbuf-wakes            setting the size of the buffer wakes who could write anyway
//	window-sliver           a little that is read from a full direction opens no window,
//	window-shutr            nor does all of it, if the reader is shut
//	bufsize                 a buffer is twice as large as it was told to be
//	splice-out-brim         a splice out that takes a part waits for room
//	splice-wakes-pipe       a splice wakes who waits for room in the pipe, though there was some
//	pipe-polled             a read does not, and a write wakes even if it found no room
//	pipe-to-pipe            what moves as a whole is written behind, and a part is not
//	pipe-to-pipe-ends       what is empty and will be so is asked last
//	eventfd                 adding nothing wakes too
//	dup-registration        a registration outlives its number, and is found again by it
//	dup-number-reused       while another socket has that number, and one of its own
//	dup-reset               a reset by one number waits for the last close
//
// # What is covered
//
// Behaviours that the recorded scripts show, by group; what a behaviour is stands at
// Coverage.
//
//	connect           53
//	accept            21
//	read              424
//	write             288
//	shut and close    251
//	options           206
//	splice            245
//	pipe              65
//	eventfd           37
//	poll              1195
//	level             304
//	edge              358
//	one-shot          310
//	sleep             182
//
// # What an event loop may call
//
// The surface is a set of Go interfaces, so that what the simulated kernel does not have
// cannot be called, and none of it is silently wrong.
//
//	socket, bind, listen            modelled; one listener, and servers by their numbers
//	connect, any number of times    modelled
//	accept4, shutdown, close        modelled, of a listener that is shut too; close with and without SO_LINGER
//	recv, send, MSG_PEEK            modelled, of no bytes too
//	MSG_MORE                        modelled, of send; when what waits for more goes is a freedom
//	readv, writev                   modelled (core.Vectored), of sockets and of pipes
//	MSG_OOB                         peers send it, and reads, splices and PRI meet it; to read it: no
//	SO_ERROR, SO_RCVLOWAT           modelled
//	SO_SNDBUF, SO_RCVBUF            modelled; how much fits is a freedom
//	TCP_NODELAY, TCP_CORK           no: nothing waits for an acknowledgement
//	SO_KEEPALIVE, TCP_USER_TIMEOUT  modelled (core.Vigilant); measured where packets can be lost
//	pipe2, F_SETPIPE_SZ, splice     modelled; what a slot takes of small pieces is a freedom
//	splice of two pipes, tee        modelled (core.Tube); an end cannot be mistaken for the other: EBADF is no answer
//	vmsplice, sendfile              no
//	epoll_ctl ADD, MOD, DEL         modelled: Set for who keeps books, core.Registrar for who does not
//	EPOLLET, EPOLLONESHOT           modelled
//	EPOLLEXCLUSIVE                  modelled; a program in a world has one poller, and sees what it goes with
//	SO_REUSEPORT                    no: there is one process, with one listener
//	epoll_wait, poll                modelled
//	pipes, eventfd in a poller      modelled (core.Tube, core.EventFD); EFD_SEMAPHORE: no
//	dup                             modelled for sockets (core.Duplicator), and what registrations make of it
//	timerfd, signalfd, SCM_RIGHTS   no: time is the deadline of a wait
//
// # Recording, drawing
//
// The files in testdata are the scripts with Linux's answers; the test of
// real/loopback writes them if it is run with -update, and refuses if Linux does not
// repeat its answers. No other kernel records. There are more than a hundred written
// by hand, each to show one thing, and those of Product: every call on a connection,
// twice, in every state that a connection can be in, with what is true and what is
// reported before and after. The third kind is the corpus: drawn scripts, and mutants of
// recorded ones, that were kept because each shows a behaviour that no other script does, with everything taken away
// that it does not need. Recording adds to it what is new.
//
// Beyond them, Draw and DrawFrom make scripts at random, and Mutate makes them of recorded
// ones, for a Trial of two kernels side by side. A difference is shrunk, and added to the
// recorded scripts. Where more is promised they do not look before the promise is kept: when
// Linux lets go of what it holds back depends on what is in flight, on options and on who
// answers, and the simulated kernel, which holds it as long as it may, is not wrong to. Into
// small buffers they send what certainly fits, or fill them, from when on each count is any
// part. A reader's they make no smaller than Linux sends into without waiting for a probe, and
// pipes they fill by splicing only with single bytes.
package kerneltest
