package real

import (
	"os"
	"runtime"
	"strings"
	"sync/atomic"
)

// brief and long are milliseconds. A sleep that ends sooner than brief was as good as none, and
// a doze takes that at most, or long.
//
// Long is longer than two ticks of a kernel that has 100 a second. A sleep that is to end before
// the next tick is one for which the kernel sets the processor's timer, and sets it back when
// something comes: in a virtual machine these are two exits to the host, and cost more than all
// that a relay does between two messages (with 2 ms a round trip took 1.15 of what it takes).
//
// But a thread that dozes keeps what Go calls a P, which is what goroutines run on: where there is
// none but the workers' all other goroutines wait, 36 ms for a round trip that took 2.
const (
	brief = 2
	long  = 32
)

// crowd says how many workers of this process run, and whether anybody else has a P. It is the
// process's since these are.
var crowd struct {
	workers atomic.Int32
	room    atomic.Bool
}

// atWork notes that a worker begins, 1, or has ended, -1.
func atWork(by int32) {
	workers := crowd.workers.Add(by)
	crowd.room.Store(runtime.GOMAXPROCS(0) > int(workers) && signalled)
}

// signalled says that the scheduler may end a doze by a signal.
var signalled = !strings.Contains(os.Getenv("GODEBUG"), "asyncpreemptoff=1")

// nap is how long a doze may take now.
func nap() uint {
	if crowd.room.Load() {
		return long
	}
	return brief
}
