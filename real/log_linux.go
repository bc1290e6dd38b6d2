package real

import (
	"io"
	"time"
)

const (
	// pageSize is how many bytes of log a worker collects at most: 1,500 lines,
	// so that a burst of ends finds room before the writer gets a processor.
	// Memory that no line ever reached is not taken from the machine.
	pageSize = 256 << 10
	maxLine  = 512 // no line is longer
)

// Log writes what workers report, from a goroutine of its own. A worker has two
// pages: it fills one while the other is being written. If the reader of the
// log stalls, the worker's page fills up and further lines are lost and counted;
// the worker never waits.
type Log struct {
	w    io.Writer
	full chan *page
	done chan struct{}
}

// page is a batch of lines, owned by whoever received it last.
type page struct {
	text  []byte
	lines uint64
	lost  uint64 // lines the writer could not write, told on the way home
	home  chan *page
}

// NewLog starts a log for so many workers at most. It must be closed.
func NewLog(w io.Writer, workers int) *Log {
	// There is room for every page there is, so handing one over never blocks.
	l := &Log{w: w, full: make(chan *page, 2*workers), done: make(chan struct{})}
	go l.write()
	return l
}

func (l *Log) write() {
	defer close(l.done)
	for p := range l.full {
		if _, err := l.w.Write(p.text); err != nil {
			p.lost = p.lines // the only remedy is to say so
		}
		p.text, p.lines = p.text[:0], 0
		p.home <- p
	}
}

// Close ends the log when its workers' Run methods have returned. It waits until
// the last line is written, for so long at most, and reports whether it was.
func (l *Log) Close(patience time.Duration) bool {
	close(l.full)
	select {
	case <-l.done:
		return true
	case <-time.After(patience):
		return false
	}
}

// journal is a worker's end of a log. A nil journal drops everything.
type journal struct {
	log  *Log
	cur  *page
	home chan *page
	lost uint64 // lines, since the start
	told uint64 // how many of them a line has told of
}

func newJournal(l *Log) *journal {
	if l == nil {
		return nil
	}
	j := &journal{log: l, home: make(chan *page, 2)}
	j.cur = &page{text: make([]byte, 0, pageSize), home: j.home}
	j.home <- &page{text: make([]byte, 0, pageSize), home: j.home}
	return j
}

// begin returns where to append a line, with its head; nil if there is no room.
func (j *journal) begin(level, msg string) []byte {
	if j == nil {
		return nil
	}
	if cap(j.cur.text)-len(j.cur.text) < 2*maxLine {
		j.flush()
	}
	if cap(j.cur.text)-len(j.cur.text) < 2*maxLine {
		j.lost++
		return nil
	}
	j.tellLost()
	return head(j.cur.text, level, msg)
}

// tellLost says how many lines were lost since it last said so. It is not a
// line to be counted if it is lost in turn.
func (j *journal) tellLost() {
	if j.lost != j.told {
		b := appendUint(head(j.cur.text, "WARN", `"log lines lost"`), " lines=", j.lost-j.told)
		j.cur.text = append(b, '\n')
		j.told = j.lost
	}
}

// end takes the line begun last. Nothing may come between.
func (j *journal) end(b []byte) {
	j.cur.text = append(b, '\n')
	j.cur.lines++
}

// flush hands the page over if the other one is back.
func (j *journal) flush() {
	if j == nil || len(j.cur.text) == 0 {
		return
	}
	select {
	case next := <-j.home:
		j.log.full <- j.cur
		j.lost += next.lost
		next.lost = 0
		j.cur = next
	default:
	}
}

// last hands over what is left. No line may follow.
func (j *journal) last() {
	if j == nil {
		return
	}
	j.tellLost()
	if len(j.cur.text) > 0 {
		j.log.full <- j.cur
	}
	j.cur = nil
}

// lostLines returns how many lines were lost since the start.
func (j *journal) lostLines() uint64 {
	if j == nil {
		return 0
	}
	return j.lost
}
