package proxy

import (
	"fmt"
	"millrace/properties"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fingerprint is the hash of every call of many worlds, and of how they ended.
func fingerprint(t *testing.T) string {
	var b strings.Builder
	w := properties.NewWorld(Program)
	for seed := range uint64(40) {
		tr, src := Program.Generate(seed)
		f := w.Run(tr, src, properties.Options{Record: 1})
		fmt.Fprintf(&b, "%d %016x %v %v\n", seed, w.Recorder().Hash(), f, w.Outcomes())
	}
	return b.String()
}

const fingerprintEnv = "MILLRACE_FINGERPRINT"

// TestSameSeedSameBytes runs the same seeds in processes that differ in threads
// and garbage collection.
func TestSameSeedSameBytes(t *testing.T) {
	if os.Getenv(fingerprintEnv) != "" {
		fmt.Print(fingerprint(t))
		return
	}
	want := fingerprint(t)
	require.Equal(t, want, fingerprint(t), "twice in one process")
	for _, env := range [][]string{
		{"GOMAXPROCS=1", "GOGC=off"}, {"GOMAXPROCS=2", "GOGC=1"},
	} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestSameSeedSameBytes$")
		cmd.Env = append(append(os.Environ(), fingerprintEnv+"=1"), env...)
		out, err := cmd.Output()
		require.NoError(t, err, "%s", out)
		got, _, _ := strings.Cut(string(out), "PASS")
		require.Equal(t, want, got, "in a process with %v", env)
	}
}

// TestRecordedDecisionsAreTheWholeRun: a run from its decisions is the run.
func TestRecordedDecisionsAreTheWholeRun(t *testing.T) {
	w := properties.NewWorld(Program)
	for seed := range uint64(200) {
		tr, src := Program.Generate(seed)
		f := w.Run(tr, src, properties.Options{Record: 1})
		hash, ends := w.Recorder().Hash(), fmt.Sprint(w.Outcomes())
		tr = recorded(w, tr)
		again, err := parseBack(tr)
		require.NoError(t, err)
		f2 := w.Replay(again, properties.Options{Record: 1})
		require.Equal(t, fmt.Sprint(f), fmt.Sprint(f2))
		require.Equal(t, hash, w.Recorder().Hash(), "seed %d", seed)
		require.Equal(t, ends, fmt.Sprint(w.Outcomes()), "seed %d", seed)
	}
}
