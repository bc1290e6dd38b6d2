package real

// errand is something that another goroutine wants done by the loop.
type errand struct {
	do   func()
	done chan struct{}
}

// Do has the loop call f between two rounds, when everything of the worker's may
// be looked at and changed, but the world waits. It may be called from any
// goroutine. done is closed when f has returned, or will never be called because
// the worker has ended.
func (w *Worker) Do(f func()) (done <-chan struct{}) {
	e := errand{f, make(chan struct{})}
	w.ending.Lock()
	defer w.ending.Unlock()
	if w.over {
		close(e.done)
		return e.done
	}
	w.errands = append(w.errands, e)
	w.called.Store(true)
	w.epoll.Wake()
	return e.done
}

// runErrands carries out what was asked for since the last round.
func (w *Worker) runErrands() {
	w.ending.Lock()
	list := w.errands
	w.errands = nil
	w.called.Store(false)
	w.ending.Unlock()
	for _, e := range list {
		e.do()
		close(e.done)
	}
}
