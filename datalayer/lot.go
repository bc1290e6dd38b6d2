package datalayer

import "millrace/core"

// Lot is memory in pieces of one size, which are lent and come back. Pieces that come
// back are kept for the next who asks: the last one used is the one in the cache.
type Lot struct {
	size int
	most int // pieces lent at a time, 0 = any number
	lent int
	free [][]byte `digest:"-"` // whoever gets one writes before he reads, and a new one is as good
	idle int      `digest:"-"` // the least number of free ones since Trim was called last, which no world does
	past Shelf
}

// Reset starts over with nothing lent, and pieces of this size. Those of a lot that
// starts over are not new. most bounds how many are lent at a time, 0 does not.
func (l *Lot) Reset(size, most int) {
	*l = Lot{size: size, most: most, free: l.past.Keep(l.free), past: l.past}
}

// Size is how many bytes a piece has.
func (l *Lot) Size() int { return l.size }

// Lent is how many pieces are lent.
func (l *Lot) Lent() int { return l.lent }

// Made is how many pieces there are.
func (l *Lot) Made() int { return l.lent + len(l.free) }

// Out says that no more may be lent.
func (l *Lot) Out() bool { return l.size == 0 || l.most != 0 && l.lent >= l.most }

// Take lends a piece.
func (l *Lot) Take() []byte {
	l.lent++
	if n := len(l.free); n > 0 {
		mem := l.free[n-1]
		core.BugOn(len(mem) != l.size, "I44", "lot", "a piece of another size was kept")
		l.free[n-1] = nil
		l.free = l.free[:n-1]
		l.idle = min(l.idle, n-1)
		return mem
	}
	if mem := l.past.Take(l.size); mem != nil {
		return mem
	}
	return make([]byte, l.size)
}

// Give takes a piece back. So many free ones are kept whatever the load, and twice as many as
// are lent.
func (l *Lot) Give(mem []byte, keep int) {
	l.lent--
	if n := len(l.free); len(mem) == l.size && (n < keep || n < 2*l.lent) {
		l.free = append(l.free, mem)
	}
}

// lotRest is how many free pieces are kept of those that nobody needs: who asks now and then
// gets one that is in the cache, and what is made anew for the next burst costs less than it did.
const lotRest = 2

// Trim drops the free pieces that nobody has needed since the last call, all but a few, those first
// that lay longest, and returns how many bytes that is. Give has kept them for the next burst.
func (l *Lot) Trim() (bytes int) {
	n := len(l.free)
	idle := max(0, min(l.idle, n-lotRest))
	rest := l.free[:copy(l.free, l.free[idle:])]
	clear(l.free[len(rest):])
	l.free, l.idle = rest, len(rest)
	return idle * l.size
}
