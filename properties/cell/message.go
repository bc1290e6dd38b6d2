package cell

import (
	"time"

	"millrace/properties"
	"millrace/properties/picture"
)

// task is what a cell is asked for.
type task uint8

const (
	hunt    task = iota // run the worlds of seeds
	shrink              // make a failing trace small
	replay              // run a trace
	explain             // run a trace and say all there is to say
	show                // run a trace and print it with its steps
	see                 // run a trace and say what it shows
	draw                // run a trace and draw it
	stop                // be content with what there is
)

// request is one question. A cell answers one at a time, but hears stop at once.
type request struct {
	Task    task
	Program string // whose worlds the seeds are of
	Limits  Limits
	Seeds   Seeds
	Trace   []byte
	Path    string // what the reader calls the trace
	Sockets bool   // shown too
	Turns   bool   // explained, or shown, with them
	As      picture.Format
	Both    bool   // with the run beside it that does not fail
	Journal string // a file to write every decision and every step to, as they come
	Corpus  string // a directory that guided hunts begin with; "" = none
}

// Limits are what a world may take before it is given up.
type Limits struct {
	Time   time.Duration // of processor time in one round of the program under test
	Memory uint64        // bytes in use on the heap
}

// DefaultLimits are far above what drawn worlds need, whose rounds take microseconds.
var DefaultLimits = Limits{Time: 5 * time.Second, Memory: 1 << 30}

// Seeds are worlds to hunt in.
type Seeds struct {
	From  uint64
	N     uint64
	Back  bool   // from the last one to the first
	First bool   // stop at the first failure
	Share uint64 // one in so many is run twice; 0 = none
	How   properties.Strategy
	Small properties.Bounds // of an exhaustive hunt; the zero value stands for those of who does not say
	Known []string          // identities of which another trace is of no use
}

// reply is one answer, or a part of it. The last part of an answer is Done.
type reply struct {
	Alive  bool   // nothing but a sign of life
	States uint64 // with that: how many of small worlds the process has come to
	Known  string // a failure of a known identity
	Trace  []byte // a failing trace; the answer to shrink and replay
	Text   string // the answer to explain, show and draw
	Failed bool
	Totals *properties.Totals
	Kept   *properties.Kept // the answer to see, unless it failed
	Err    string           // the request made no sense
	Done   bool
}
