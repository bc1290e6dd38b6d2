// Trace shows, replays, shrinks and draws traces, and makes tests of them.
//
//	trace show FILE       the run with every step, and how each session ended; -session N one of many
//	trace session N FILE  the life of one session, by the id that the log has for it
//	trace replay FILE     run it again: does it fail, how, and what led to it
//	trace shrink FILE     make a failing trace small, in place or to -o OUT
//	trace draw FILE       a page to step through it, FILE.html; -svg and -txt for others,
//	                      -both beside the run that it becomes without what makes it fail
//	trace pcap FILE       a capture of packets, FILE.pcapng, for Wireshark and the like
//	trace scenario FILE   a world that tells what a recording does, and how much of it
//	trace test FILE       a Go test that runs it again
//
// A trace of a world is simulated again from its decisions. A trace of steps, as
// captured on a real kernel, is played: the proxy gets the recorded answers, and
// the first call that it makes differently is reported as a divergence: where that is, what
// both calls mean, what the session was in, and what came before. A file may have the traces
// of several workers; -worker N chooses one.
//
// It exits with 0 if the trace passes, 1 if it fails or diverges, 2 if the call
// or the file is wrong.
package main

import (
	"millrace/properties/command"
	"millrace/properties/proxy"
)

func main() { command.Run("trace", proxy.Program) }
