package sim

// entry is a process in the heap, with what says when it runs: to compare two of them
// nobody has to go and look for the processes.
type entry struct {
	at   Time
	seq  uint64 `digest:"-"` // among those of one time and rank; the heap has the order
	rank int32
	p    *Proc
}

// before says that e runs before f.
func (e *entry) before(f *entry) bool {
	if e.at != f.at {
		return e.at < f.at
	}
	if e.rank != f.rank {
		return e.rank < f.rank
	}
	return e.seq < f.seq
}

// put gives an entry a place.
func (w *World) put(i int, e entry) {
	w.heap[i] = e
	e.p.slot = int32(i + 1)
}

// up moves an entry to the front, as far as it is to run earlier than others.
func (w *World) up(i int) {
	e := w.heap[i]
	for i > 0 {
		parent := (i - 1) / 2
		if !e.before(&w.heap[parent]) {
			break
		}
		w.put(i, w.heap[parent])
		i = parent
	}
	w.put(i, e)
}

// down moves it to the back.
func (w *World) down(i int) {
	e := w.heap[i]
	for {
		child := 2*i + 1
		if child >= len(w.heap) {
			break
		}
		if next := child + 1; next < len(w.heap) && w.heap[next].before(&w.heap[child]) {
			child = next
		}
		if !w.heap[child].before(&e) {
			break
		}
		w.put(i, w.heap[child])
		i = child
	}
	w.put(i, e)
}
