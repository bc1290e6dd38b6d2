package properties

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// deadlyMistakes take the process with them, or are panics of the runtime's. Each
// comes with what identifies it.
var deadlyMistakes = []struct {
	mutant
	identity string
}{
	{mutant{"a loop without an end", "core/timers.go",
		"h.remove(0)\n\t\t\tt.timer.at = 0\n\t\t\treturn t", "t.timer.at = now\n\t\t\treturn t"},
		"I63-endless-loop-in-core---Loop--Step.trace"},
	{mutant{"a recursion without an end", "streamif/session.go",
		"if !s.running {\n\t\ts.proxy.loop.Wake(&s.task)\n\t}", "if s.running {\n\t\ts.wake()\n\t}\n\ts.proxy.loop.Wake(&s.task)"},
		"I63-stack-overflow-in-streamif---Session--wake.trace"},
	{mutant{"memory without an end", "streamif/pipepool.go",
		"p.free = append(p.free, pipe)", "for { p.free = append(p.free, pipe) }"},
		"I63-memory-without-end-in-streamif---PipePool--release.trace"},
	{mutant{"an index out of range", "streamif/connect.go",
		"case s.retries < 0:", "case s.retries < 0 && []bool{true}[s.tries]:"},
		"panic-index-out-of-range-with-length-in-streamif---Session--r.trace"},
	{mutant{"a nil pointer", "streamif/pool.go",
		"mem := ch.buf.Take()\n", "mem := ch.buf.Take()\n\tif len(p.line) > 1 { ch = nil }\n"},
		"panic-invalid-memory-address-or-nil-pointer-dereference-in-st.trace"},
}

// TestMistakesThatKillAreFound: a hunt survives what it hunts, and makes it small.
func TestMistakesThatKillAreFound(t *testing.T) {
	var list []mutant
	names := map[string]string{}
	for _, m := range deadlyMistakes {
		list = append(list, m.mutant)
		names[m.name] = m.identity
	}
	eachMistake(t, list, "soak", func(t *testing.T, dir, soak string) {
		found := filepath.Join(dir, "found")
		out := finds(t, soak, "-procs", "1", "-seeds", "64", "-seed", "1", "-o", found)
		require.Contains(t, out, "worlds            ", "it went on to the end")
		n, text := smallest(t, found)
		t.Logf("%d lines\n%s\n%s", n, text, out)
		require.LessOrEqual(t, n, page)
		require.FileExists(t, filepath.Join(found, names[filepath.Base(t.Name())]))
	})
}
