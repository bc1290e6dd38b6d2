package traces

// PlayedCipher answers the calls of a cipher from a recording, which has their outcomes:
// how much ciphertext was taken and made, and how much plaintext. What that is nobody
// knows, and it is a function of stream and offset as in worlds.
type PlayedCipher struct {
	f         *playFD
	got, sent int64 // plaintext
}

// Cipher returns what answers for a cipher that is made now: it belongs to the socket that
// was made last, towards a client or towards a server.
func (p *Player) Cipher(front bool) *PlayedCipher {
	f := p.latest[b2i(!front)]
	c := &PlayedCipher{f: f}
	f.sealed = c
	return c
}

func (c *PlayedCipher) call(s Step) *Step {
	s.Actor = c.f.actor
	a := c.f.p.answer(s)
	if int64(a.Took) > c.f.got || a.Took < 0 || a.Said < 0 {
		c.f.p.unplayable("a cipher takes more than was received")
	}
	return a
}

// Shake is a call of the handshake with so many bytes to read. The step has what came of it,
// and so have those of the other calls.
func (c *PlayedCipher) Shake(in int) *Step {
	return c.held(in, c.call(Step{Call: CallShake, Arg: int64(in)}))
}

// Open decrypts into p.
func (c *PlayedCipher) Open(in int, p []byte) *Step {
	s := c.held(in, c.call(Step{Call: CallOpen, Arg: int64(len(p))}))
	if s.Count() > len(p) {
		c.f.p.unplayable("%d bytes decrypted into %d", s.Count(), len(p))
	}
	payload(p[:s.Count()], c.f.incoming(), c.got)
	c.got += int64(s.Count())
	return s
}

// Seal encrypts p, which must be what is to be sent next.
func (c *PlayedCipher) Seal(p []byte) *Step {
	s := c.call(Step{Call: CallSeal, Arg: int64(len(p))})
	f := playFD{p: c.f.p, actor: c.f.actor, sent: c.sent}
	if at := f.right(p); at < len(p) {
		f.mismatch(p, at)
	}
	c.sent += int64(len(p))
	return s
}

// Goodbye says that nothing more will be sealed.
func (c *PlayedCipher) Goodbye() *Step { return c.call(Step{Call: CallBye}) }

// held checks that a cipher takes no more than there is.
func (c *PlayedCipher) held(in int, s *Step) *Step {
	if int(s.Took) > in {
		c.f.p.unplayable("a cipher takes %d bytes of %d", s.Took, in)
	}
	return s
}
