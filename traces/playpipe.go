package traces

import (
	"millrace/core"
	"millrace/sim"
)

// playPipe is a pipe of a Player. Its bytes are those of one stream from one place
// on: a pipe is empty before another session has it.
type playPipe struct {
	p      *Player
	stream uint32
	at     int64
	n      int
}

// Pipe implements core.Plumber.
func (d playDialer) Pipe() (core.Pipe, core.Errno) {
	if d.p.cut {
		// The next call says whether there was one.
		if s := d.p.next(); s != nil && s.Call != CallSplice {
			return nil, core.EMFILE
		}
		return &playPipe{p: d.p}, 0
	}
	if s := d.p.answer(Step{Actor: sim.Worker, Call: CallPipe}); s.Err != 0 {
		return nil, s.Err
	}
	return &playPipe{p: d.p}, 0
}

// Read implements core.Pipe.
func (p *playPipe) Read(b []byte) (int, core.Errno) {
	a := &Step{Answer: int64(min(len(b), p.n))}
	if !p.p.cut {
		a = p.p.answer(Step{Actor: sim.Worker, Call: CallPipeRead, Arg: int64(len(b))})
	}
	if a.Err != 0 {
		return 0, a.Err
	}
	n := int(a.Answer)
	if n > min(len(b), p.n) {
		p.p.unplayable("%d bytes out of a pipe that holds %d", n, p.n)
	}
	payload(b[:n], p.stream, p.at)
	p.take(n)
	return n, 0
}

// Close implements core.Pipe.
func (p *playPipe) Close() {
	if !p.p.cut {
		p.p.answer(Step{Actor: sim.Worker, Call: CallPipeClose})
	}
}

func (p *playPipe) take(n int) { p.at, p.n = p.at+int64(n), p.n-n }

// payload writes the bytes of a stream from a place on.
func payload(b []byte, stream uint32, at int64) {
	for done := 0; done < len(b); {
		done += copy(b[done:], sim.Payload(stream, at+int64(done), len(b)-done))
	}
}

// SpliceIn implements core.FD.
func (f *playFD) SpliceIn(pipe core.Pipe, limit int) (int, core.Errno) {
	p := pipe.(*playPipe)
	a := f.call("splice", core.R, Step{Call: CallSplice, Arg: int64(limit)})
	if a.Err == core.EAGAIN {
		f.refused &^= core.R // a read may have another answer
	}
	if a.Err != 0 {
		return 0, a.Err
	}
	stream := f.incoming()
	if p.n == 0 {
		p.stream, p.at = stream, f.got
	}
	if p.stream != stream || p.at+int64(p.n) != f.got {
		f.p.unplayable("a pipe gets bytes that do not follow those in it")
	}
	p.n += int(a.Answer)
	f.got += a.Answer
	return int(a.Answer), 0
}

// SpliceOut implements core.FD.
func (f *playFD) SpliceOut(pipe core.Pipe, n int, more bool) (int, core.Errno) {
	p := pipe.(*playPipe)
	core.BugOn(f.shut, "I41", "kernel", "send after our own FIN")
	core.BugOn(n != p.n, "I24", "kernel", "the program has lost count of a pipe")
	a := f.call("splice out", core.W, Step{Call: CallSpliceOut, Arg: int64(n), More: more})
	if a.Err != 0 {
		return 0, a.Err
	}
	// The bytes behind these tell one stream from another that begins alike.
	if ahead := sim.Payload(p.stream, p.at, 64); f.right(ahead) < len(ahead) {
		f.mismatch(ahead, f.right(ahead))
	}
	p.take(int(a.Answer))
	f.sent += a.Answer
	return int(a.Answer), 0
}
