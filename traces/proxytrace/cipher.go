package proxytrace

import (
	"millrace/core"
	"millrace/datalayer"
	"millrace/sim"
	"millrace/traces"
)

// RecordCiphers returns ciphers like those of c, whose outcomes r writes down: how much
// plaintext and ciphertext there was, and what is wanted next. Neither of them, nor a key,
// nor what a handshake has said is looked at. front says that they are spoken to clients.
func RecordCiphers(r *traces.Recorder, front bool, c datalayer.Ciphers) datalayer.Ciphers {
	return recordedCiphers{r, front, c}
}

type recordedCiphers struct {
	r     *traces.Recorder
	front bool
	c     datalayer.Ciphers
}

// New implements datalayer.Ciphers.
func (m recordedCiphers) New(server int, protocol string) datalayer.Cipher {
	return &recordedCipher{m.c.New(server, protocol), m.r, m.r.Latest(m.front)}
}

// recordedCipher is a cipher whose calls are recorded.
type recordedCipher struct {
	datalayer.Cipher
	r     *traces.Recorder
	actor sim.Actor
}

var _ datalayer.Identified = (*recordedCipher)(nil)

// note records a call: took and said are how long the queues were before.
func (c *recordedCipher) note(s traces.Step, in, out *datalayer.Bytes, took, said int) {
	s.Actor = c.actor
	if in != nil {
		s.Took = int32(took - in.Len())
	}
	if out != nil {
		s.Said = int32(out.Len() - said)
	}
	c.r.Note(s)
}

// Shake implements datalayer.Cipher.
func (c *recordedCipher) Shake(in, out *datalayer.Bytes) (bool, core.Errno) {
	took, said := in.Len(), out.Len()
	done, e := c.Cipher.Shake(in, out)
	c.note(traces.Step{Call: traces.CallShake, Arg: int64(took), Answer: int64(oneIf(done)), Err: e}, in, out, took, said)
	return done, e
}

// Open implements datalayer.Cipher.
func (c *recordedCipher) Open(in, out *datalayer.Bytes, p []byte) (int, datalayer.Status, core.Errno) {
	took, said := in.Len(), out.Len()
	n, st, e := c.Cipher.Open(in, out, p)
	why := 0
	for w, of := range reasons {
		if of != 0 && st.Any(of) {
			why = w
		}
	}
	c.note(traces.Step{Call: traces.CallOpen, Arg: int64(len(p)), Answer: traces.Outcome(n, why), Err: e}, in, out, took, said)
	return n, st, e
}

// reasons are why Open stops short, by the numbers that a trace has for them.
var reasons = [...]datalayer.Status{
	traces.WhyDry: datalayer.Dry, traces.WhyEnd: datalayer.End, traces.WhyAgain: datalayer.Again,
}

// Seal implements datalayer.Cipher.
func (c *recordedCipher) Seal(out *datalayer.Bytes, p []byte) core.Errno {
	said := out.Len()
	e := c.Cipher.Seal(out, p)
	c.note(traces.Step{Call: traces.CallSeal, Arg: int64(len(p)), Err: e}, nil, out, 0, said)
	return e
}

// Goodbye implements datalayer.Cipher.
func (c *recordedCipher) Goodbye(out *datalayer.Bytes) {
	said := out.Len()
	c.Cipher.Goodbye(out)
	c.note(traces.Step{Call: traces.CallBye}, nil, out, 0, said)
}

// Identity implements datalayer.Identified, also where the cipher does not. It is not part
// of a trace.
func (c *recordedCipher) Identity() (i datalayer.Identity) {
	if known, can := c.Cipher.(datalayer.Identified); can {
		i = known.Identity()
	}
	return i
}

// Holds implements datalayer.Holder, also where the cipher does not. It is not part of a trace.
func (c *recordedCipher) Holds(in *datalayer.Bytes) bool {
	return datalayer.Holds(c.Cipher, in)
}

func oneIf(on bool) int {
	if on {
		return 1
	}
	return 0
}

// playedCiphers make ciphers that answer from a recording.
type playedCiphers struct {
	p     *traces.Player
	front bool
}

// New implements datalayer.Ciphers.
func (m playedCiphers) New(int, string) datalayer.Cipher { return &playedCipher{m.p.Cipher(m.front)} }

type playedCipher struct{ c *traces.PlayedCipher }

var _ datalayer.Cipher = (*playedCipher)(nil)

// moved does to the queues what the cipher did.
func moved(s *traces.Step, in, out *datalayer.Bytes) *traces.Step {
	if in != nil && s.Took > 0 {
		in.Drop(int(s.Took))
	}
	if s.Said > 0 {
		out.Add(make([]byte, s.Said))
	}
	return s
}

// Shake implements datalayer.Cipher.
func (p *playedCipher) Shake(in, out *datalayer.Bytes) (bool, core.Errno) {
	s := moved(p.c.Shake(in.Len()), in, out)
	return s.Count() != 0, s.Err
}

// Open implements datalayer.Cipher.
func (p *playedCipher) Open(in, out *datalayer.Bytes, b []byte) (int, datalayer.Status, core.Errno) {
	s := moved(p.c.Open(in.Len(), b), in, out)
	st := reasons[s.Why()]
	if s.Err != 0 {
		st = datalayer.Err
	}
	return s.Count(), st, s.Err
}

// Seal implements datalayer.Cipher.
func (p *playedCipher) Seal(out *datalayer.Bytes, b []byte) core.Errno {
	return moved(p.c.Seal(b), nil, out).Err
}

// Goodbye implements datalayer.Cipher.
func (p *playedCipher) Goodbye(out *datalayer.Bytes) { moved(p.c.Goodbye(), nil, out) }

// Protocol implements datalayer.Cipher.
func (p *playedCipher) Protocol() string { return "" }

// Detail implements datalayer.Cipher.
func (p *playedCipher) Detail() string { return "" }

// Free implements datalayer.Cipher.
func (p *playedCipher) Free() {}
