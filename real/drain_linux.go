package real

// stopping is a worker that was told to drain. Who waits in the listener's queue at
// that moment is connected, as far as he knows, and closing the listener would reset
// him; so the worker takes those first, at the connection limit as there is room. That may
// last as long as sessions do, and whoever is let into the queue meanwhile is reset at its
// end; so nobody is.
type stopping bool

// stop begins to drain, or goes on with it, and closes the listener if it is time.
func (w *Worker) stop(at uint32) {
	if !w.stopping {
		w.stopping = true
		w.ln.last()
	}
	if at&orderKill == 0 && !w.ln.done() {
		return
	}
	w.stopping = false
	w.rec.stop()
	w.proxy.Stop()
	w.pub.soon()
}
