package datalayer

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"millrace/core"
)

func TestRawReadsAsTheTableSays(t *testing.T) {
	const in = core.EvIn
	for _, c := range []struct {
		name    string
		ring    *Buffer
		limit   int
		events  core.Events
		answers string
		want    string
	}{
		{"all there is room for", held(0, 0, 0), 10, in, "10", "10 -; ready R|W; CONNECTED; recv 10=10"},
		{"no more than asked for", held(0, 0, 0), 4, in, "4", "4 -; ready R|W; CONNECTED; recv 4=4"},
		{"an empty ring is realigned", held(7, 0, 0), 10, in, "10", "10 -; ready R|W; CONNECTED; recv 10=10"},

		{"short: the socket is empty", held(0, 0, 0), 10, in, "5", "5 DRY; ready W; CONNECTED; recv 10=5"},
		{"short, urgent mark", held(0, 0, 0), 10, in | core.EvPri, "5", "5 -; ready R|W; CONNECTED; recv 10=5"},
		{"short, error behind it", held(0, 0, 0), 10, in | core.EvErr, "5", "5 -; ready R|W; CONNECTED; recv 10=5"},
		{"short, hang-up behind it", held(0, 0, 0), 10, in | core.EvHup, "5", "5 -; ready R|W; CONNECTED; recv 10=5"},
		{"short, FIN behind it", held(0, 0, 0), 10, in | core.EvRdHup, "5", "5 -; ready R|W; CONNECTED; recv 10=5"},

		{"nothing", held(0, 0, 0), 10, in, "EAGAIN", "0 DRY; ready W; CONNECTED; recv 10=EAGAIN"},
		{"not connected yet", held(0, 0, 0), 10, in, "ENOTCONN", "0 DRY; ready W; CONNECTED; recv 10=ENOTCONN"},
		{"interrupted", held(0, 0, 0), 10, in, "EINTR EINTR 5", "5 DRY; ready W; CONNECTED; recv 10=EINTR, recv 10=EINTR, recv 10=5"},
		{"FIN", held(0, 0, 0), 10, in, "0", "0 END; ready R|W; CONNECTED|SOCK_RD_SH; recv 10=0"},
		{"reset", held(0, 0, 0), 10, in, "ECONNRESET", "0 ERR; ready R|W; ERROR|CONNECTED ECONNRESET; recv 10=ECONNRESET"},

		{"around the wrap", held(6, 0, 2), 8, in, "2 6", "8 -; ready R|W; CONNECTED; recv 2=2, recv 6=6"},
		{"around the wrap, behind output", held(3, 2, 3), 5, in, "2 3", "5 -; ready R|W; CONNECTED; recv 2=2, recv 3=3"},
		{"around the wrap, within the limit", held(6, 0, 2), 3, in, "2 1", "3 -; ready R|W; CONNECTED; recv 2=2, recv 1=1"},
		{"short before the wrap", held(6, 0, 2), 8, in, "1", "1 DRY; ready W; CONNECTED; recv 2=1"},
		{"short behind the wrap", held(6, 0, 2), 8, in, "2 5", "7 DRY; ready W; CONNECTED; recv 2=2, recv 6=5"},
		{"nothing behind the wrap", held(6, 0, 2), 8, in, "2 EAGAIN", "2 DRY; ready W; CONNECTED; recv 2=2, recv 6=EAGAIN"},
		{"FIN behind the wrap", held(6, 0, 2), 8, in, "2 0", "2 END; ready R|W; CONNECTED|SOCK_RD_SH; recv 2=2, recv 6=0"},
		{"reset behind the wrap", held(6, 0, 2), 8, in, "2 ECONNRESET", "2 ERR; ready R|W; ERROR|CONNECTED ECONNRESET; recv 2=2, recv 6=ECONNRESET"},
		{"a wrap that is no room", held(2, 3, 5), 2, in, "0", "0 END; ready R|W; CONNECTED|SOCK_RD_SH; recv 2=0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(false)
			r.expect(c.answers)
			was := c.ring.In()
			got := ""
			r.recv = func() {
				n, st := Raw{}.RcvBuf(&r.conn, c.ring, c.limit)
				require.Equal(t, n, c.ring.In()-was)
				got = r.state(n, st)
				r.conn.Stop(core.R)
			}
			r.conn.Want(core.R)
			r.report(c.events)
			require.Equal(t, c.want, got)
			tail := contents(c.ring)[c.ring.Out()+was:]
			require.Equal(t, counting(len(tail)), string(tail))
		})
	}
}

func TestRawWritesAsTheTableSays(t *testing.T) {
	for _, c := range []struct {
		name       string
		ring       *Buffer
		more       bool
		connecting bool
		answers    string
		want       string
	}{
		{"all", held(0, 5, 0), false, false, "5", "5 -; ready R|W; CONNECTED; send 5=5"},
		{"output only", held(0, 2, 3), false, false, "2", "2 -; ready R|W; CONNECTED; send 2=2"},
		{"with more to follow", held(0, 5, 0), true, false, "5", "5 -; ready R|W; CONNECTED; send 5 more=5"},
		{"short", held(0, 5, 0), false, false, "3", "3 FULL; ready R; CONNECTED; send 5=3"},
		{"no room", held(0, 5, 0), false, false, "EAGAIN", "0 FULL; ready R; CONNECTED; send 5=EAGAIN"},
		{"none taken", held(0, 5, 0), false, false, "0", "0 FULL; ready R; CONNECTED; send 5=0"},
		{"interrupted", held(0, 5, 0), false, false, "EINTR EINTR 5", "5 -; ready R|W; CONNECTED; send 5=EINTR, send 5=EINTR, send 5=5"},
		{"broken", held(0, 5, 0), false, false, "EPIPE", "0 ERR; ready R|W; ERROR|CONNECTED EPIPE; send 5=EPIPE"},

		{"around the wrap", held(8, 5, 0), false, false, "2 3", "5 -; ready R|W; CONNECTED; send 2 more=2, send 3=3"},
		{"around the wrap, interrupted", held(8, 5, 0), false, false, "EINTR 2 EINTR 3", "5 -; ready R|W; CONNECTED; send 2 more=EINTR, send 2 more=2, send 3=EINTR, send 3=3"},
		{"around the wrap, with more", held(8, 5, 0), true, false, "2 3", "5 -; ready R|W; CONNECTED; send 2 more=2, send 3 more=3"},
		{"short before the wrap", held(8, 5, 0), false, false, "1", "1 FULL; ready R; CONNECTED; send 2 more=1"},
		{"short behind the wrap", held(8, 5, 0), false, false, "2 1", "3 FULL; ready R; CONNECTED; send 2 more=2, send 3=1"},
		{"no room behind the wrap", held(8, 5, 0), false, false, "2 EAGAIN", "2 FULL; ready R; CONNECTED; send 2 more=2, send 3=EAGAIN"},
		{"broken behind the wrap", held(8, 5, 0), false, false, "2 ECONNRESET", "2 ERR; ready R|W; ERROR|CONNECTED ECONNRESET; send 2 more=2, send 3=ECONNRESET"},

		{"connected by the send", held(0, 5, 0), false, true, "5", "5 -; ready W; -; send 5=5"},
		{"connecting", held(0, 5, 0), false, true, "EAGAIN", "0 FULL; ready -; WAIT_L4; send 5=EAGAIN"},
		{"connecting, as some say it", held(0, 5, 0), false, true, "ENOTCONN", "0 FULL; ready -; WAIT_L4; send 5=ENOTCONN"},
		{"refused", held(0, 5, 0), false, true, "ECONNREFUSED", "0 ERR; ready W; ERROR|WAIT_L4 ECONNREFUSED; send 5=ECONNREFUSED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(c.connecting)
			r.expect(c.answers)
			for i := range c.ring.Len() {
				c.ring.mem[(c.ring.head+i)%10] = byte(i + 1)
			}
			got := ""
			r.send = func() {
				out := c.ring.Out()
				n, st := Raw{}.SndBuf(&r.conn, c.ring, c.more)
				require.Equal(t, n, out-c.ring.Out())
				got = r.state(n, st)
				r.send = nil
			}
			r.conn.Want(core.W)
			r.report(0)
			r.conn.Stop(core.W)
			require.Equal(t, c.want, got)
			require.Equal(t, counting(len(r.wire)), string(r.wire))
		})
	}
}

func TestReadingProvesTheConnectionToo(t *testing.T) {
	for answer, want := range map[string]string{
		"5":            "5 DRY; ready W; -; recv 10=5",
		"0":            "0 END; ready W; SOCK_RD_SH; recv 10=0",
		"EAGAIN":       "0 DRY; ready W; WAIT_L4; recv 10=EAGAIN",
		"ECONNREFUSED": "0 ERR; ready W; ERROR|WAIT_L4 ECONNREFUSED; recv 10=ECONNREFUSED",
	} {
		r := newRig(true)
		r.expect(answer)
		n, st := Raw{}.RcvBuf(&r.conn, held(0, 0, 0), 10)
		require.Equal(t, want, r.state(n, st))
	}
}

// readAll makes the upper layer read as a stream interface does: again and again
// as long as the layer gives no reason to stop.
func (r *rig) readAll(b *Buffer, heard *[]string) {
	r.recv = func() {
		for st := Status(0); st == 0; {
			var n int
			n, st = Raw{}.RcvBuf(&r.conn, b, 10)
			*heard = append(*heard, r.state(n, st))
			b.Advance(b.In())
			b.Drop(len(b.Output()))
			b.Drop(b.Out())
		}
	}
	r.conn.Want(core.R)
}

func TestEndOfStreamIsCleanOnlyWithoutAnError(t *testing.T) {
	for _, c := range []struct {
		name    string
		events  core.Events
		answers string
		want    []string
	}{
		{"FIN", core.EvIn | core.EvRdHup, "0", []string{
			"0 END; ready R|W; CONNECTED|SOCK_RD_SH; recv 10=0"}},
		{"hang-up alone", core.EvHup, "0", []string{
			"0 END; ready R|W; CONNECTED|SOCK_RD_SH; recv 10=0"}},
		{"data and FIN", core.EvIn | core.EvHup | core.EvRdHup, "5 0", []string{
			"5 -; ready R|W; CONNECTED; recv 10=5",
			"0 END; ready R|W; CONNECTED|SOCK_RD_SH; recv 10=0"}},
		{"error alone", core.EvErr | core.EvHup, "ECONNRESET", []string{
			"0 ERR; ready R|W; ERROR|CONNECTED ECONNRESET; recv 10=ECONNRESET"}},
		{"error with readable data: the data first", core.EvIn | core.EvErr | core.EvHup | core.EvRdHup, "10 10 3 ECONNRESET", []string{
			"10 -; ready R|W; CONNECTED; recv 10=10",
			"10 -; ready R|W; CONNECTED; recv 10=10",
			"3 -; ready R|W; CONNECTED; recv 10=3",
			"0 ERR; ready R|W; ERROR|CONNECTED ECONNRESET; recv 10=ECONNRESET"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(false)
			r.expect("EAGAIN " + c.answers)
			var heard []string
			r.readAll(held(0, 0, 0), &heard)
			r.report(0)
			heard = nil
			r.report(c.events)
			require.Equal(t, strings.Join(c.want, "\n"), strings.Join(heard, "\n"))
			_, _, curr := r.conn.Levels()
			require.Zero(t, curr&core.R, "an end is not polled for")
			r.report(c.events)
			require.Len(t, heard, len(c.want), "it is told once")
		})
	}
}

func TestATransferThatMovesNothingNamesACause(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		out := rapid.IntRange(1, 9).Draw(t, "out")
		in := rapid.IntRange(0, 9-out).Draw(t, "in")
		b := held(rapid.IntRange(0, 9).Draw(t, "head"), out, in)
		r := newRig(false)
		calls := 0
		r.draw = func(room int) string {
			text := rapid.SampledFrom([]string{"0", "1", "2", "5", "10",
				"EINTR", "EAGAIN", "ENOTCONN", "ECONNRESET", "EPIPE"}).Draw(t, "answer")
			if text != "EINTR" {
				calls++
			}
			if n, err := strconv.Atoi(text); err == nil {
				return strconv.Itoa(min(n, room))
			}
			return text
		}
		check := func(n, all int, st Status) {
			require.True(t, st != 0 || n > 0, "silent")
			require.True(t, st != 0 || n == all, "stopped for no reason")
			require.NotEqual(t, core.EINTR, r.conn.Err())
			require.Equal(t, st == Err, r.conn.Err() != 0)
			require.LessOrEqual(t, calls, 2, "one call, and one around the wrap")
		}
		if rapid.Bool().Draw(t, "reading") {
			limit := rapid.IntRange(1, 10-out-in).Draw(t, "limit")
			n, st := Raw{}.RcvBuf(&r.conn, b, limit)
			check(n, limit, st)
			require.LessOrEqual(t, n, limit)
			require.Equal(t, n, b.In()-in)
		} else {
			n, st := Raw{}.SndBuf(&r.conn, b, false)
			check(n, out, st)
			require.Equal(t, n, out-b.Out())
		}
	})
}

func TestEveryStatusHasAName(t *testing.T) {
	require.Equal(t, "DRY|FULL|END|ERR", (Dry | Full | End | Err).String())
	require.Equal(t, "-", Status(0).String())
	require.Len(t, statusNames, 8)
	require.Equal(t, "bit8", (Refused << 1).String())
	require.True(t, (Dry | End).Any(End))
	require.False(t, Dry.Any(Full|Err))
}

func TestRawSaysNoGoodbye(t *testing.T) {
	r := newRig(false)
	require.Zero(t, Raw{}.ShutW(&r.conn))
	require.False(t, Raw{}.Marks())
	require.Empty(t, r.heard())
}
