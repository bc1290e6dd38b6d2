package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func file(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "x.trace")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
	return path
}

func call(args ...string) (int, string, string) {
	var out, err strings.Builder
	code := Trace(args, &out, &err)
	return code, out.String(), err.String()
}

const healthy = "millrace 1\nworld\nsession 0 client=send:5,recv:5,close\n"

// endless fails: the world is not given the steps it needs.
const endless = "millrace 1\n# seed 0x1\nworld steps=20\n" +
	"session 0 client=send:3000,shutw,eof,close\nsession 1 client=send:10,close\nchoose f0 short-read 0 = 7\n"

func TestAPassingTracePasses(t *testing.T) {
	path := file(t, healthy)
	code, out, _ := call("replay", path)
	require.Equal(t, 0, code)
	require.Equal(t, path+": passes, 22 steps\n", out)
}

func TestWhatMakesNoDifferenceIsSaid(t *testing.T) {
	path := file(t, healthy+"choose b0 connect 55 = refused\nfail I31 si EST/EST: once upon a time\n")
	code, out, _ := call("replay", path)
	require.Equal(t, 0, code)
	require.Equal(t, path+": passes, 22 steps, although it records: I31 si EST/EST: once upon a time\n"+
		path+": choose b0 connect 55 was never asked for\n", out)
}

func TestAFailingTraceIsExplained(t *testing.T) {
	path := file(t, endless)
	code, out, _ := call("replay", path)
	require.Equal(t, 1, code)
	for _, part := range []string{
		"I09 world\n", "no end after 20 steps", "I09: no busy loop",
		"replay   go run ./traces/cmd/trace replay " + path, "seed 0x1", "last steps\n", "sessions\n",
	} {
		require.Contains(t, out, part)
	}
}

func TestWhatShowPrintsReplaysStepByStep(t *testing.T) {
	code, out, _ := call("show", file(t, healthy))
	require.Equal(t, 0, code)
	require.Contains(t, out, "+0s f0 recv 2048 = 5\n")
	require.Contains(t, out, "# session 0: -- up 5/5 down 5/5")
	path := file(t, out)
	code, again, _ := call("replay", path)
	require.Equal(t, 0, code, again)
	require.Contains(t, again, "all as recorded")

	other := strings.Replace(out, "f0 recv 2048 = 5", "f0 recv 2000 = 5", 1)
	code, again, _ = call("replay", file(t, other))
	require.Equal(t, 1, code)
	require.Contains(t, again, "recorded `f0 recv 2000`, proxy did `f0 recv 2048`")
}

func TestShowListsTheSocketsAsTheyWereWhereTheRunEnds(t *testing.T) {
	code, out, _ := call("show", "-sockets", file(t, endless))
	require.Equal(t, 1, code)
	require.Regexp(t, `(?m)^# who  fd  state +recv-q +send-q\s*\n# l0 +0 +LISTEN +0 +128\s*\n# f0 +1 +CLOSE-WAIT `, out)
}

func TestShrinkLeavesWhatMatters(t *testing.T) {
	path := file(t, endless)
	small := filepath.Join(t.TempDir(), "small.trace")
	code, out, _ := call("shrink", "-o", small, path)
	require.Equal(t, 0, code)
	require.NotContains(t, out, "session 1")
	require.NotContains(t, out, "choose")
	require.Contains(t, out, "# replay: go run ./traces/cmd/trace replay "+small)
	code, out, _ = call("replay", small)
	require.Equal(t, 1, code)
	require.Contains(t, out, "I09 world\n")
	code, out, _ = call("shrink", small)
	require.Equal(t, 0, code)
	require.Equal(t, 1, strings.Count(out, "# replay: "), "%s", out)
	require.Contains(t, out, "# shrunk from 6 to 4 lines\n")

	bigger := strings.Replace(out, "world ", "world bufsize=100 ", 1)
	require.NotEqual(t, out, bigger)
	code, out, _ = call("shrink", file(t, strings.Replace(bigger, "session 0", "session 0 at=1ms", 1)+"session 1 client=close\n"))
	require.Equal(t, 0, code)
	require.Regexp(t, `# shrunk from 6 to 4 to [0-9]+ to [0-9]+ lines\n`, out)
}

func TestABadCallOfTraceIsOneClearLine(t *testing.T) {
	good, bad := file(t, healthy), file(t, "millrace 1\nworld bufsize=none\n")
	for _, c := range []struct {
		args []string
		says string
	}{
		{nil, "usage: trace show [-sockets] FILE"},
		{[]string{"replay"}, "trace: replay: expected one file"},
		{[]string{"dance", good}, `trace: unknown verb "dance"`},
		{[]string{"replay", file(t, "millrace 1\nworld bufsize=1 bufsize=2\n")}, ":2: expected each setting once, found \"bufsize=2\""},
		{[]string{"replay", "nowhere.trace"}, "trace: open nowhere.trace: no such file or directory"},
		{[]string{"show", bad}, "trace: " + bad + ":2: bufsize: expected"},
		{[]string{"shrink", good}, "passes, there is nothing to shrink"},
		{[]string{"replay", "-fast", good}, "flag provided but not defined"},
		{[]string{"shrink", file(t, "millrace 1\nlive\n+0s p0 wait never = 0\n")}, "only the trace of a world can be shrunk"},
	} {
		code, out, errs := call(c.args...)
		require.Equal(t, 2, code, "%v", c.args)
		require.Empty(t, out, "%v", c.args)
		require.Contains(t, errs, c.says, "%v", c.args)
	}
	code, out, _ := call("-h")
	require.Equal(t, 0, code)
	require.Contains(t, out, "usage: trace")
}

// TestAFileTellsTheTerminalNothing: control characters of a file are printed as what
// they are.
func TestAFileTellsTheTerminalNothing(t *testing.T) {
	path := file(t, strings.Replace(endless, "seed 0x1", "seed \x1b]0;owned\x07 \u202e0x1", 1))
	for _, verb := range []string{"replay", "show"} {
		var out, errs strings.Builder
		require.Equal(t, 1, Trace([]string{verb, path}, &out, &errs))
		require.NotContains(t, out.String(), "\x1b")
		require.NotContains(t, out.String(), "\x07")
		require.NotContains(t, out.String(), "\u202e")
		require.Contains(t, out.String(), `seed \x1b]0;owned\a \u202e0x1`)
	}
}

// TestAReplayTellsTurnsOnDemand, and otherwise only calls.
func TestAReplayTellsTurnsOnDemand(t *testing.T) {
	path := file(t, strings.Replace(endless, "steps=20", "steps=30", 1))
	_, plain, _ := call("replay", path)
	_, told, _ := call("replay", "-v", path)
	require.Contains(t, told, "  ; turn f0\n")
	require.Contains(t, told, "  ; task session 0 is woken by turn f0\n")
	require.Greater(t, strings.Count(told, "\n"), strings.Count(plain, "\n"))
}
