package real

import (
	"fmt"
	"runtime/debug"
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

// fell makes the error of a worker that a panic has ended.
func (w *Worker) fell(value any) error {
	p := &Panic{w.id, value, debug.Stack()}
	w.rec.fail(p)
	return p
}
