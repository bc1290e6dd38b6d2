package real

import (
	"io"
	"math"
	"strconv"
	"time"
)

const (
	// queueSize is how many bytes of log wait at most per worker: 3,000 lines, so
	// that a burst of ends finds room before the writer gets a processor. Memory
	// that no line ever reached is not taken from the machine.
	queueSize = 512 << 10
	maxLine   = 512 // no line of a worker is longer
	// batchSize is how many bytes are written at once, if so many are there.
	batchSize = 64 << 10
	// gather is how long a line waits for others that are written with it: to wake the writer
	// for each costs more than the session that it tells of.
	gather = 10 * time.Millisecond
	// lookAgain is when lines are looked at again that were held back for one that
	// was being filled, and sourceStuck when that one is not waited for any more.
	lookAgain   = 2 * time.Millisecond
	sourceStuck = int64(time.Second)
)

// Log writes lines in the order of their times, from a goroutine of its own.
// Workers, and whoever says something with Logger, leave their lines in queues and
// never wait. If the reader of the log stalls the queues fill up, and further
// lines are lost, counted, and told of once it reads again.
type Log struct {
	w      io.Writer
	base   time.Time
	queues []queue // the first is Logger's
	used   int     // queues given to workers
	speech speech
	out    []byte // the batch
	torn   bool   // the last line written is not whole
	wake   chan struct{}
	last   chan struct{} // closed: write what there is and end
	done   chan struct{}
}

// NewLog starts a log for so many workers at most. It must be closed.
func NewLog(w io.Writer, workers int) *Log {
	l := &Log{
		w: w, base: time.Now(), queues: make([]queue, 1+workers), out: make([]byte, 0, batchSize),
		wake: make(chan struct{}, 1), last: make(chan struct{}), done: make(chan struct{}),
	}
	l.speech.init(l)
	go l.write()
	return l
}

// poke makes the writer look. It may be called from any goroutine.
func (l *Log) poke() {
	select {
	case l.wake <- struct{}{}:
	default: // it will look anyway
	}
}

func (l *Log) write() {
	defer close(l.done)
	again, gathered := time.NewTimer(lookAgain), time.NewTimer(gather)
	for {
		select {
		case <-l.last:
			l.drain(math.MaxInt64)
			return
		case <-l.wake:
			gathered.Reset(gather)
			select {
			case <-l.last:
				continue
			case <-gathered.C:
			}
		case <-again.C:
		}
		if l.drain(l.horizon()) {
			again.Reset(lookAgain)
		}
	}
}

// horizon is the time before which no line is to come any more.
func (l *Log) horizon() int64 {
	now := int64(time.Since(l.base))
	until := now
	for i := range l.queues {
		until = min(until, l.queues[i].unfinished(now, sourceStuck))
	}
	return until
}

// drain writes the lines older than until, in order, and reports whether there are
// others.
func (l *Log) drain(until int64) (held bool) {
	for {
		line, q, at := l.oldest()
		if at >= until {
			held = q != nil
			break
		}
		if len(l.out)+len(line) > cap(l.out) {
			l.flush()
		}
		l.out = append(l.out, line...)
		q.take(len(line))
	}
	l.tellLost(until)
	l.flush()
	return held
}

// oldest returns the oldest line of all.
func (l *Log) oldest() (line []byte, from *queue, at int64) {
	at = math.MaxInt64
	for i := range l.queues {
		if b, t := l.queues[i].first(); t < at {
			line, from, at = b, &l.queues[i], t
		}
	}
	return line, from, at
}

// tellLost says which sources lost lines since it last could say so.
func (l *Log) tellLost(until int64) {
	now := time.Now()
	if until != math.MaxInt64 {
		now = l.base.Add(time.Duration(until)) // what is still to come is younger
	}
	for i := range l.queues {
		q := &l.queues[i]
		lost := q.lost.Load()
		if lost == q.told {
			continue
		}
		if cap(l.out)-len(l.out) < maxLine {
			l.flush()
		}
		l.out = append(head(l.out, now, "WARN", `"log lines lost"`), q.source...)
		l.out = append(appendUint(l.out, " lines=", lost-q.told), '\n')
		if l.flush() {
			q.told = lost
		}
	}
}

// flush writes the batch, and reports whether it could. What cannot be written is
// lost, and the only remedy is to say so.
func (l *Log) flush() bool {
	if len(l.out) == 0 {
		return true
	}
	if l.torn {
		if _, err := l.w.Write([]byte{'\n'}); err == nil {
			l.torn = false
		}
	}
	n, err := l.w.Write(l.out)
	if n > 0 {
		l.torn = l.out[n-1] != '\n'
	}
	for i := range l.queues {
		q := &l.queues[i]
		if err != nil {
			q.lost.Add(q.batch)
		}
		q.batch = 0
	}
	l.out = l.out[:0]
	return err == nil
}

// Close ends the log. It waits until the last line is written, for so long at
// most, and reports whether it was. Lines that come later are lost.
func (l *Log) Close(patience time.Duration) bool {
	close(l.last)
	select {
	case <-l.done:
		return true
	case <-time.After(patience):
		return false
	}
}

// Lost returns how many lines of Logger's were lost since the start.
func (l *Log) Lost() uint64 { return l.queues[0].lost.Load() }

// journal is a worker's end of a log. A nil journal drops everything.
type journal struct {
	log *Log
	q   *queue
}

func newJournal(l *Log, worker int) *journal {
	if l == nil {
		return nil
	}
	l.used++
	j := &journal{log: l, q: &l.queues[l.used]}
	j.q.init(queueSize, maxLine, l.base, " worker="+strconv.Itoa(worker))
	return j
}

// begin returns where to append a line, with its head; nil if there is no room.
func (j *journal) begin(level, msg string) []byte {
	if j == nil {
		return nil
	}
	b, now := j.q.begin()
	if b == nil {
		return nil
	}
	return head(b, now, level, msg)
}

// end takes the line begun last. Nothing may come between.
func (j *journal) end(b []byte) { j.q.end(append(b, '\n')) }

// flush sees to it that the lines so far are written.
func (j *journal) flush() {
	if j != nil {
		j.log.poke()
	}
}

// last is flush for a worker that has ended, in the middle of a line perhaps.
func (j *journal) last() {
	if j != nil {
		j.q.drop()
		j.log.poke()
	}
}

// lostLines returns how many lines were lost since the start.
func (j *journal) lostLines() uint64 {
	if j == nil {
		return 0
	}
	return j.q.lost.Load()
}
