package real

import (
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func asNetError(err error, to *net.Error) bool { return errors.As(err, to) }

// digest is what one end of a stream saw of it.
type digest struct {
	n   int64
	sum [sha256.Size]byte
}

// pour sends n pseudorandom bytes in uneven pieces, then the FIN.
func pour(c stream, seed, n int64) (digest, error) {
	bytes := rand.NewChaCha8([32]byte{byte(seed)})
	pieces := rand.New(bytes)
	h := sha256.New()
	buf := make([]byte, 100_000)
	for left := n; left > 0; {
		p := buf[:min(left, 1+pieces.Int64N(int64(len(buf))))]
		if _, err := bytes.Read(p); err != nil {
			return digest{}, err
		}
		h.Write(p)
		if _, err := c.Write(p); err != nil {
			return digest{}, err
		}
		left -= int64(len(p))
	}
	d := digest{n: n}
	h.Sum(d.sum[:0])
	return d, c.CloseWrite()
}

// drink reads to the end.
func drink(r io.Reader) (digest, error) {
	h := sha256.New()
	n, err := io.Copy(h, r)
	d := digest{n: n}
	h.Sum(d.sum[:0])
	return d, err
}

// result carries a digest out of a goroutine.
type result struct {
	d   digest
	err error
}

func async(f func() (digest, error)) <-chan result {
	c := make(chan result, 1)
	go func() {
		d, err := f()
		c <- result{d, err}
	}()
	return c
}

// same requires that both ends saw the same bytes.
func same(t *testing.T, sent, got <-chan result) {
	s, g := <-sent, <-got
	require.NoError(t, s.err)
	require.NoError(t, g.err)
	require.Equal(t, s.d, g.d)
}

func TestBulkBothWaysAtOnceArrivesUnchanged(t *testing.T) {
	const size = 16 << 20
	pollers(t, func(t *testing.T, edge bool) {
		r, client, server := pair(t, edge)
		up := async(func() (digest, error) { return pour(client, 1, size) })
		down := async(func() (digest, error) { return pour(server, 2, size-12345) })
		upGot := async(func() (digest, error) { return drink(server) })
		downGot := async(func() (digest, error) { return drink(client) })
		same(t, up, upGot)
		same(t, down, downGot)
		r.eventually(t, "relay_sessions", 0)
	})
}

func TestOneByteBuffersStillRelay(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		o := newOrigin(t)
		cfg := config(edge, o.addr)
		cfg.Proxy.BufSize, cfg.Proxy.Buffers = 1, 2
		r := start(t, cfg)
		client := r.dial(t)
		server := o.accept(t)
		up := async(func() (digest, error) { return pour(client, 1, 2000) })
		upGot := async(func() (digest, error) { return drink(server) })
		same(t, up, upGot)
		down := async(func() (digest, error) { return pour(server, 2, 2000) })
		downGot := async(func() (digest, error) { return drink(client) })
		same(t, down, downGot)
	})
}

func TestHalfCloseLosesNothing(t *testing.T) {
	const size = 1 << 20
	pollers(t, func(t *testing.T, edge bool) {
		t.Run("client first", func(t *testing.T) {
			r, client, server := pair(t, edge)
			halfClose(t, client, server, size)
			r.eventually(t, "relay_sessions", 0)
		})
		t.Run("server first", func(t *testing.T) {
			r, client, server := pair(t, edge)
			halfClose(t, server, client, size)
			r.eventually(t, "relay_sessions", 0)
		})
	})
}

// halfClose ends one direction and then uses the other.
func halfClose(t *testing.T, first, second stream, size int64) {
	sent := async(func() (digest, error) { return pour(first, 1, size) })
	got := async(func() (digest, error) { return drink(second) })
	same(t, sent, got)
	sent = async(func() (digest, error) { return pour(second, 2, size) })
	got = async(func() (digest, error) { return drink(first) })
	same(t, sent, got)
}

func TestNoHalfCloseEndsBothDirections(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		o := newOrigin(t)
		cfg := config(edge, o.addr)
		cfg.Proxy.NoHalf = true
		r := start(t, cfg)
		client := r.dial(t)
		server := o.accept(t)
		send(t, client, "last words")
		expect(t, server, "last words")
		require.NoError(t, client.CloseWrite())
		expectEnd(t, server)
		expectGone(t, client)
		r.eventually(t, "relay_sessions", 0)
	})
}

func TestDeadSlowReaderGetsEverything(t *testing.T) {
	const size = 8 << 20
	pollers(t, func(t *testing.T, edge bool) {
		o := newOrigin(t)
		r := start(t, config(edge, o.addr))
		client := r.dial(t)
		// Two of loopback's 64 KiB segments: with less room than one, the kernel
		// itself needs half a minute per MiB.
		require.NoError(t, client.SetReadBuffer(128<<10))
		server := o.accept(t)
		down := async(func() (digest, error) { return pour(server, 3, size) })
		time.Sleep(100 * time.Millisecond) // all buffers on the way fill up
		got := async(func() (digest, error) { return drink(&slow{r: client}) })
		same(t, down, got)
		require.LessOrEqual(t, r.Metric("relay_buffers_made"), uint64(2), "back-pressure holds one buffer")
	})
}

// slow reads a little, and pauses now and then.
type slow struct {
	r io.Reader
	n int
}

func (s *slow) Read(p []byte) (int, error) {
	if s.n++; s.n%128 == 0 {
		time.Sleep(2 * time.Millisecond)
	}
	return s.r.Read(p[:min(len(p), 10_000)])
}
