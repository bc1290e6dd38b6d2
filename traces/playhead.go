package traces

import (
	"millrace/core"
	"millrace/sim"
)

// What a client says before its data is not in a recording, since it says who it is. But
// how it was taken says how long it was, and whether it was any good; a player then makes one
// like that, which says nothing.

// head is what a client begins with: a PROXY header.
type head struct {
	text   []byte
	looked bool
}

const (
	// shortest is the shortest header there is, of version 1, and fixedPart the beginning
	// of all of version 2, which says how long the rest is.
	shortest  = "PROXY UNKNOWN\r\n"
	fixedPart = "\r\n\r\n\x00\r\nQUIT\n\x20\x00"
	longest   = len(fixedPart) + 2 + 4096 // that the proxy takes
)

// look finds out once what the header of a descriptor must be.
func (h *head) look(f *playFD) {
	if h.looked {
		return
	}
	h.looked = true
	size, verdict := f.p.headOf(f.actor)
	switch {
	case verdict == headBad:
		h.text = append(append(h.text, shortest[:min(size, len(shortest)-2)]...), make([]byte, max(0, size-len(shortest)+2))...)
		h.text = append(h.text, "\n\n"...) // neither may there be one at this place
	case verdict == headDone && size < len(fixedPart)+2:
		h.text = []byte(shortest)
	default:
		if verdict == headMore {
			size = longest
		}
		rest := size - len(fixedPart) - 2
		h.text = append(append(h.text, fixedPart...), byte(rest>>8), byte(rest))
		h.text = append(h.text, make([]byte, rest)...)
	}
}

// copy brings what is left of the header, and returns how much that is.
func (h *head) copy(b []byte, take bool) int {
	n := copy(b, h.text)
	if take {
		h.text = h.text[n:]
	}
	return n
}

// What became of a header.
const (
	headMore = iota // it was never complete
	headDone
	headBad
)

// headOf returns how many bytes were taken for a header from here on, and what became of it.
// A look that takes nothing found something bad, and whoever reads on, or goes to a server,
// has found a good one.
func (p *Player) headOf(a sim.Actor) (size, verdict int) {
	peeked := false
	for i := p.pos; i < len(p.t.Steps); i++ {
		s := &p.t.Steps[i]
		if s.Call == CallSocket && s.Actor == ActorOf(sim.Back, uint32(a.Num())) {
			return size, headDone
		}
		if s.Actor != a {
			continue
		}
		switch s.Call {
		case CallPeek:
			peeked = s.Err == 0 && s.Answer > 0
		case CallRecv, CallSplice, CallShake:
			if !peeked && s.Call != CallRecv || !peeked && s.Arg > 0 {
				return size, headDone
			}
			if s.Err != core.EINTR {
				size, peeked = size+int(s.Answer), false
			}
		case CallSet, CallEvent, CallLowat:
		case CallFull:
			return size, headDone // and it says whose the session is
		default:
			if peeked {
				return size, headBad
			}
			if s.Call == CallClose {
				return size, headMore
			}
		}
	}
	return size, headMore
}

// speaks says that a client begins with a header: it is looked at first.
func (p *Player) speaks(a sim.Actor) bool {
	for _, s := range p.t.Steps[p.pos:] {
		if s.Actor == a && s.Call != CallSet && s.Call != CallEvent {
			return s.Call == CallPeek
		}
	}
	return false
}

// Speaker is where those come from, in a replay, who begin with a header.
var Speaker = core.Addr{IP: [16]byte{0: 0xfd}}

// introduce sends what a server is told of the client. How long that is depends on what is
// not in a recording, so it is as much as the recorded one, or not all of it.
func (f *playFD) introduce(b []byte, more bool) (int, core.Errno) {
	did := Step{Call: CallSend, Arg: int64(len(b)), More: more}
	if s := f.p.next(); s != nil && s.Call == CallSend && s.Actor == f.actor {
		did.Arg = s.Arg
	}
	a := f.call("send", core.W, did)
	switch {
	case a.Err != 0:
		return 0, a.Err
	case a.Answer < a.Arg:
		f.refused |= core.W
		return int(min(a.Answer, int64(len(b)-1))), 0
	}
	f.intro = false
	return len(b), 0
}
