package proxy

import (
	"millrace/properties"
	"millrace/traces/proxytrace"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/traces"
)

// TestEveryRecordedWorldReplaysInThePlayer: the proxy, fed the answers that a
// world gave it, makes the same calls again without any world.
func TestEveryRecordedWorldReplaysInThePlayer(t *testing.T) {
	w := properties.NewWorld(Program)
	for seed := range uint64(800) {
		tr, src := Program.Generate(seed)
		if proxytrace.Handshakes(&tr.Settings) {
			continue // their bytes are not in a recording
		}
		if tr.Settings[proxytrace.MaxPerClient] != 0 {
			continue // nor is where they come from
		}
		tr.Settings[traces.Reload] = 0 // nor another list of servers
		tr.Settings[traces.Workers] = 1
		if f := w.Run(tr, src, properties.Options{Record: -1}); f != nil {
			report(t, recorded(w, tr), f)
		}
		live := &traces.Trace{Live: true, Settings: tr.Settings}
		w.Recorder().Fill(live)
		back, err := parseBack(live)
		require.NoError(t, err, "seed %d", seed)
		r, f, err := properties.Play(back)
		require.NoError(t, err, "seed %d", seed)
		require.Nil(t, f, "seed %d", seed)
		require.True(t, r.Same(), "seed %d: %s", seed, r)
	}
}

// TestRegress runs the traces of all that ever failed. Each says in its head
// what it was; here they pass.
func TestRegress(t *testing.T) {
	files, err := filepath.Glob("testdata/regress/*.trace")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".trace"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			tr, err := traces.Parse(path, text)
			require.NoError(t, err)
			require.NotEmpty(t, tr.Comments, "say what it was")
			var b strings.Builder
			if properties.Explain(&b, tr, filepath.Join("properties/proxy", path), false) != nil {
				t.Fatal(b.String())
			}
		})
	}
}

// TestThePrintedCommandReproduces follows a failure from the hunt to the shell:
// the world of this trace is not given the steps it needs, which the checker
// takes for a world without an end.
func TestThePrintedCommandReproduces(t *testing.T) {
	tr := parse(t, "world steps=60\n"+
		"session 0 client=send:2000,shutw,eof,close\n"+
		"session 1 client=send:9000,shutw,eof,close\n"+
		"choose f0 short-read 0 = 17\n")
	w := properties.NewWorld(Program)
	f := w.Replay(tr, properties.Options{})
	require.NotNil(t, f)
	tr.Fail = f.String()
	path := filepath.Join(t.TempDir(), properties.FileName(tr))
	small := properties.Shrink(tr, path, nil)
	require.Len(t, small.Sessions, 1)
	require.Empty(t, small.Decisions)
	require.NoError(t, os.WriteFile(path, small.AppendText(nil), 0o666))

	last := small.Comments[len(small.Comments)-1]
	command, ok := strings.CutPrefix(last, "replay: ")
	require.True(t, ok, "the head of the trace ends with the command: %q", last)
	sh := exec.Command("sh", "-c", command)
	sh.Dir = "../.." // from the top of the repository, as it is printed
	out, err := sh.CombinedOutput()
	require.Error(t, err)
	require.Equal(t, 1, sh.ProcessState.ExitCode(), "%s", out)
	require.Contains(t, string(out), "I09 world\n  no end after 60 steps")
	require.Contains(t, string(out), command)
	require.Contains(t, string(out), "b0 recv 16384 = ")
}

// TestAFailureIsTheSameInEveryRun: what a trace fails with does not depend on
// who runs it, which is what deduplication and shrinking rest on.
func TestAFailureIsTheSameInEveryRun(t *testing.T) {
	tr := parse(t, "world steps=100 poller=edge\nsession 0 client=send:60000,shutw,eof,close\n")
	want := properties.NewWorld(Program).Replay(tr, properties.Options{}).String()
	w := properties.NewWorld(Program)
	for range 3 {
		w.Hunt(99)
		require.Equal(t, want, w.Replay(tr, properties.Options{Record: -1}).String())
	}
}
