package real

// errand is something that another goroutine wants done by the loop.
type errand struct {
	do     func()
	done   chan struct{}
	before *errand // that was asked for before, and not done yet
}

// Do has the loop call f between two rounds, when everything of the worker's may
// be looked at and changed, but the world waits. It may be called from any
// goroutine. done is closed when f has returned, or will never be called because
// the worker has ended.
func (w *Worker) Do(f func()) (done <-chan struct{}) {
	e := &errand{do: f, done: make(chan struct{})}
	w.ending.Lock()
	defer w.ending.Unlock()
	if w.over {
		close(e.done)
		return e.done
	}
	for {
		e.before = w.errands.Load()
		if w.errands.CompareAndSwap(e.before, e) {
			break
		}
	}
	w.epoll.Wake()
	return e.done
}

// Trim has the worker leave the memory of buffers that nobody has needed since the last call to
// the collector, and returns how many bytes that is. It may be called from any goroutine, and
// waits for the worker.
func (w *Worker) Trim() (bytes int) {
	<-w.Do(func() {
		if bytes = w.proxy.Trim(); bytes > 0 {
			w.pub.soon()
		}
	})
	return bytes
}

// runErrands carries out what was asked for since the last round, in that order.
func (w *Worker) runErrands() { w.errands.Swap(nil).run() }

func (e *errand) run() {
	if e == nil {
		return
	}
	defer close(e.done) // also if one before it panics, and it is never done
	e.before.run()
	e.do()
}

// drop gives up an errand and those before.
func (e *errand) drop() {
	for ; e != nil; e = e.before {
		close(e.done)
	}
}
