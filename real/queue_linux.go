package real

import (
	"encoding/binary"
	"math"
	"sync/atomic"
	"time"
)

// queue holds the log lines of one source until the writer has them. One goroutine
// fills it and one empties it, and neither waits for the other: what finds no room
// is lost, and counted. A line lies in one piece; one that begins near the end of
// the ring goes on behind it, and the next begins at the front.
//
// The counts of bytes only grow. A place in the ring is a count modulo its size.
type queue struct {
	ring  []byte
	size  uint64        // of the ring, without the room behind its end
	limit int           // bytes of the longest line, line feed included
	base  time.Time     // what times are counted from
	at    int64         // of the line begun last; the source's own
	head  atomic.Uint64 // bytes taken
	tail  atomic.Uint64 // bytes filled
	begun atomic.Int64  // not 0: a line is being filled, which is no older than this
	lost  atomic.Uint64 // lines that found no room, or could not be written

	source string // for a line about lost lines; what follows is the writer's own
	told   uint64 // how many lost lines one has told of
	batch  uint64 // lines in the batch to be written
	seen   int64  // what begun was when a line was first seen to be unfinished,
	since  int64  // and when that was
}

// lineHead is what stands before a line: its time and its length.
const lineHead = 12

func (q *queue) init(size, limit int, base time.Time, source string) {
	q.ring = make([]byte, size+lineHead+limit)
	q.size, q.limit, q.base, q.source = uint64(size), limit, base, source
}

// after is where the next line begins if one of n bytes begins at at.
func (q *queue) after(at uint64, n int) uint64 {
	place := at % q.size
	if place+uint64(lineHead+n) >= q.size {
		return at - place + q.size
	}
	return at + uint64(lineHead+n)
}

// begin returns where to append a line, and its time; nil if there is no room.
//
// The writer has to know of the line before its time is read: a writer that looked
// in between would take it that all lines to come are younger than its look.
func (q *queue) begin() ([]byte, time.Time) {
	tail := q.tail.Load()
	if q.after(tail, q.limit)-q.head.Load() > q.size {
		q.lost.Add(1)
		return nil, time.Time{}
	}
	q.begun.Store(max(1, q.at))
	now := time.Now()
	q.at = int64(now.Sub(q.base))
	place := tail%q.size + lineHead
	return q.ring[place : place : place+uint64(q.limit)], now
}

// end takes the line begun last, cut if it is too long. It ends with a line feed.
func (q *queue) end(b []byte) {
	if len(b) > q.limit {
		b = append(b[:q.limit-1], '\n')
	}
	tail := q.tail.Load()
	place := tail % q.size
	copy(q.ring[place+lineHead:], b) // it lies there already, unless it grew too long
	binary.LittleEndian.PutUint64(q.ring[place:], uint64(q.at))
	binary.LittleEndian.PutUint32(q.ring[place+8:], uint32(len(b)))
	q.tail.Store(q.after(tail, len(b)))
	q.begun.Store(0)
}

// drop forgets a line that was begun and will not be ended.
func (q *queue) drop() { q.begun.Store(0) }

// first returns the oldest line and its time; MaxInt64 if there is none.
func (q *queue) first() ([]byte, int64) {
	head := q.head.Load()
	if head == q.tail.Load() {
		return nil, math.MaxInt64
	}
	place := head % q.size
	n := binary.LittleEndian.Uint32(q.ring[place+8:])
	from := place + lineHead
	return q.ring[from : from+uint64(n)], int64(binary.LittleEndian.Uint64(q.ring[place:]))
}

// take gives the room of the oldest line back.
func (q *queue) take(n int) {
	q.head.Store(q.after(q.head.Load(), n))
	q.batch++
}

// unfinished returns the earliest time that a line now being filled may have, and
// MaxInt64 if none is. A source that stops in the middle of a line is waited for
// as long as patience says, and then no more.
func (q *queue) unfinished(now, patience int64) int64 {
	b := q.begun.Load()
	if b == 0 {
		q.seen = 0
		return math.MaxInt64
	}
	if q.seen != b {
		q.seen, q.since = b, now
	}
	if now-q.since > patience {
		return math.MaxInt64
	}
	return b
}
