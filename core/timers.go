package core

// Timer is a place in a Timers heap, embedded in what it belongs to.
type Timer struct {
	at   Time // when to fire; 0 = never
	key  Time // where it sits in the heap: at or earlier
	slot int32
}

// Timers is a binary heap of deadlines, lazy in one direction: moving a
// deadline later, which every byte of traffic does, costs nothing until the old
// place comes up. The zero value is ready for use.
type Timers struct {
	heap []*Task
}

// Len returns how many timers are in the heap.
func (h *Timers) Len() int { return len(h.heap) }

// Next returns a time no later than the earliest deadline; 0 if there is none.
func (h *Timers) Next() Time {
	if len(h.heap) == 0 {
		return 0
	}
	return h.heap[0].timer.key
}

// Set gives t a new deadline, 0 to remove it.
func (h *Timers) Set(t *Task, at Time) {
	tm := &t.timer
	tm.at = at
	switch {
	case at == 0:
		if tm.slot > 0 {
			h.remove(int(tm.slot) - 1)
		}
	case tm.slot == 0:
		tm.key = at
		h.heap = append(h.heap, t)
		tm.slot = int32(len(h.heap))
		h.up(len(h.heap) - 1)
	case at < tm.key:
		tm.key = at
		h.up(int(tm.slot) - 1)
	}
}

// Expired removes and returns one task whose deadline has come; nil if none.
func (h *Timers) Expired(now Time) *Task {
	for len(h.heap) > 0 && h.heap[0].timer.key <= now {
		t := h.heap[0]
		if t.timer.at <= now {
			h.remove(0)
			t.timer.at = 0
			return t
		}
		t.timer.key = t.timer.at
		h.down(0)
	}
	return nil
}

func (h *Timers) remove(i int) {
	last := len(h.heap) - 1
	h.heap[i].timer.slot = 0
	if i != last {
		h.heap[i] = h.heap[last]
		h.heap[i].timer.slot = int32(i + 1)
	}
	h.heap[last] = nil
	h.heap = h.heap[:last]
	if i != last {
		h.up(i)
		h.down(i)
	}
}

func (h *Timers) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !h.less(i, parent) {
			return
		}
		h.swap(i, parent)
		i = parent
	}
}

func (h *Timers) down(i int) {
	for {
		small := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h.heap); child++ {
			if h.less(child, small) {
				small = child
			}
		}
		if small == i {
			return
		}
		h.swap(i, small)
		i = small
	}
}

func (h *Timers) less(i, j int) bool { return h.heap[i].timer.key < h.heap[j].timer.key }

func (h *Timers) swap(i, j int) {
	h.heap[i], h.heap[j] = h.heap[j], h.heap[i]
	h.heap[i].timer.slot = int32(i + 1)
	h.heap[j].timer.slot = int32(j + 1)
}
