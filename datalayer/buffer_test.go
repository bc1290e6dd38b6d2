package datalayer

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// ringModel is what a Buffer is compared with: two plain slices.
type ringModel struct {
	ring    Buffer
	out, in []byte
	next    byte // of the stream that is appended
}

// contents reads all bytes of a ring, the output and the input behind it.
func contents(b *Buffer) []byte {
	var all []byte
	for i := range b.Len() {
		all = append(all, b.mem[(b.head+i)%len(b.mem)])
	}
	return all
}

func (m *ringModel) check(t *rapid.T) {
	require.Equal(t, len(m.out), m.ring.Out())
	require.Equal(t, len(m.in), m.ring.In())
	require.Equal(t, len(m.out)+len(m.in), m.ring.Len())
	require.Equal(t, string(m.out)+string(m.in), string(contents(&m.ring)))
	out := m.ring.Output()
	require.True(t, bytes.HasPrefix(m.out, out))
	require.Equal(t, len(m.out) == 0, len(out) == 0)
	require.Equal(t, string(m.out), string(out)+string(m.ring.OutputRest()), "two pieces are all there is")
	full := m.ring.Len() == m.ring.Size()
	require.Equal(t, full, len(m.ring.Room(m.ring.Size())) == 0, "no room means full")
	require.Empty(t, m.ring.Room(0))
	free := m.ring.Size() - m.ring.Len()
	for _, limit := range [...]int{0, 1, free / 2, free, free + 1} {
		both := len(m.ring.Room(limit)) + len(m.ring.RoomRest(limit))
		require.Equal(t, min(limit, free), both, "two pieces are all the room")
	}
}

// fill writes up to limit bytes into one piece of room.
func (m *ringModel) fill(t *rapid.T, limit int) {
	room := m.ring.Room(limit)
	require.LessOrEqual(t, len(room), limit)
	n := rapid.IntRange(0, len(room)).Draw(t, "n")
	for i := range n {
		m.next++
		room[i] = m.next
		m.in = append(m.in, m.next)
	}
	m.ring.Append(n)
}

func (m *ringModel) advance(n int) {
	m.ring.Advance(n)
	m.out = append(m.out, m.in[:n]...)
	m.in = m.in[n:]
}

// drop sends up to limit bytes of one piece of output.
func (m *ringModel) drop(t *rapid.T, limit int) {
	out := m.ring.Output()
	n := min(limit, len(out))
	require.Equal(t, string(m.out[:n]), string(out[:n]))
	m.ring.Drop(n)
	m.out = m.out[n:]
}

// fold has it all lie in other memory, from which up to limit bytes leave, and back.
func (m *ringModel) fold(t *rapid.T, limit int) {
	if m.ring.Reach() >= m.ring.Size() {
		return // it would not be less
	}
	less := make([]byte, m.ring.Reach())
	all := m.ring.Move(less)
	require.True(t, m.ring.Folded())
	require.Equal(t, string(m.out)+string(m.in), string(contents(&m.ring)))
	m.drop(t, limit)
	clear(all)
	m.ring.Move(all)
	clear(less)
	require.False(t, m.ring.Folded())
}

func TestABufferIsTwoQueuesInARing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := &ringModel{}
		a.ring.Give(make([]byte, rapid.IntRange(1, 20).Draw(t, "size")))
		few := rapid.IntRange(0, 20)
		t.Repeat(map[string]func(*rapid.T){
			"fill":    func(t *rapid.T) { a.fill(t, few.Draw(t, "limit")) },
			"advance": func(t *rapid.T) { a.advance(rapid.IntRange(0, len(a.in)).Draw(t, "n")) },
			"drop":    func(t *rapid.T) { a.drop(t, few.Draw(t, "limit")) },
			"fold":    func(t *rapid.T) { a.fold(t, few.Draw(t, "limit")) },
			"":        func(t *rapid.T) { a.check(t) },
		})
	})
}

func TestAnEmptyBufferTakesAWholeReadInOnePiece(t *testing.T) {
	var b Buffer
	b.Give(make([]byte, 10))
	b.Append(copy(b.Room(7), "1234567"))
	b.Advance(7)
	require.Len(t, b.Room(10), 3)
	b.Drop(7)
	require.Len(t, b.Room(10), 10)
}

func TestABufferWithoutMemoryHoldsNothing(t *testing.T) {
	var b Buffer
	require.False(t, b.Allocated())
	require.Empty(t, b.Room(5))
	require.Empty(t, b.Output())
	require.Nil(t, b.Take())
	b.Give([]byte("xyz"))
	b.Append(3)
	require.Equal(t, "xyz", string(b.Take()), "bytes that are dropped go with the memory")
	require.Equal(t, Buffer{}, b)
}

func TestMisuseOfABufferIsABreach(t *testing.T) {
	for _, c := range []struct {
		want string
		do   func(*Buffer)
	}{
		{"I44 buffer: given memory twice", func(b *Buffer) { b.Give(make([]byte, 4)) }},
		{"I37 buffer: more appended than there was room", func(b *Buffer) { b.Append(5) }},
		{"I37 buffer: more appended than there was room", func(b *Buffer) { b.Append(-1) }},
		{"I37 buffer: advance beyond the input", func(b *Buffer) { b.Advance(1) }},
		{"I37 buffer: advance beyond the input", func(b *Buffer) { b.Append(2); b.Advance(-1) }},
		{"I37 buffer: more sent than there was output", func(b *Buffer) { b.Append(2); b.Drop(1) }},
		{"I37 buffer: more sent than there was output", func(b *Buffer) { b.Drop(-1) }},
		{"I37 buffer: moved to where there is no place", func(b *Buffer) { b.Append(2); b.Move(make([]byte, 1)) }},
		{"I37 buffer: folded, and to be written to", func(b *Buffer) { b.Append(2); b.Move(make([]byte, 2)); b.Room(1) }},
	} {
		var b Buffer
		b.Give(make([]byte, 4))
		require.PanicsWithError(t, c.want, func() { c.do(&b) })
	}
}

func ExampleBuffer() {
	var b Buffer
	b.Give(make([]byte, 8))
	b.Append(copy(b.Room(5), "GET /")) // a read of at most 5 bytes
	b.Advance(4)                       // of which 4 may leave
	fmt.Printf("%q leaves, %d stays\n", b.Output(), b.In())
	b.Drop(2) // a short write
	b.Append(copy(b.Room(8), "index.html"))
	fmt.Printf("%q leaves, %d stay, room for %d\n", b.Output(), b.In(), len(b.Room(8)))
	// Output:
	// "GET " leaves, 1 stays
	// "T " leaves, 4 stay, room for 2
}
