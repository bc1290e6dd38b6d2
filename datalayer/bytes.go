package datalayer

// Stock lends memory to Bytes and takes it back, so that a connection without
// bytes on their way through a cipher holds none. It belongs to one worker.
type Stock struct {
	Size int // bytes lent at a time, at least 1
	free [][]byte
	lent int
	past Shelf
}

// Reset starts over with an empty stock of pieces of this size, keeping memory.
func (s *Stock) Reset(size int) {
	*s = Stock{Size: size, free: s.past.Keep(s.free), past: s.past}
}

// stockKeep is how many free pieces are kept for the next who needs one.
const stockKeep = 64

// Lent returns how many pieces are in use.
func (s *Stock) Lent() int { return s.lent }

func (s *Stock) take() []byte {
	s.lent++
	if n := len(s.free); n > 0 {
		mem := s.free[n-1]
		s.free[n-1] = nil
		s.free = s.free[:n-1]
		return mem
	}
	if mem := s.past.Take(s.Size); mem != nil {
		return mem
	}
	return make([]byte, s.Size)
}

func (s *Stock) give(mem []byte) {
	s.lent--
	// Memory that had to grow for a large record is left to the collector.
	if len(s.free) < stockKeep && len(mem) == s.Size {
		s.free = append(s.free, mem)
	}
}

// Bytes is a queue of bytes between a Secure layer and its Cipher, with memory
// from a Stock while it holds any. It grows as needed: a cipher has to see a
// record whole, and to print one whole.
type Bytes struct {
	stock *Stock
	mem   []byte
	from  int
	to    int
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
		b.stock.give(b.mem)
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

// reserve makes room for n more bytes.
func (b *Bytes) reserve(n int) {
	if b.mem == nil {
		b.mem = b.stock.take()
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
