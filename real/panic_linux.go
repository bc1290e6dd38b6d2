package real

import (
	"fmt"
	"runtime/debug"

	"millrace/core"
)

// Panic is a run-time error in the code of a worker: a bug, like a core.Breach, but
// found by the language and not by the proxy.
type Panic struct {
	Worker int
	Value  any    // what the panic said
	Stack  []byte // where
}

// Error implements error, in one line.
func (p *Panic) Error() string { return fmt.Sprintf("worker %d: panic: %v", p.Worker, p.Value) }

// survive makes a panic the error of a worker, unless there is one already: the first
// is the cause of the others. It is to be deferred.
func (w *Worker) survive(err *error) {
	switch r := recover().(type) {
	case nil:
		return
	case *core.Breach:
		*err = firstError(*err, r)
	default:
		*err = firstError(*err, &Panic{w.id, r, debug.Stack()})
	}
	w.rec.fail(*err)
}
