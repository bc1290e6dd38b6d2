package streamif

import "millrace/core"

// ChanFlags is the state of one direction of a session.
type ChanFlags uint32

// The channel flags. "Asked" is a request that the matching deed clears.
const (
	ReadNull     ChanFlags = 1 << iota // the end of stream was read [READ_NULL]
	ReadPartial                        // bytes came in [READ_PARTIAL]
	WriteNull                          // the consumer got connected [WRITE_NULL]
	WritePartial                       // bytes went out [WRITE_PARTIAL]
	ReadTimeout                        // no input in time
	WriteTimeout                       // no output in time
	ReadError                          // the producer failed, reported once
	WriteError                         // the consumer failed, reported once
	ShutR                              // no more input will come [SHUTR]
	ShutW                              // no more output will leave [SHUTW]
	ShutRNow                           // asked: stop reading [SHUTR_NOW]
	ShutWNow                           // asked: FIN behind the output [SHUTW_NOW]
	WaitBuf                            // in line for a buffer
	Truncated                          // the producer's end is not a proper one, and must not look like one
	Granted                            // holds a buffer out of turn, to be filled by the next read
	KernSplicing                       // bytes are to pass through a pipe [KERN_SPLICING]
	CannotSplice                       // they cannot, in this session
	PipeFull                           // nothing more may be read before something has left
)

var chanFlagNames = []string{
	"READ_NULL", "READ_PARTIAL", "WRITE_NULL", "WRITE_PARTIAL", "READ_TIMEOUT", "WRITE_TIMEOUT",
	"READ_ERROR", "WRITE_ERROR", "SHUTR", "SHUTW", "SHUTR_NOW", "SHUTW_NOW", "WAIT_BUF", "TRUNCATED", "GRANTED", "KERN_SPLICING", "CANNOT_SPLICE", "PIPE_FULL",
}

const (
	chanTransient = ReadNull | ReadPartial | WriteNull | WritePartial | ReadTimeout | WriteTimeout
	chanShut      = ShutR | ShutW | ShutRNow | ShutWNow
)

// Any reports whether any of these flags is set.
func (f ChanFlags) Any(of ChanFlags) bool { return f&of != 0 }

// String prints the flags as SHUTR|SHUTW_NOW, and "-" if none is set.
func (f ChanFlags) String() string { return core.FlagString(uint32(f), chanFlagNames) }

// SIFlags is the state of a stream interface beside its State.
type SIFlags uint16

// The stream interface flags.
const (
	SIExpired  SIFlags = 1 << iota // its own timer expired [EXP]
	SIErr                          // its connection failed [ERR]
	SIWaitRoom                     // reading is blocked for lack of room [WAIT_ROOM]
	SIWaitData                     // output is idle: push when there is some [WAIT_DATA]
	SINoLinger                     // the next close is a RST, one shot [NOLINGER]
	SILinger                       // closed but for what is on its way to it
	SIGone                         // what is on its way to it is not waited for
	SINoHalf                       // a peer that half-closes is gone [NOHALF]
	SIIndep                        // writing does not refresh the read timer [INDEP_STR]
	SIRead                         // this turn moved bytes in
	SIWrote                        // this turn moved bytes out
)

var siFlagNames = []string{
	"EXP", "ERR", "WAIT_ROOM", "WAIT_DATA", "NOLINGER", "LINGER", "GONE", "NOHALF", "INDEP_STR", "READ", "WROTE",
}

// Any reports whether any of these flags is set.
func (f SIFlags) Any(of SIFlags) bool { return f&of != 0 }

// String prints the flags as WAIT_ROOM|NOHALF, and "-" if none is set.
func (f SIFlags) String() string { return core.FlagString(uint32(f), siFlagNames) }
