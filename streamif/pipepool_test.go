package streamif

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
)

// plumbing is a kernel that counts its pipes.
type plumbing struct {
	lateDialer
	open int
}

func (p *plumbing) Pipe() (core.Pipe, core.Errno) {
	p.open++
	return conduit{p}, 0
}

// conduit is a pipe that nothing passes through.
type conduit struct{ p *plumbing }

func (conduit) Read([]byte) (int, core.Errno) { return 0, core.EAGAIN }
func (c conduit) Close()                      { c.p.open-- }

// TestAPipeThatIsShedIsTheKernelsAgain: at once if one is free, else when one comes
// back; and a debt is never larger than what is lent.
func TestAPipeThatIsShedIsTheKernelsAgain(t *testing.T) {
	k := &plumbing{}
	var p PipePool
	p.init(k, 8)
	a, b, c := p.acquire(), p.acquire(), p.acquire()
	p.release(a)
	require.Equal(t, 3, k.open)
	require.True(t, p.Shed())
	require.Equal(t, 2, k.open)
	for range 5 {
		require.False(t, p.Shed())
	}
	p.release(b)
	p.release(c)
	require.Zero(t, k.open)
	p.release(p.acquire())
	require.Equal(t, 1, k.open, "the debt is paid")
	require.Equal(t, 1, p.Free())
}
