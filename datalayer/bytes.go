package datalayer

// Stock lends memory to Bytes and takes it back, so that a connection without
// bytes on their way through a cipher holds none. It belongs to one worker.
//
// Most pieces are as large as a buffer. A few are larger, for who has much to seal at
// once: the number of these bounds what they hold that nobody takes.
type Stock struct {
	usual, large Lot
}

// Reset starts over with an empty stock, keeping memory: of pieces of this size, at
// least 1, and at most so many of a larger one.
func (s *Stock) Reset(size, large, most int) {
	s.usual.Reset(size, 0)
	s.large.Reset(large, most)
}

// NewStock returns a stock of pieces of one size.
func NewStock(size int) *Stock {
	s := new(Stock)
	s.Reset(size, 0, 0)
	return s
}

// How many free pieces are kept for the next who needs one.
const (
	stockKeep      = 64
	stockKeepLarge = 2
)

// Lent returns how many pieces are in use.
func (s *Stock) Lent() int { return s.usual.lent + s.large.lent }

// take lends a piece, a large one if that is what n bytes need.
func (s *Stock) take(n int) []byte {
	if s.spares(n) {
		return s.large.Take()
	}
	return s.usual.Take()
}

// spares says that n bytes need a large piece, and that there is one.
func (s *Stock) spares(n int) bool {
	return n > s.usual.size && n <= s.large.size && !s.large.Out()
}

// give takes a piece back. Memory that had to grow for a large record is left to the
// collector.
func (s *Stock) give(mem []byte, large bool) {
	if large {
		s.large.Give(mem, stockKeepLarge)
	} else {
		s.usual.Give(mem, stockKeep)
	}
}

// Trim gives up what nobody has needed since the last call, and returns how many bytes.
func (s *Stock) Trim() int { return s.large.Trim() + s.usual.Trim() }

// Bytes is a queue of bytes between a Secure layer and its Cipher, with memory
// from a Stock while it holds any. It grows as needed: a cipher has to see a
// record whole, and to print one whole.
type Bytes struct {
	stock *Stock
	mem   []byte
	from  int
	to    int
	large bool // it was a large piece
}

// Init makes an empty queue.
func (b *Bytes) Init(s *Stock) { *b = Bytes{stock: s} }

// Len is how many bytes are queued.
func (b *Bytes) Len() int { return b.to - b.from }

// Held returns the queued bytes, oldest first, until the next call.
func (b *Bytes) Held() []byte { return b.mem[b.from:b.to] }

// Drop forgets the n oldest bytes.
func (b *Bytes) Drop(n int) {
	b.from += n
	if b.from == b.to {
		b.Clear()
	}
}

// Clear forgets all bytes and gives the memory back.
func (b *Bytes) Clear() {
	if b.mem != nil {
		b.stock.give(b.mem, b.large)
		b.mem, b.from, b.to = nil, 0, 0
	}
}

// Room returns free space behind the queue, some of it always. It must be
// followed by Added.
func (b *Bytes) Room() []byte {
	b.reserve(1)
	return b.mem[b.to:]
}

// Added says that n bytes were written at the start of Room.
func (b *Bytes) Added(n int) {
	b.to += n
	b.Drop(0) // nothing came: no memory for nothing
}

// Add queues a copy of p.
func (b *Bytes) Add(p []byte) {
	if len(p) > 0 {
		b.reserve(len(p))
		b.to += copy(b.mem[b.to:], p)
	}
}

// Expect says that so many bytes are to come, and reports whether there is room for them
// without growing. The queue may be given a larger piece for that, and what it holds is at the
// front of it then.
func (b *Bytes) Expect(n int) bool {
	switch all := b.Len() + n; {
	case b.mem == nil:
		b.take(n)
	case n <= len(b.mem)-b.to:
	case !b.large && b.stock.spares(all):
		was := *b
		b.take(all)
		b.from, b.to = 0, copy(b.mem, was.Held())
		b.stock.give(was.mem, false)
	default:
		b.from, b.to = 0, copy(b.mem, b.Held())
	}
	return n <= len(b.mem)-b.to
}

func (b *Bytes) take(n int) {
	b.mem = b.stock.take(n)
	b.large = len(b.mem) > b.stock.usual.size
}

// reserve makes room for n more bytes.
func (b *Bytes) reserve(n int) {
	if b.mem == nil {
		b.take(0)
	}
	if len(b.mem)-b.to >= n {
		return
	}
	held := b.Held()
	if len(b.mem)-len(held) < n {
		mem := make([]byte, 2*len(b.mem)+n)
		copy(mem, held)
		b.mem = mem
	} else {
		copy(b.mem, held)
	}
	b.from, b.to = 0, len(held)
}
