package kerneltest

import (
	"strconv"

	"millrace/core"
)

// maxCount bounds the bytes of one step.
const maxCount = 1 << 16

// stream is one direction of a connection: what went in, and how much of it came
// out.
type stream struct {
	sent   []byte
	got    int
	mark   int  // where the last urgent byte is
	marked bool // and nothing has passed it: no read gets it
}

// payload is the byte that a send puts at a place in a stream. The period is a
// prime, so that bytes that are lost or doubled in any power of two show.
func payload(at int) byte { return byte(at % 251) }

// next says whether p is what must come out next.
func (s *stream) next(p []byte) bool {
	at := s.got
	if s.marksNext() {
		at++ // a look ahead
	}
	return at+len(p) <= len(s.sent) && string(s.sent[at:at+len(p)]) == string(p)
}

// urgent is what is sent as urgent data: no byte of any payload.
const urgent = 0xfc

// urge notes that an urgent byte was sent. The one before is one like any other from
// now on, unless it was next.
func (s *stream) urge() {
	s.pass()
	s.mark, s.marked = len(s.sent), true
	s.sent = append(s.sent, urgent)
}

func (s *stream) marksNext() bool { return s.marked && s.mark == s.got }

// pass leaves an urgent byte out that is next.
func (s *stream) pass() {
	if s.marksNext() {
		s.got, s.marked = s.got+1, false
	}
}

// transfer moves bytes at one end, and counts and checks them.
type transfer struct {
	end     Peer
	out, in *stream
	buf     []byte
	settle  func()
}

func (t *transfer) send(n int, more bool) (int, core.Errno) {
	for i := range t.buf[:n] {
		t.buf[i] = payload(len(t.out.sent) + i)
	}
	n, e := t.end.Send(t.buf[:n], more)
	t.out.sent = append(t.out.sent, t.buf[:n]...)
	return n, e
}

func (t *transfer) recv(n int, peek bool) (got int, right bool, e core.Errno) {
	if peek {
		got, e = t.end.Peek(t.buf[:n])
	} else {
		got, e = t.end.Recv(t.buf[:n])
		if n > 0 {
			t.in.pass()
		}
	}
	right = t.in.next(t.buf[:got])
	if !peek {
		t.in.got += got
	}
	return got, right, e
}

// vector answers readv and writev, whose pieces lie one behind the other.
func (t *transfer) vector(s Step) string {
	if s.Verb == Writev {
		for i := range t.buf[:s.Count] {
			t.buf[i] = payload(len(t.out.sent) + i)
		}
		n, e := t.end.Writev(cut(t.buf[:s.Count], s.Pieces))
		t.out.sent = append(t.out.sent, t.buf[:n]...)
		return counted(n, e)
	}
	n, e := t.end.Readv(cut(t.buf[:s.Count], s.Pieces))
	if s.Count > 0 && s.Pieces <= core.MaxPieces {
		t.in.pass()
	}
	if !t.in.next(t.buf[:n]) {
		return corrupt
	}
	t.in.got += n
	return counted(n, e)
}

// cut makes pieces of b, the first of which are larger by one if they cannot be alike, and
// the last ones empty if there are more than bytes.
func cut(b []byte, pieces int) [][]byte {
	all := make([][]byte, pieces)
	for i := range all {
		n := (len(b) + pieces - i - 1) / (pieces - i)
		all[i], b = b[:n:n], b[n:]
	}
	return all
}

// urgent answers the verb of this name.
func (t *transfer) urgent() string {
	e := t.end.Urgent(urgent)
	if e == 0 {
		t.out.urge()
	}
	return e.String()
}

// patience is how often in a row, with a quiet network in between, EAGAIN must
// be the answer before it counts as the last word.
const patience = 2

// fill answers the verb of this name.
func (t *transfer) fill() string {
	for refused := 0; refused < patience; {
		switch n, e := t.send(1<<14, false); {
		case e == core.EAGAIN:
			refused++
			t.settle()
		case e != 0:
			return e.String()
		case n > 0:
			refused = 0
		}
	}
	return full
}

// full is how a fill ends that does not fail.
const full = "full"

// drain answers the verb of this name.
func (t *transfer) drain() string {
	total, end := 0, "dry"
	for refused := 0; refused < patience; {
		n, right, e := t.recv(maxCount, false)
		if !right {
			return corrupt
		}
		if e == core.EAGAIN {
			refused++
			t.settle()
			continue
		}
		refused, total = 0, total+n
		if e != 0 {
			end = e.String()
			break
		}
		if n == 0 {
			end = "end"
			break
		}
	}
	switch {
	case total == 0:
		return "none " + end
	case t.in.got < len(t.in.sent):
		return "some " + end
	}
	return drained + end
}

const drained = "all "

const corrupt = "corrupt"

// counted is the answer of a call that returns a count.
func counted(n int, e core.Errno) string {
	if e != 0 {
		return e.String()
	}
	return strconv.Itoa(n)
}
