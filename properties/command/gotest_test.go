package command

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestATraceBecomesAGoTest(t *testing.T) {
	code, out, complaint := call("test", "testdata/replay/a-short-read.trace")
	require.Equal(t, 0, code, complaint)
	require.Equal(t, `package command_test

import (
	"testing"

	"millrace/properties"
	"millrace/properties/proxy"
)

// I09 world: no end after 20 steps
func TestReplayAShortRead(t *testing.T) {
	properties.CheckTrace(t, proxy.Program, "testdata/replay/a-short-read.trace")
}
`, out)
}

func TestAWrittenTestRunsAndFailsAsItsTraceDoes(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a test, and -short was asked for")
	}
	dir, err := os.MkdirTemp("testdata", "written-*") // in the module, and none of its packages
	require.NoError(t, err)
	defer os.RemoveAll(dir)
	whole, err := filepath.Abs(dir)
	require.NoError(t, err)
	run := func(trace, as string, args ...string) string {
		path := filepath.Join(dir, as+"_test.go")
		code, said, complaint := call(append(append([]string{"test", "-o", path}, args...), trace)...)
		require.Equal(t, 0, code, complaint)
		_, command, _ := strings.Cut(said, "\n")
		out, err := exec.Command("sh", "-c", command).CombinedOutput()
		require.NoError(t, os.Remove(path))
		if err != nil {
			return string(out)
		}
		return "ok"
	}
	require.Contains(t, run("testdata/replay/a-short-read.trace", "failing"), "no end after 20 steps")
	require.Equal(t, "ok", run(file(t, healthy), "passing"))
	dir = whole // wherever it is
	ours := file(t, "millrace 1\nworld program=proxy\nsession 0 client=send:3,shutw,eof,close\n")
	require.Equal(t, "ok", run(ours, "elsewhere", "-program", "millrace/properties/proxy.Program"))
	live := file(t, "millrace 1\nlive\n+0s p0 wait 0s = 0\n+0s l0 set OUT = OK\n")
	require.Contains(t, run(live, "diverging"), "proxy did")
}

func TestATestNeedsToKnowWhereItsProgramIs(t *testing.T) {
	path := file(t, healthy)
	for _, where := range []string{"Program", "a/b", "a/.B", "a/b.not-a-name"} {
		code, _, complaint := call("test", "-program", where, path)
		require.Equal(t, 2, code)
		require.Contains(t, complaint, "expected -program import/path.Name")
	}
}
