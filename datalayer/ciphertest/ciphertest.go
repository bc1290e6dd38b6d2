// Package ciphertest is what every datalayer.Cipher must pass. Two ends of it are
// joined by two queues, and all that a network may do to them is done: bytes come
// in pieces of any size, one is wrong, or none comes any more. Who needs certificates
// for a test has its Authority sign them.
package ciphertest

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"millrace/core"
	"millrace/datalayer"
)

// Make makes one end; a client asks for the protocol.
type Make func(server bool, protocol string) datalayer.Cipher

// end is one end with its queues.
type end struct {
	c       datalayer.Cipher
	in, out datalayer.Bytes
	done    bool
}

// pair is two ends and what lies between them.
type pair struct {
	client, server end
	stock          datalayer.Stock
}

func newPair(make Make, protocol string) *pair {
	p := &pair{stock: *datalayer.NewStock(100)} // less than a record
	p.client.c, p.server.c = make(false, protocol), make(true, "")
	for _, e := range []*end{&p.client, &p.server} {
		e.in.Init(&p.stock)
		e.out.Init(&p.stock)
	}
	return p
}

// free gives up both ends and checks that they gave everything back.
func (p *pair) free(t require.TestingT) {
	for _, e := range []*end{&p.client, &p.server} {
		e.c.Free()
		e.in.Clear()
		e.out.Clear()
	}
	require.Zero(t, p.stock.Lent(), "memory is not given back")
}

// carry moves up to n bytes from one end to the other and says how many.
func carry(from, to *end, n int) int {
	n = min(n, from.out.Len())
	to.in.Add(from.out.Held()[:n])
	from.out.Drop(n)
	return n
}

// shake runs both handshakes to their end, with pieces of the given sizes.
func (p *pair) shake(t require.TestingT, piece func() int) {
	for rounds := 0; !p.client.done || !p.server.done; rounds++ {
		require.Less(t, rounds, 100000, "the handshake does not end")
		for _, e := range []*end{&p.client, &p.server} {
			if !e.done {
				var err core.Errno
				e.done, err = e.c.Shake(&e.in, &e.out)
				require.Zero(t, err, e.c.Detail())
			}
		}
		carry(&p.client, &p.server, piece())
		carry(&p.server, &p.client, piece())
	}
}

// open reads what there is, into pieces of size bytes, and says why it stopped.
func (e *end) open(t require.TestingT, size int) (got []byte, st datalayer.Status) {
	buf := make([]byte, size)
	for {
		n, st, err := e.c.Open(&e.in, &e.out, buf)
		got = append(got, buf[:n]...)
		if st.Any(datalayer.Err) {
			require.NotZero(t, err)
			require.NotEmpty(t, e.c.Detail())
			return got, st
		}
		require.Zero(t, err)
		if st != 0 {
			return got, st
		}
		require.Equal(t, size, n, "a short read names its cause")
	}
}

// text is n bytes that no two places of have in common.
func text(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return b
}

// Run runs all tests.
func Run(t *testing.T, make Make) {
	whole := func() int { return 1 << 20 }
	t.Run("HandshakeInAnyPieces", func(t *testing.T) { rapid.Check(t, pieces(make)) })
	t.Run("ByteByByte", func(t *testing.T) {
		p := newPair(make, "mill/1")
		p.shake(t, func() int { return 1 })
		p.free(t)
	})
	t.Run("PlaintextIsNotForgotten", func(t *testing.T) {
		p := newPair(make, "")
		p.shake(t, whole)
		require.Zero(t, p.client.c.Seal(&p.client.out, text(5000)))
		carry(&p.client, &p.server, 1<<20)
		got, st := p.server.open(t, 7)
		require.Equal(t, text(5000), got)
		require.True(t, st.Any(datalayer.Dry))
		p.free(t)
	})
	t.Run("HalfARecordIsNothing", func(t *testing.T) { half(t, newPair(make, ""), whole) })
	t.Run("GoodbyeIsAnEnd", func(t *testing.T) { farewell(t, newPair(make, ""), whole) })
	t.Run("AWrongBitIsAnError", func(t *testing.T) { rapid.Check(t, wrong(make)) })
	t.Run("AnEndMayBeGivenUpAtAnyByte", func(t *testing.T) {
		for n := 1; ; n++ {
			p := newPair(make, "")
			left := n
			p.abandon(&left)
			done := p.client.done && p.server.done
			p.free(t)
			if done {
				return
			}
		}
	})
}

// abandon shakes hands until so many bytes have been carried.
func (p *pair) abandon(left *int) {
	for *left > 0 && !(p.client.done && p.server.done) {
		for _, e := range []*end{&p.client, &p.server} {
			if !e.done {
				e.done, _ = e.c.Shake(&e.in, &e.out)
			}
		}
		moved := carry(&p.client, &p.server, *left)
		*left -= moved
		n := carry(&p.server, &p.client, *left)
		if *left -= n; moved+n == 0 {
			return
		}
	}
}

// pieces shakes hands, and sends both ways, in any pieces.
func pieces(make Make) func(t *rapid.T) {
	return func(t *rapid.T) {
		protocol := rapid.SampledFrom([]string{"", "mill/1"}).Draw(t, "protocol")
		p := newPair(make, protocol)
		piece := rapid.IntRange(1, rapid.SampledFrom([]int{2, 30, 2000}).Draw(t, "most"))
		p.shake(t, func() int { return piece.Draw(t, "piece") })
		require.Equal(t, protocol, p.client.c.Protocol())
		require.Equal(t, protocol, p.server.c.Protocol())
		for _, e := range [][2]*end{{&p.client, &p.server}, {&p.server, &p.client}} {
			want := text(rapid.IntRange(1, 20000).Draw(t, "length"))
			require.Zero(t, e[0].c.Seal(&e[0].out, want))
			var got []byte
			for len(got) < len(want) {
				require.NotZero(t, carry(e[0], e[1], max(1, len(want)/8)), "bytes are missing")
				more, st := e[1].open(t, rapid.IntRange(1, 5000).Draw(t, "room"))
				require.True(t, st.Any(datalayer.Dry), st)
				got = append(got, more...)
			}
			require.True(t, bytes.Equal(want, got))
		}
		p.free(t)
	}
}

// half holds back the last byte of a record.
func half(t *testing.T, p *pair, whole func() int) {
	p.shake(t, whole)
	p.server.open(t, 10) // what lies behind the handshake
	require.Zero(t, p.client.c.Seal(&p.client.out, text(100)))
	carry(&p.client, &p.server, p.client.out.Len()-1)
	got, st := p.server.open(t, 1000)
	require.Empty(t, got)
	require.True(t, st.Any(datalayer.Dry))
	carry(&p.client, &p.server, 1)
	got, _ = p.server.open(t, 1000)
	require.Equal(t, text(100), got)
	p.free(t)
}

// farewell says goodbye one way, and goes on the other way.
func farewell(t *testing.T, p *pair, whole func() int) {
	p.shake(t, whole)
	require.Zero(t, p.client.c.Seal(&p.client.out, text(10)))
	p.client.c.Goodbye(&p.client.out)
	carry(&p.client, &p.server, 1<<20)
	got, st := p.server.open(t, 1000)
	require.Equal(t, text(10), got)
	require.True(t, st.Any(datalayer.End), st)
	_, st = p.server.open(t, 1000)
	require.True(t, st.Any(datalayer.End|datalayer.Dry), "and nothing else follows: %s", st)
	require.Zero(t, p.server.c.Seal(&p.server.out, text(3000)))
	p.server.c.Goodbye(&p.server.out)
	carry(&p.server, &p.client, 1<<20)
	got, st = p.client.open(t, 1000)
	require.Equal(t, text(3000), got)
	require.True(t, st.Any(datalayer.End), st)
	p.free(t)
}

// wrong turns one bit of what the client sends, in the handshake or behind it: the
// server, or the client when it hears of it, has to notice before a wrong byte
// comes out.
func wrong(make Make) func(t *rapid.T) {
	return func(t *rapid.T) {
		p := newPair(make, "")
		if rapid.Bool().Draw(t, "in the data") {
			p.shake(t, func() int { return 1 << 20 })
			carry(&p.server, &p.client, 1<<20)
			p.server.in.Clear()
			require.Zero(t, p.client.c.Seal(&p.client.out, text(64)))
			at := rapid.IntRange(0, 8*p.client.out.Len()-1).Draw(t, "bit")
			p.client.out.Held()[at/8] ^= 1 << (at % 8)
			carry(&p.client, &p.server, 1<<20)
			got, st := p.server.open(t, 1000)
			require.Empty(t, got)
			require.True(t, st.Any(datalayer.Err|datalayer.Dry), "a length may be wrong: %s", st)
			p.free(t)
			return
		}
		_, e := p.client.c.Shake(&p.client.in, &p.client.out)
		require.Zero(t, e)
		at := rapid.IntRange(0, 8*p.client.out.Len()-1).Draw(t, "bit")
		p.client.out.Held()[at/8] ^= 1 << (at % 8)
		p.abandon(new(1 << 20))
		if p.client.done && p.server.done { // a field that nobody looks at, or that may differ
			require.Zero(t, p.server.c.Seal(&p.server.out, text(64)))
			carry(&p.server, &p.client, 1<<20)
			got, st := p.client.open(t, 1000)
			require.True(t, st.Any(datalayer.Err) || strings.HasPrefix(string(text(64)), string(got)))
		}
		p.free(t)
	}
}
