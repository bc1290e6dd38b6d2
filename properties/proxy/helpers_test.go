package proxy

import (
	"flag"
	"millrace/properties"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/streamif"
	"millrace/traces"
)

var (
	seeds  = flag.Int("seeds", 3000, "how many seeds TestSeedsKeepEveryInvariant runs")
	first  = flag.Uint64("first", 1, "the first of them")
	update = flag.Bool("update", false, "write golden files")
)

// parse reads a trace written in a test.
func parse(t testing.TB, text string) *traces.Trace {
	t.Helper()
	tr, err := traces.Parse(t.Name(), []byte(traces.Magic+"\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// failedDir is where the traces of failed tests go: outside the tree, and kept.
var failedDir = filepath.Join(os.TempDir(), "millrace-failures")

// report shrinks a failing trace, writes it, and ends the test with the
// explanation, which has the command that runs it again.
func report(t testing.TB, tr *traces.Trace, f *properties.Failure) {
	t.Helper()
	tr.Fail = f.Line()
	path := filepath.Join(failedDir, properties.FileName(tr))
	small := properties.Shrink(tr, path, nil)
	write(t, path, small)
	var b strings.Builder
	properties.Explain(&b, small, path, false)
	t.Fatal(b.String())
}

// recorded returns the trace with the decisions of the run that w just made.
func recorded(w *properties.World, tr *traces.Trace) *traces.Trace {
	c := *tr
	c.Decisions = slices.Clone(w.Decisions())
	return &c
}

// parseBack prints a trace and parses what was printed.
func parseBack(tr *traces.Trace) (*traces.Trace, error) {
	return traces.Parse("printed", tr.AppendText(nil))
}

// save writes a failing trace, unshrunk, and returns what to say about it.
func save(t testing.TB, tr *traces.Trace) string {
	path := filepath.Join(failedDir, properties.FileName(tr))
	write(t, path, tr)
	return tr.Fail + "\n" + Program.Command(path)
}

// write puts a trace where failures go.
func write(t testing.TB, path string, tr *traces.Trace) {
	t.Helper()
	if err := os.MkdirAll(failedDir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, tr.AppendText(nil), 0o666); err != nil {
		t.Fatal(err)
	}
}

// golden compares a text with what a file has, or writes it there with -update.
func golden(t testing.TB, path, text string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), text)
}

// outcome is how a session ended for all three.
type outcome struct {
	properties.Outcome
	Reason streamif.Reason
	Ended  bool
	story  string
}

// String prints it as a trace's reader gets it.
func (o outcome) String() string { return o.story }

// ended returns how a session of a run ended.
func ended(w *properties.World, label int) outcome {
	reason, _, over := Reason(w, label)
	return outcome{w.Outcomes()[label], reason, over, w.Story(label)}
}
