package datalayer

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
)

// pipeFD is a socket that splices, with answers from the same list as its other
// calls.
type pipeFD struct{ *rig }

func (f pipeFD) SpliceIn(_ core.Pipe, limit int) (int, core.Errno) {
	return f.answer(fmt.Sprint("splice ", limit), limit)
}

func (f pipeFD) SpliceOut(_ core.Pipe, n int, more bool) (int, core.Errno) {
	call := fmt.Sprint("splice-out ", n)
	if more {
		call += " more"
	}
	return f.answer(call, n)
}

// kernelPipe gives bytes that count up.
type kernelPipe struct{ closed bool }

func (p *kernelPipe) Read(b []byte) (int, core.Errno) { return copy(b, counting(len(b))), 0 }
func (p *kernelPipe) Close()                          { p.closed = true }

// TestRawSplicesAsTheTableSays makes one call on a pipe that holds some bytes.
func TestRawSplicesAsTheTableSays(t *testing.T) {
	for _, c := range []struct {
		holds         int
		out           bool
		answers, want string
	}{
		{0, false, "7", "7 -; ready R|W; CONNECTED; splice 10=7; holds 7"},
		{3, false, "10", "10 -; ready R|W; CONNECTED; splice 10=10; holds 13"},
		{0, false, "EINTR 2", "2 -; ready R|W; CONNECTED; splice 10=EINTR, splice 10=2; holds 2"},
		{0, false, "EAGAIN", "0 DRY; ready W; CONNECTED; splice 10=EAGAIN; holds 0"},
		{3, false, "EAGAIN", "0 FULL; ready R|W; CONNECTED; splice 10=EAGAIN; holds 3"},
		{0, false, "0", "0 UNSURE; ready R|W; CONNECTED; splice 10=0; holds 0"},
		{3, false, "0", "0 UNSURE; ready R|W; CONNECTED; splice 10=0; holds 3"},
		{3, false, "ENOMEM", "0 UNSURE; ready R|W; CONNECTED; splice 10=ENOMEM; holds 3"},
		{0, false, "EPERM", "0 REFUSED; ready R|W; CONNECTED; splice 10=EPERM; holds 0"},
		{0, false, "EACCES", "0 REFUSED; ready R|W; CONNECTED; splice 10=EACCES; holds 0"},
		{0, false, "EBADF", "0 REFUSED; ready R|W; CONNECTED; splice 10=EBADF; holds 0"},
		{0, false, "EIO", "0 REFUSED; ready R|W; CONNECTED; splice 10=EIO; holds 0"},
		{3, false, "EINVAL", "0 REFUSED; ready R|W; CONNECTED; splice 10=EINVAL; holds 3"},
		{0, false, "ENOSYS", "0 REFUSED; ready R|W; CONNECTED; splice 10=ENOSYS; holds 0"},
		{3, false, "ECONNRESET", "0 ERR; ready R|W; ERROR|CONNECTED ECONNRESET; splice 10=ECONNRESET; holds 3"},

		{9, true, "9", "9 -; ready R|W; CONNECTED; splice-out 9=9; holds 0"},
		{9, true, "4 5", "9 -; ready R|W; CONNECTED; splice-out 9=4, splice-out 5=5; holds 0"},
		{9, true, "4 EAGAIN", "4 FULL; ready R; CONNECTED; splice-out 9=4, splice-out 5=EAGAIN; holds 5"},
		{9, true, "EINTR EPIPE", "0 ERR; ready R|W; ERROR|CONNECTED EPIPE; splice-out 9=EINTR, splice-out 9=EPIPE; holds 9"},
		{9, true, "EINVAL 9", "9 REFUSED; ready R|W; CONNECTED; splice-out 9=EINVAL, send 9=9; holds 0"},
		{9, true, "EPERM 9", "9 REFUSED; ready R|W; CONNECTED; splice-out 9=EPERM, send 9=9; holds 0"},
		{9, true, "ENOMEM ENOMEM", "0 FULL|REFUSED; ready R; CONNECTED; splice-out 9=ENOMEM, send 9=ENOMEM; holds 9"},
		{9, true, "4 EINVAL 2", "6 FULL|REFUSED; ready R; CONNECTED; splice-out 9=4, splice-out 5=EINVAL, send 5=2; holds 3"},
	} {
		r := newRig(false)
		r.conn.Close(false)
		r.conn.Attach(&r.loop.Table, pipeFD{r}, rigUpper{r})
		r.heard()
		p := NewPipe(&kernelPipe{})
		p.kernel = c.holds
		r.expect(c.answers)
		var n int
		var st Status
		if c.out {
			n, st = Raw{}.SndPipe(&r.conn, p, false)
		} else {
			n, st = Raw{}.RcvPipe(&r.conn, p, 10)
		}
		require.Equal(t, c.want, fmt.Sprintf("%s; holds %d", r.state(n, st), p.Len()), "%d bytes, %s", c.holds, c.answers)
	}
}

// TestASpliceThatContradictsAReportIsNotTheLastWord: at an urgent mark it answers
// EAGAIN for ever, and a read goes on.
func TestASpliceThatContradictsAReportIsNotTheLastWord(t *testing.T) {
	for answers, want := range map[string]string{
		"EAGAIN":   "0 UNSURE; ready R|W; CONNECTED; splice 10=EAGAIN",
		"3 EAGAIN": "0 DRY; ready W; CONNECTED; splice 10=3, splice 10=EAGAIN",
	} {
		r := newRig(false)
		r.conn.Close(false)
		r.conn.Attach(&r.loop.Table, pipeFD{r}, rigUpper{r})
		r.report(core.EvIn)
		r.expect(answers)
		var n int
		var st Status
		for len(r.answers) > 0 {
			n, st = Raw{}.RcvPipe(&r.conn, NewPipe(&kernelPipe{}), 10)
		}
		require.Equal(t, want, r.state(n, st))
	}
}

func TestAPipeKnowsWhenItIsLiedTo(t *testing.T) {
	r := newRig(false)
	r.conn.Close(false)
	r.conn.Attach(&r.loop.Table, pipeFD{r}, rigUpper{r})
	p := NewPipe(&kernelPipe{})
	p.kernel = 4
	r.expect("0")
	require.PanicsWithError(t, "I24 pipe: more came out than went in, or nothing", func() { Raw{}.SndPipe(&r.conn, p, false) })
	p.Close()
	require.True(t, p.k.(*kernelPipe).closed)
}
