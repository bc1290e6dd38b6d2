// Package cell runs worlds in a process of their own, which may be lost: the program
// under test can fall into an endless loop, overflow its stack or take all memory,
// and nothing in its own process survives that for certain.
//
//	campaign                          cell
//	a goroutine for each cell         the same program, started once more
//	  hunt these seeds      ------>   one world after the other
//	  what was found        <------   and a watchdog beside it
//	  what was counted      <------
//	  (nothing more comes)            dead: of what, its last words say
//
// A command that uses cells calls Serve before anything else. What a cell is asked
// and answers goes through its standard input and output; what the program under test
// prints goes to standard error instead, of which both ends are kept.
//
// The watchdog ends a cell whose world makes no round for some seconds of processor
// time, or whose memory grows beyond a limit, and says in which function it was. What
// the runtime ends itself, a stack without an end for one, it explains itself. Either
// is a Death, and has an identity that is the same each time.
package cell
