package properties_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// deadlyMistakes take the process with them, or are panics of the runtime's. Each
// comes with what identifies it.
var deadlyMistakes = []struct {
	mutant
	seeds    string // enough to find it, few enough where each costs a second
	identity string
}{
	{mutant{"a loop without an end", "core/timers.go",
		"h.remove(0)\n\t\t\tt.timer.at = 0\n\t\t\treturn t", "t.timer.at = now\n\t\t\treturn t"},
		"6", "I65 endless loop in core."},
	{mutant{"a recursion without an end", "streamif/session.go",
		"if !s.running {\n\t\ts.proxy.loop.Wake(&s.task)\n\t}", "if s.running {\n\t\ts.wake()\n\t}\n\ts.proxy.loop.Wake(&s.task)"},
		"24", "I65 stack overflow in streamif.(*Session).wake: "},
	{mutant{"memory without an end", "streamif/pipepool.go",
		"p.free = append(p.free, pipe)", "for hog := [][]byte{}; ; { hog = append(hog, make([]byte, 1<<20)) }"},
		"60", "I65 memory without end in streamif.(*PipePool).release: "},
	{mutant{"an index out of range", "streamif/connect.go",
		"case s.retries < 0:", "case s.retries < 0 && []bool{true}[s.tries]:"},
		"3000", "panic index out of range with length in streamif.(*Session).again: "},
	{mutant{"a nil pointer", "streamif/pool.go",
		"mem := ch.buf.Take()\n", "mem := ch.buf.Take()\n\tif len(p.line) > 1 { ch = nil }\n"},
		"3000", "panic invalid memory address or nil pointer dereference in streamif.(*Pool).release: "},
}

// TestMistakesThatKillAreFound: a hunt survives what it hunts, and makes it small.
func TestMistakesThatKillAreFound(t *testing.T) {
	var list []mutant
	for _, m := range deadlyMistakes {
		list = append(list, m.mutant)
	}
	eachMistake(t, list, "soak", func(t *testing.T, i int, dir, soak string) {
		m := deadlyMistakes[i]
		found := filepath.Join(dir, "found")
		out := finds(t, soak, "-procs", "1", "-seeds", m.seeds, "-seed", "1", "-o", found)
		require.Contains(t, out, "worlds            ", "it went on to the end")
		n, text := smallest(t, found)
		t.Logf("%d lines\n%s\n%s", n, text, out)
		require.LessOrEqual(t, n, page)
		require.Contains(t, text, "\nfail "+m.identity)
	})
}

// resetMistakes leave something of a run behind, so that the next one is another.
var resetMistakes = []mutant{
	{"the poller keeps the length of its table", "simpoller/poller.go",
		"regs: p.regs[:0],", "regs: p.regs,"},
	{"a stream has pushed what the one before it had", "sim/stream.go",
		"*s = Stream{w: w,", "*s = Stream{pushed: s.pushed, w: w,"},
	{"the clients' memory of the run before", "properties/boot.go",
		"*c = Peer{w: w,", "*c = Peer{drip: c.drip, w: w,"},
}

// TestMistakesInAResetAreFound: what no invariant objects to, since each of
// the two runs is a possible one.
func TestMistakesInAResetAreFound(t *testing.T) {
	eachMistake(t, resetMistakes, "soak", func(t *testing.T, _ int, dir, soak string) {
		out := finds(t, soak, "-first", "-procs", "1", "-seeds", "20000", "-seed", "1", "-o", filepath.Join(dir, "found"))
		t.Logf("%s", out)
		require.Contains(t, out, "times: I64 world: here it ")
		_, command, found := strings.Cut(out, "# replay: go run ./properties/cmd/soak ")
		require.True(t, found)
		command, _, _ = strings.Cut(command, "\n")
		again := finds(t, soak, append(strings.Fields(command), "-o", filepath.Join(dir, "again"))...)
		require.Contains(t, again, "times: I64 world: here it ", "the command that it prints shows it")
	})
}
