package datalayer

import "millrace/core"

// Buffer is a ring of bytes in two parts: output, which may leave, and behind
// it input, which nobody has decided on yet. Its memory comes from a pool while
// there is something to hold.
//
//	      head          head+out        head+out+in
//	       |   output     |    input       |    free
//	-------+--------------+----------------+----------   (modulo size)
//
// Bytes that have to wait may lie in less memory meanwhile. The zero Buffer has no memory and
// no room.
type Buffer struct {
	mem  []byte
	size int
	head int
	out  int
	in   int
}

// Give lends the buffer its memory.
func (b *Buffer) Give(mem []byte) {
	core.BugOn(b.mem != nil, "I44", "buffer", "given memory twice")
	*b = Buffer{mem: mem, size: len(mem)}
}

// Reach is how much memory would do for what the buffer holds, where it lies: more than Size
// if it wraps.
func (b *Buffer) Reach() int { return b.head + b.Len() }

// Move puts what the buffer holds into the same places of other memory, and returns what it
// had. There is no Room before it has been moved back into as much as it was given.
func (b *Buffer) Move(mem []byte) []byte {
	old, n := b.mem, b.Reach()
	core.BugOn(n > min(len(mem), len(old)), "I37", "buffer", "moved to where there is no place")
	copy(mem, old[:n])
	b.mem = mem
	return old
}

// Folded says that it lies in less memory than it was given.
func (b *Buffer) Folded() bool { return len(b.mem) < b.size }

// Take returns the memory of an empty buffer, or of one whose bytes are to be
// dropped; nil if it has none.
func (b *Buffer) Take() []byte {
	mem := b.mem
	*b = Buffer{}
	return mem
}

// Allocated says whether the buffer has memory.
func (b *Buffer) Allocated() bool { return b.mem != nil }

// Size is how many bytes it can hold.
func (b *Buffer) Size() int { return b.size }

// Out is how many bytes may leave.
func (b *Buffer) Out() int { return b.out }

// In is how many bytes are undecided.
func (b *Buffer) In() int { return b.in }

// Len is how many bytes it holds.
func (b *Buffer) Len() int { return b.out + b.in }

// Advance turns n bytes of input into output, oldest first.
func (b *Buffer) Advance(n int) {
	core.BugOn(n < 0 || n > b.in, "I37", "buffer", "advance beyond the input")
	b.in -= n
	b.out += n
}

// Room returns the free space that starts behind the input and does not wrap,
// at most limit bytes. Empty only if the buffer is full or limit is 0.
func (b *Buffer) Room(limit int) []byte {
	core.BugOn(b.Folded(), "I37", "buffer", "folded, and to be written to")
	if b.out+b.in == 0 {
		b.head = 0 // a realigned buffer takes a whole read in one piece
	}
	tail := b.head + b.out + b.in
	end := len(b.mem)
	if tail >= end {
		tail -= end
		end = b.head
	}
	return b.mem[tail:min(end, tail+limit)]
}

// Append says that n bytes were written at the start of Room.
func (b *Buffer) Append(n int) {
	b.in += n
	core.BugOn(n < 0 || b.out+b.in > len(b.mem), "I37", "buffer", "more appended than there was room")
}

// Output returns the oldest output that does not wrap.
func (b *Buffer) Output() []byte {
	return b.mem[b.head:min(len(b.mem), b.head+b.out)]
}

// OutputRest returns the output behind the wrap: what follows Output.
func (b *Buffer) OutputRest() []byte { return b.mem[:b.out-len(b.Output())] }

// RoomRest returns the free space that follows Room of the same limit.
func (b *Buffer) RoomRest(limit int) []byte {
	first := len(b.Room(limit))
	return b.mem[:max(0, min(limit, len(b.mem)-b.Len())-first)]
}

// Drop forgets the n oldest bytes of output.
func (b *Buffer) Drop(n int) {
	core.BugOn(n < 0 || n > b.out, "I37", "buffer", "more sent than there was output")
	b.out -= n
	b.head += n
	if b.head >= len(b.mem) {
		b.head -= len(b.mem)
	}
}
