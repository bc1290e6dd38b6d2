package datalayer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
)

// plain is a cipher that changes nothing, and says and fails what a test tells it
// to: one byte of its input is a command.
type plain struct{ freed int }

const (
	cmdEnd   = 'E' // the goodbye
	cmdAgain = 'A' // a handshake is wanted
	cmdBad   = 'B' // the record is wrong
	cmdReply = 'R' // something has to be said to that
)

func (p *plain) Shake(in, out *Bytes) (bool, core.Errno) {
	if in.Len() == 0 {
		return false, 0
	}
	b := in.Held()[0]
	in.Drop(1)
	if b == cmdBad {
		out.Add([]byte("alert"))
		return false, core.ETLS
	}
	return true, 0
}

func (p *plain) Open(in, out *Bytes, room []byte) (n int, st Status, e core.Errno) {
	for n < len(room) {
		if in.Len() == 0 {
			return n, Dry, 0
		}
		b := in.Held()[0]
		in.Drop(1)
		switch b {
		case cmdEnd:
			return n, End, 0
		case cmdAgain:
			return n, Again, 0
		case cmdBad:
			out.Add([]byte("alert"))
			return n, Err, core.ETLS
		case cmdReply:
			out.Add([]byte("reply"))
			continue
		}
		room[n] = b
		n++
	}
	return n, 0, 0
}

func (p *plain) Seal(out *Bytes, b []byte) core.Errno { out.Add(b); return 0 }
func (p *plain) Goodbye(out *Bytes)                   { out.Add([]byte("bye")) }
func (p *plain) Protocol() string                     { return "" }
func (p *plain) Detail() string                       { return "" }
func (p *plain) Free()                                { p.freed++ }

// secureRig is a connection whose reads bring a text.
type secureRig struct {
	*rig
	sec    Secure
	cipher plain
	stock  Stock
}

func newSecureRig(t *testing.T) *secureRig {
	r := &secureRig{rig: newRig(false), stock: *NewStock(8)}
	r.sec.Use(&r.cipher, &r.stock)
	t.Cleanup(func() {
		r.sec.Free()
		require.Equal(t, 1, r.cipher.freed)
		require.Zero(t, r.stock.Lent())
	})
	return r
}

// read lets the socket answer, and reads in a turn of the connection.
func (r *secureRig) read(answers, text string, limit int) string {
	r.expect(answers)
	r.text = text
	var out string
	r.recv = func() {
		b := held(0, 0, 0)
		n, st := r.sec.RcvBuf(&r.conn, b, limit)
		out = fmt.Sprintf("%q %s", b.mem[:n], r.state(n, st))
		r.conn.Stop(core.R)
	}
	r.conn.Want(core.R)
	r.report(core.EvIn)
	return out
}

func (r *secureRig) write(answers string, out int) string {
	r.expect(answers)
	n, st := r.sec.SndBuf(&r.conn, held(0, out, 0), false)
	return r.state(n, st)
}

func TestPlaintextStaysReadyUntilItIsRead(t *testing.T) {
	r := newSecureRig(t)
	require.Equal(t, `"abc" 3 -; ready R|W; CONNECTED; recv 8=5`, r.read("5", "abcde", 3))
	require.Equal(t, `"de" 2 DRY; ready W; CONNECTED; recv 8=EAGAIN`, r.read("EAGAIN", "", 3))
}

func TestAShortReadIsNotRepeatedInTheSameTurn(t *testing.T) {
	r := newSecureRig(t)
	require.Equal(t, `"ab" 2 DRY; ready W; CONNECTED; recv 8=2`, r.read("2", "ab", 9))
	require.Equal(t, `"abcdefgh" 8 -; ready R|W; CONNECTED; recv 8=EINTR, recv 8=8`, r.read("EINTR 8", "abcdefgh", 9), "one read a call")
	require.Equal(t, `"" 0 DRY; ready W; CONNECTED; recv 8=EAGAIN`, r.read("EAGAIN", "", 9))
}

func TestWhatReadingMakesItSayIsSentOrOwed(t *testing.T) {
	r := newSecureRig(t)
	require.Equal(t, `"ab" 2 DRY|SENT; ready W; CONNECTED; recv 8=3, send 5=5`, r.read("3 5", "aRb", 9))
	require.Equal(t, `"ab" 2 DRY|SENT; ready -; CONNECTED|OWES; recv 8=3, send 5=2`, r.read("3 2", "aRb", 9))
	require.Equal(t, 3, r.sec.Unsent())
	r.report(core.EvOut)
	require.Equal(t, `0 SENT; ready W; CONNECTED; send 3=3`, r.write("3", 0), "without anything else to send")
}

func TestNothingIsSealedBeforeTheLastIsGone(t *testing.T) {
	r := newSecureRig(t)
	require.Equal(t, `6 FULL|SENT; ready R; CONNECTED|OWES; send 6=4`, r.write("4", 6))
	r.report(core.EvOut)
	require.Equal(t, `0 FULL; ready R; CONNECTED|OWES; send 2 more=EAGAIN`, r.write("EAGAIN", 9))
	r.report(core.EvOut)
	require.Equal(t, `9 SENT; ready R|W; CONNECTED; send 2 more=EINTR, send 2 more=2, send 9=9`, r.write("EINTR 2 9", 9))
}

func TestAFINWithoutAGoodbyeIsAStreamCutShort(t *testing.T) {
	r := newSecureRig(t)
	require.Equal(t, `"abcdefgh" 8 -; ready R|W; CONNECTED; recv 8=8`, r.read("8", "abcdefgh", 9))
	require.Equal(t, `"" 0 ERR; ready R|W; ERROR|CONNECTED ETRUNCATED; recv 8=0`, r.read("0", "", 9))
}

func TestAGoodbyeIsAnEndAndNothingBehindItCounts(t *testing.T) {
	r := newSecureRig(t)
	require.Equal(t, `"ab" 2 END; ready R|W; CONNECTED|SOCK_RD_SH; recv 8=5`, r.read("5", "abEcd", 9))
}

func TestOurGoodbyeComesOnceAndBeforeTheFIN(t *testing.T) {
	r := newSecureRig(t)
	r.expect("1")
	require.Equal(t, Full|Sent, r.sec.ShutW(&r.conn), "two bytes of it are not out")
	require.Equal(t, Full, r.sec.ShutW(&r.conn))
	require.Equal(t, "0 -; ready R; CONNECTED|OWES; send 3 more=1", r.state(0, 0))
	r.report(core.EvOut)
	r.expect("2")
	require.Equal(t, Sent, r.sec.ShutW(&r.conn))
	require.Zero(t, r.sec.ShutW(&r.conn))
	require.Equal(t, "0 -; ready R|W; CONNECTED; send 2 more=2", r.state(0, 0))
	r.conn.ShutW()
	require.Equal(t, `"ab" 2 DRY; ready W; CONNECTED|SOCK_WR_SH; recv 8=3`, r.read("3", "aRb", 9), "it is too late for an answer")
	require.Zero(t, r.sec.Unsent())
}

func TestAHandshakeInTheMiddleStopsTheData(t *testing.T) {
	r := newSecureRig(t)
	r.conn.Close(false)
	r.chain[2] = &r.sec
	r.conn.Attach(&r.loop.Table, r, rigUpper{r.rig})
	r.text = "x"
	r.expect("EINTR 1")
	r.loop.Step() // the first handshake
	require.Equal(t, "0 -; ready R|W; CONNECTED; recv 8=EINTR, recv 8=1", r.state(0, 0))
	require.Equal(t, `"ab" 2 AGAIN; ready R|W; CONNECTED|TLS; recv 8=3`, r.read("3 EAGAIN", "abA", 9))
	require.Equal(t, "0 -; ready W; CONNECTED|TLS; recv 8=EAGAIN", r.state(0, 0), "it waits to read")
	require.Equal(t, Full, r.sec.ShutW(&r.conn), "no goodbye in the middle of it")
	require.Equal(t, `"cd" 2 DRY; ready W; CONNECTED; recv 8=3, recv 8=EAGAIN`, r.read("3 EAGAIN", "xcd", 9))
}

func TestAFailureIsToldAndTheSocketEmptied(t *testing.T) {
	r := newSecureRig(t)
	require.Equal(t, `"a" 1 ERR; ready R|W; ERROR|CONNECTED ETLS; recv 8=8, send 5=5, recv 8=8, recv 8=EINTR, recv 8=1`,
		r.read("8 5 8 EINTR 1", "aBcdefgh", 9))
	r = newSecureRig(t)
	require.Equal(t, `"a" 1 ERR; ready R|W; ERROR|CONNECTED ETLS; recv 8=8, send 5=EPIPE`, r.read("8 EPIPE", "aBcdefgh", 9),
		"nothing is called after an error")
}

// TestAPeerThatOnlyWantsAnswersHasNoneButItsOwnTurns: what brings no plaintext is
// read once a turn, and not at all while too much of what it led to is unsent.
func TestAPeerThatOnlyWantsAnswersHasNoneButItsOwnTurns(t *testing.T) {
	r := newSecureRig(t)
	require.Equal(t, `"" 0 -; ready R|W; CONNECTED|OWES; recv 8=8`, r.read("8", "RRRRRRRR", 9))
	require.Equal(t, `0 SENT; ready R|W; CONNECTED; send 40=40`, r.write("40", 0))
	r.conn.Cant(core.W)
	for !r.sec.Clogged() {
		require.Equal(t, `"" 0 -; ready R; CONNECTED|OWES; recv 8=8`, r.read("8", "RRRRRRRR", 9))
		require.LessOrEqual(t, r.sec.Unsent(), 2*batch+40)
	}
}

func TestBulkIsSealedAtOnceIfThereIsMemoryForIt(t *testing.T) {
	r := newSecureRig(t)
	r.stock.Reset(8, 300<<10, 1)
	require.Equal(t, `200000 SENT; ready R|W; CONNECTED; send 200000=200000`, r.write("200000", 200000))
	var other Bytes
	other.Init(&r.stock)
	require.True(t, other.Expect(200000))
	require.Equal(t, `65536 SENT; ready R|W; CONNECTED; send 65536 more=65536`, r.write("65536", 200000))
	other.Clear()
	require.Equal(t, `65536 SENT; ready R|W; CONNECTED; send 65536 more=65536`, r.write("65536", 300<<10), "it does not fit")
}

func TestBulkIsReadAtOnceIfThereIsMemoryForIt(t *testing.T) {
	r := newSecureRig(t)
	r.stock.Reset(8, 300000, 1)
	r.text = strings.Repeat("a", 200000)
	b := new(Buffer)
	b.Give(make([]byte, 200000))
	r.recv = func() {
		n, _ := r.sec.RcvBuf(&r.conn, b, b.Size()-b.Len())
		b.Advance(n)
		r.conn.Stop(core.R)
	}
	read := func(answer string) string {
		r.expect(answer)
		r.conn.Want(core.R)
		r.report(core.EvIn)
		return r.heard()
	}
	require.Equal(t, "recv 300000=150000", read("150000"))
	require.Equal(t, 150000, b.Out())
	var other Bytes
	other.Init(&r.stock)
	require.True(t, other.Expect(200000))
	require.Equal(t, "recv 8=8", read("8"), "there is none left")
	other.Clear()
	b.Drop(b.Out())
	require.Equal(t, "recv 300000=1", read("1"))
}

func TestALargerPieceTakesOverWhatIsHeld(t *testing.T) {
	var s Stock
	s.Reset(4, 16, 1)
	var b, other Bytes
	b.Init(&s)
	other.Init(&s)
	for _, q := range []*Bytes{&b, &other} {
		q.Add([]byte("abcd"))
		q.Drop(2)
		require.Equal(t, q == &b, q.Expect(14))
		require.Equal(t, "cd", string(q.Held()))
	}
	require.Len(t, b.Room(), 14)
	require.Len(t, other.Room(), 2, "there is no other, but all that is free is behind it")
	require.Equal(t, [...]int{1, 1}, [...]int{s.usual.Lent(), s.large.Lent()})
	b.Clear()
	other.Clear()
	require.Zero(t, s.Lent())
}

func TestAnAnswerWaitsForWhatIsLeftToRead(t *testing.T) {
	r := newSecureRig(t)
	require.Equal(t, `"abc" 3 -; ready R|W; CONNECTED|OWES; recv 8=5`, r.read("5", "aRbcd", 3), "a send that fails would lose it")
	require.Equal(t, `0 SENT; ready R|W; CONNECTED; send 5=5`, r.write("5", 0))
}

func TestBytesGrowAndGiveBack(t *testing.T) {
	s := NewStock(4)
	var b Bytes
	b.Init(s)
	require.Zero(t, s.Lent())
	b.Add([]byte("abc"))
	require.Equal(t, 1, s.Lent())
	b.Drop(2)
	b.Add([]byte("def")) // moves to the front
	require.Equal(t, "cdef", string(b.Held()))
	b.Add([]byte("ghijkl")) // grows
	require.Equal(t, "cdefghijkl", string(b.Held()))
	require.NotEmpty(t, b.Room())
	b.Drop(b.Len())
	require.Zero(t, s.Lent())
	require.Zero(t, s.usual.Made(), "what had to grow is not kept")
	room := b.Room()
	require.Len(t, room, 4)
	b.Added(0)
	require.Zero(t, s.Lent(), "no bytes, no memory")
	require.Equal(t, 1, s.usual.Made())
	b.Add(nil)
	require.Zero(t, s.Lent())
}
