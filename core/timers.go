package core

// Timers is a binary heap of the deadlines of tasks, lazy in one direction: moving a
// deadline later, which every byte of traffic does, costs nothing until the old
// place comes up. The zero value is ready for use.
type Timers struct {
	heap Pile[*Task]
}

// Len returns how many timers are in the heap.
func (h *Timers) Len() int { return h.heap.Len() }

// Next returns a time no later than the earliest deadline; 0 if there is none.
func (h *Timers) Next() Time {
	if h.heap.Len() == 0 {
		return 0
	}
	return h.at(0).key
}

// Set gives t a new deadline, 0 to remove it.
func (h *Timers) Set(t *Task, at Time) {
	t.at = at
	switch {
	case at == 0:
		if t.slot > 0 {
			h.remove(int(t.slot) - 1)
		}
	case t.slot == 0:
		t.key = at
		h.heap.Push(t)
		t.slot = int32(h.heap.Len())
		h.up(h.heap.Len() - 1)
	case at < t.key:
		t.key = at
		h.up(int(t.slot) - 1)
	}
}

// Expired removes and returns one task whose deadline has come; nil if none.
func (h *Timers) Expired(now Time) *Task {
	for h.heap.Len() > 0 && h.at(0).key <= now {
		t := h.at(0)
		if t.at <= now {
			h.remove(0)
			t.at = 0
			return t
		}
		t.key = t.at
		h.down(0)
	}
	return nil
}

// due appends the tasks whose deadlines have come, in no order, from a place in the heap on.
func (h *Timers) due(list []*Task, now Time, i int) []*Task {
	if i >= h.heap.Len() || h.at(i).key > now {
		return list
	}
	if t := h.at(i); t.at <= now {
		list = append(list, t)
	}
	return h.due(h.due(list, now, 2*i+1), now, 2*i+2)
}

func (h *Timers) remove(i int) {
	last := h.heap.Len() - 1
	h.at(i).slot = 0
	if i != last {
		h.put(i, h.at(last))
	}
	h.heap.Pop()
	if i != last {
		h.up(i)
		h.down(i)
	}
}

// at is the task at a place in the heap, and put puts one there.
func (h *Timers) at(i int) *Task { return *h.heap.At(i) }

func (h *Timers) put(i int, t *Task) {
	*h.heap.At(i) = t
	t.slot = int32(i + 1)
}

func (h *Timers) up(i int) {
	t := h.at(i)
	for i > 0 {
		parent := (i - 1) / 2
		above := h.at(parent)
		if t.key >= above.key {
			break
		}
		h.put(i, above)
		i = parent
	}
	h.put(i, t)
}

func (h *Timers) down(i int) {
	t, n := h.at(i), h.heap.Len()
	for {
		small, below := i, t
		for child := 2*i + 1; child <= 2*i+2 && child < n; child++ {
			if c := h.at(child); c.key < below.key {
				small, below = child, c
			}
		}
		if small == i {
			break
		}
		h.put(i, below)
		i = small
	}
	h.put(i, t)
}
