package properties_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/properties"
	"millrace/properties/programs"
	"millrace/traces"
)

// planted says to a process of these tests that its fuzz target is there to fail.
const planted = "MILLRACE_FUZZ_PLANTED"

// FuzzShout fuzzes a program that forgets the rest of a short write, from nothing.
func FuzzShout(f *testing.F) {
	properties.BeginWithNothing()
	fuzzPlanted(f, "fuzzed-shout", shout, `say:"hello\n",expect:"HELLO\n",shutw,eof,close`)
}

// FuzzForgetful fuzzes one in whose worlds two accidents must meet.
func FuzzForgetful(f *testing.F) {
	fuzzPlanted(f, "fuzzed-forgetful", forgetful, "send:3,recv:3,send:3,shutw,eof,close")
}

func fuzzPlanted(f *testing.F, name string, main func(core.Host), client string) {
	if os.Getenv(planted) == "" {
		f.Skip("it fails, and is there for a test that runs it")
	}
	script, err := traces.ParseScript(client)
	require.NoError(f, err)
	p := &properties.Program{Name: name, Main: main, Level: true}
	p.Draw = drawHello(func(traces.Script) traces.Script { return script })
	properties.Fuzz(f, p)
}

// fuzzed runs a command that fuzzes, and returns the trace that it finds.
func fuzzed(t *testing.T, target, dir string, command ...string) (path string) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), planted+"=1", "TMPDIR="+dir)
	out, err := cmd.CombinedOutput()
	require.Error(t, err, "nothing was found\n%s", out)
	require.NotContains(t, string(out), "failure while testing seed corpus entry", "it begins with what passes")
	repro := regexp.MustCompile(`go test -run '\^` + target + `\$' -millrace.replay (\S+\.trace)`).FindSubmatch(out)
	require.NotNil(t, repro, "%s", out)
	return string(repro[1])
}

// TestGosFuzzerFindsWhatABeginnerForgets, and what it finds is a trace like any other. The
// binary of this test is not made for fuzzing: nothing guides it.
func TestGosFuzzerFindsWhatABeginnerForgets(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	t.Chdir(t.TempDir()) // where the fuzzer leaves what it found
	dir := t.TempDir()
	path := fuzzed(t, "FuzzShout", dir, self, "-test.run=^$", "-test.fuzz=^FuzzShout$", "-test.fuzztime=60s", "-test.fuzzcachedir="+dir, "-test.parallel=1")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(text), "choose f0 ")
	require.Contains(t, string(text), "-run '^FuzzShout$' -millrace.replay ")
	require.LessOrEqual(t, strings.Count(string(text), "\n"), 10, "it is made small:\n%s", text)
	again := exec.Command(self, "-test.run=^FuzzShout$", "-millrace.replay="+path)
	again.Env = append(os.Environ(), planted+"=1")
	out, err := again.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "last steps")
}

// TestBytesSayWhatWasDecided: what a world's decisions are turned into makes that world,
// but where an accident comes too late, or is too large, for four bytes.
func TestBytesSayWhatWasDecided(t *testing.T) {
	for _, p := range []*properties.Program{programs.Echo, programs.Lines} {
		same := p.AsBytes(200)
		t.Logf("%s: %d of 200", p.Name, same)
		require.Greater(t, same, 100)
	}
}
