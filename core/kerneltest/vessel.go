package kerneltest

// vessel is what is known of a pipe's content.
type vessel struct {
	slots       int
	least, most int  // bytes
	touched     bool // somebody put something in
	vague       bool // a splice out took a part
	pieces      bool // how many slots hold what is in it is not certain
	watched     bool // an end is in a poller
}

// few is so little that it is not likely to lie across two pieces of memory, and many
// so often that what is sent certainly does.
const (
	few  = 128
	many = 1000
)

// step is one of a pipe's.
func (p *vessel) step(s Step) bool {
	switch s.Verb {
	case Make:
		if p.slots == 0 {
			p.slots = s.Count
		}
	case Fill:
		if !p.touched {
			p.least = p.slots * page
		}
		return p.put(p.slots * page)
	case Write, Writev:
		return p.put(s.Count)
	case Take, Readv:
		known := !p.vague || s.Count <= p.least
		p.least = max(0, p.least-s.Count)
		return known
	}
	return true
}

// splice puts up to so many bytes in, that were sent in so many parts. How many slots
// they take is a matter of memory that Linux shares out among all, but for a few bytes
// that were sent at once, and for a single one.
func (p *vessel) splice(n, parts int) bool {
	p.pieces = p.pieces || n > 1 && (n > few || parts > 1)
	return p.put(n) && (p.slots >= wide || n <= 1 || n <= few && parts <= 1)
}

// flow puts bytes from one pipe into another, a slot for a slot.
func (p *vessel) flow(to *vessel, s Step) bool {
	if p.vague || p.pieces && to.slots < wide && s.Count > 1 {
		return false
	}
	if p.pieces && p.watched && s.Verb == Splice && s.Count < p.most {
		return false // whether a slot comes free, of which who waits for room hears
	}
	to.pieces = to.pieces || p.pieces
	if s.Verb == Splice {
		p.least = max(0, p.least-s.Count)
	}
	return to.put(min(s.Count, p.most))
}

// watch is a look at an end.
func (p *vessel) watch(s Step) bool {
	p.watched = p.watched || s.Verb != Poll
	return !p.vague
}

// put puts up to so many bytes in.
func (p *vessel) put(n int) bool {
	p.touched = true
	p.most += n
	return !p.vague
}

// page is what a slot of a pipe holds of what is written.
const page = 4096
