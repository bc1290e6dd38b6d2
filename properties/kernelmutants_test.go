package properties_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// kernelMistakes are mistakes in the simulated kernel. Each must be found by
// comparing it with Linux.
var kernelMistakes = []mutant{
	{"closing with unread bytes sends a FIN", "simfd/shut.go",
		"s.state == connected && (rst || s.in.Unread() > 0)", "s.state == connected && rst"},
	{"an error is told twice", "simfd/socket.go",
		"s.err = 0\n\treturn s.tell(e)", "return s.tell(e)"},
	{"that our FIN has arrived wakes nobody", "simfd/socket.go",
		"s.touch()\n\ts.changed(allEvents)\n}\n\n// Reset", "s.touch()\n}\n\n// Reset"},
	{"a reset after a FIN is ECONNRESET", "simfd/socket.go",
		"s.err = core.EPIPE\n", "s.err = core.ECONNRESET\n"},
	{"a reader that is shut has no RDHUP", "simfd/poll.go",
		"s.in.FinIn() || s.shutR {", "s.in.FinIn() {"},
	{"bytes for an end that is shut are kept", "simfd/shut.go",
		"s.in.Refuse()\n", "_ = s\n"},
	{"a failed connect keeps what had come", "simfd/connect.go",
		"s.in.Purge()\n", "_ = s\n"},
	{"SO_ERROR leaves the error", "simfd/option.go",
		"return s.takeErr()", "return s.err"},
	{"a pipe is asked after the socket", "simfd/pipe.go",
		"case len(p.data) == 0:\n\t\treturn 0, p.nothing()\n\t}\n\tif e, barred := s.barred(); barred {\n\t\treturn 0, e\n\t}\n",
		"}\n\tif e, barred := s.barred(); barred {\n\t\treturn 0, e\n\t}\n\tif len(p.data) == 0 { return 0, p.nothing() }\n"},
	{"a pipe without a writer is only empty", "simfd/pipe.go",
		"if p.shut(true) {", "if false {"},
	{"a change of the wish asks for nothing", "simpoller/registrar.go",
		"} else if p.mask(num) != 0 {\n\t\tp.enlist(num)\n\t}", "}"},
	{"a wake-up for nothing has no place", "simpoller/poller.go",
		"p.enlist(num) // ready or not: it has its place in the report from now on\n", "if p.mask(num) == 0 {\n\t\treturn\n\t}\n\tp.enlist(num)\n"},
	{"a change that nobody asked for is an edge", "simpoller/poller.go",
		" || ev&(p.regs[num].want|core.EvErr|core.EvHup) == 0 {", " {"},
	{"a shot that is used up is renewed by news", "simpoller/poller.go",
		"r.spent = p.Oneshot\n\t\tif", "if"},
	{"a report that goes on begins anew", "simpoller/poller.go",
		"append(kept, again...), again", "append(again[:len(again):len(again)], kept...), nil"},
	{"a report looks at what it has no room for", "simpoller/poller.go",
		"if ev == 0 && n < limit {", "if ev == 0 {"},
	{"a splice out that takes a part does not wait for room", "simfd/pipe.go",
		"n < all {", "n < all && n == 0 {"},
	{"a full pipe hides nothing", "simfd/pipe.go",
		"case len(p.slots) == p.limit:", "case len(p.slots) > p.limit:"},
	{"a pipe is asked for nothing", "simfd/pipe.go",
		"case limit == 0:", "case limit < 0:"},
	{"a little room opens the window", "sim/window.go",
		"free < size/2 && free <", "free < 0 && free <"},
	{"a buffer is as large as it was told to be", "simfd/option.go",
		"max(2*bytes, leastSend)", "max(bytes, leastSend)"},
	{"who was accepted is told once that it is connected", "simfd/kernel.go",
		"num: none, told: front}", "num: none}"},
	{"a connection that was shut before its failure was told may be tried again", "simfd/shut.go",
		"s.spoilt = s.spoilt ||", "_ = s.spoilt ||"},
	{"an attempt that is shut leaves its error to connect()", "simfd/connect.go",
		"s.err = 0 // of an attempt that was given up\n", "if s.err != 0 {\n\t\treturn s.takeErr()\n\t}\n"},
	{"another attempt has the first one's streams", "simfd/connect.go",
		"if !s.tried {", "if true {"},
	{"shutting before connecting is forgotten", "simfd/shut.go",
		"s.shutR, s.shutW = s.shutR || r, s.shutW || w", "s.shutR, s.shutW = s.shutR || r, s.shutW || w && s.state == connected"},
	{"a buffer's new size wakes nobody", "simfd/option.go",
		"s.changed(core.EvOut)\n", ""},
	{"an urgent mark stays where it is", "sim/mark.go",
		"s.mark, s.markIn, s.marked = s.urgent, true, false", "if !s.markIn {\n\t\ts.mark = s.urgent\n\t}\n\ts.markIn, s.marked = true, false"},
	{"an urgent byte that was next is read when the mark moves", "sim/mark.go",
		"s.pass()\n\ts.mark,", "s.mark,"},
	{"an urgent byte counts as read", "simfd/shut.go",
		"rst || s.in.Unread() > 0)", "rst || s.in.Readable() > 0)"},
	{"who reads nothing passes a mark", "sim/stream.go",
		"if len(p) > 0 {\n\t\ts.pass()\n\t}", "s.pass()"},
	{"a little is reported to who waits for more", "simfd/poll.go",
		"s.in.Unread() > 0 && s.enough(s.in.Waiting())", "s.in.Waiting() > 0"},
	{"a little wakes who waits for more", "simfd/socket.go",
		"case s.enough(s.in.Unread()) || s.in.Alarmed():", "default:"},
	{"urgent data does not wake who waits for more", "simfd/socket.go",
		"s.enough(s.in.Unread()) || s.in.Alarmed()", "s.enough(s.in.Unread())"},
	{"who waits for less is not woken by what there is", "simfd/option.go",
		"if s.in.FinIn() || s.in.Unread() > 0 && s.enough(s.in.Unread()) {", "if false {"},
	{"nothing is read of nothing as of something", "simfd/socket.go",
		"n > 0 || len(p) == 0 && s.in.Unread() > 0", "n > 0 || len(p) == 0"},
	{"a listener that is shut goes on listening", "simfd/connect.go",
		"l == nil || l.over", "l == nil"},
	{"a listener that is shut has nobody to accept", "simfd/listener.go",
		"core.Peer{}, core.EINVAL", "core.Peer{}, core.EAGAIN"},
	{"who is registered for nothing is told nothing", "simpoller/poller.go",
		"if !r.there || r.spent {", "if r.want == 0 || r.spent {"},
	{"what is registered is registered again", "simpoller/registrar.go",
		"p.control(key, want, false, core.EEXIST)", "p.control(key, want, p.reg(key.Num()).there, core.EEXIST)"},
	{"a peek takes the bytes", "simfd/socket.go",
		`s.read("peek", p, (*sim.Stream).Peek)`, `s.read("peek", p, (*sim.Stream).Get)`},
}

// TestMistakesInTheSimulatedKernelAreFound builds conform with each mistake in turn
// and has it compared with Linux: it must find it and shrink it to a page.
func TestMistakesInTheSimulatedKernelAreFound(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("compares with Linux")
	}
	eachMistake(t, inPart(kernelMistakes, kernelParts), "conform", func(t *testing.T, _ int, dir, conform string) {
		found := filepath.Join(dir, "found")
		out := finds(t, conform, "-first", "-seeds", "20000", "-seed", "1", "-o", found)
		require.NotContains(t, out, " 0 answered otherwise\n", "no recorded script shows it")
		n, text := shortest(t, found)
		t.Logf("%d lines\n%s", n, text)
		require.LessOrEqual(t, n, page)
	})
}

// shortest returns the shortest of the scripts found, and how long it is.
func shortest(t *testing.T, dir string) (lines int, text string) {
	files, err := filepath.Glob(filepath.Join(dir, "drawn-*.txt"))
	require.NoError(t, err)
	require.NotEmpty(t, files, "no drawn script shows it")
	lines = 1 << 30
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		if n := strings.Count(string(b), "\n"); n < lines {
			lines, text = n, string(b)
		}
	}
	return lines, text
}
