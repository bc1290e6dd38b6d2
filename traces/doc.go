// Package traces is the one text in which runs are written, and what can be done
// with it: record a run, play it again, shrink it.
//
// # The text
//
// A trace is a file of lines. Everything printed parses back to the same text, and
// a line that does not parse is answered with file:line and what was expected.
//
//	millrace 1                           first line, the version of the grammar
//	# anything                           comments: cause, seed, replay command
//	world bufsize=16 latency=50µs        a simulated run, and every setting that is
//	                                     not the default; "live" for a real one
//	session 0 at=2ms client=send:5,eof   a client: when it comes and what it does;
//	                                     server= what the server does, else it echoes;
//	                                     front=, back= what is special about its
//	                                     connections, as in back=latency:5ms,sndbuf:100
//	choose f0 short-write 0 = 2          a choice that was not benign: by whom,
//	                                     what for, its ordinal, its value
//	choose p0 spurious 7 = b0            where it happens to somebody: to whom
//	choose o1 server-life 0 = silent     o1 is server number 1, whoever it serves
//	fail I29 stream: a byte was lost     what goes wrong
//	recorded worker=1 at=2026-11-26T18:03:04Z by=relay/v1.2/go1.26
//	                                     whose recording it is, from when on
//	address 7 client=192.0.2.1:41312 server=10.0.0.1:80
//	                                     who a recorded session's peers are, if that was to
//	                                     be recorded; nobody's replay looks at it
//	skipped 4096                         steps lost in front of the first one
//	+40µs p0 wait 1s = 1                 from here on, steps
//	end 812 = 7c2f19a0                   how many steps there are, and a checksum of all
//	                                     above: what has a recorded line has this one too
//
// A comment may stand at the end of a line as well, but for fail. The traces of a process's
// workers stand in one file, one behind the other.
//
// A trace with sessions is a scenario: the same scenario and the same choices give
// the same run. A trace with steps is a recording. It may be both.
//
// # Steps
//
// A step is one call of the proxy on its kernel and the kernel's answer:
//
//	+0s   l0 accept = f0                 the time since the step before, whose
//	+0s   f0 recv 16384 = 512            descriptor, the call with its argument,
//	+0s   b0 socket 0 = OK               the answer: a number, OK, or an error
//	+0s   b0 connect = EINPROGRESS
//	+0s   b0 set OUT = OK                the poller's Set, for this descriptor
//	+90µs p0 wait 5s = 1                 its Wait: the span until the deadline, and
//	+0s   b0 event OUT                   how many of these lines follow
//	+0s   b0 event IN stale              a report that came too late: it is for
//	                                     whoever had this descriptor's number before
//	+0s   p0 event IN                    the same, and the number is free now
//	+0s   b0 send 512 more = 500
//	+0s   b0 close reset = OK
//	+0s   w0 pipe = OK                   a pipe is made; which of the pipes a splice
//	+0s   f0 splice 1073741824 = 2896    uses is not said: one is emptied before
//	+0s   b0 splice-out 2896 = 2896      another session has it
//	+0s   w0 pipe-read 10 = 10           bytes out of a pipe that could not be spliced
//	+0s   w0 pipe-close
//	+0s   w0 stop                        the operator stops the listener
//	+0s   p0 wait never = ECANCELED      a program that is one function is to end
//	+0s   w0 delay                       tasks wait for the next round
//	+0s   w0 shed                        the operator wants a pipe back, inside of a call
//	+0s   f0 full                        the client has its share of sessions (it, or whom its
//	                                     PROXY header names), and is refused
//	+0s   f0 shake 512 = 1 took 512 said 90
//	                                     a cipher with 512 bytes read ends its handshake (0
//	                                     would be: goes on), takes them, and has 90 to send
//	+0s   f0 open 64 = 12 dry took 40 said 0
//	                                     of 64 bytes asked for it decrypts 12 and needs more
//	+0s   b0 seal 12 = 0 took 0 said 40  it encrypts 12 as 40; goodbye is its last word
//	+0s   w0@1 killed                    the second of several workers is no more
//
// (Columns are aligned here to be read; one blank is what is printed.) An actor is
// the same descriptor in every run, whatever its number: f and b with the number
// of the session are its sockets towards client and server, l0 is the listener, p0
// the poller, w0 the worker, and l0@1, p0@1 and w0@1 are the second worker's where there
// are several. Time passes in waits only, because that is where a
// loop looks at its clock. Bytes are not in a trace: they are a function of
// stream and offset (see sim.Payload).
//
// # Record, play, shrink
//
// Recorder stands between a proxy and its kernel, simulated or real, and writes
// the steps down. With a ring of a fixed size it allocates nothing and can be on
// all the time. A recording that lost its beginning says so, and is played with the
// sessions that are wholly in what is left (see Cut).
//
// Player is a kernel that knows only the answers of a recording. It runs a proxy
// made from the trace's settings and compares each call with the recorded one:
// actor, call, argument, and the mark "more" or "reset". The calls of one flush of
// the descriptor table have a fixed order, so they are compared like all others.
// The first that differs ends the replay as a Divergence, which is an outcome of
// its own: neither a pass nor the failure that was recorded.
//
//	step 41: recorded `f0 send 512`, proxy did `f0 shutw`
//
// A cipher is played by its outcomes, and a PROXY header by how it was taken: another one
// of the same length stands for it. Whose address has how many sessions is not known either, so
// the limit on them is played by whom it was said to hit.
// The steps of several workers are one list, in the order in which they were made; as such they
// are read, and not played.
//
// Of eventfds, numbers that were duplicated, and of pipes what no splice does, a recording
// has the calls, to be read; a program that makes them is not played.
//
// What the proxy sends is compared with what it was given, byte by byte. A
// recording may end anywhere, and a replay that gets there has agreed with it.
//
// Shrink makes a failing scenario smaller for as long as it fails, and LastFlip
// names one decision without which it does not.
package traces
