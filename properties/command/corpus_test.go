package command

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/properties/programs"
)

// TestAGuidedHuntGrowsACorpusThatIsMadeSmall: by worlds that show what smaller ones do.
func TestAGuidedHuntGrowsACorpusThatIsMadeSmall(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "corpus")
	soak := func(code int, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		require.Equal(t, code, Soak(programs.Echo, args, &out, &errs), "%s%s", &out, &errs)
		return out.String()
	}
	first := soak(nothing, "-strategy", "guided", "-seed", "3", "-seeds", "1", "-corpus", dir, "-procs", "1", "-o", t.TempDir())
	require.Regexp(t, `(?m)^seeds +3 to 3$`, first)
	require.Regexp(t, `(?m)^new +\d+ things were seen that no world of a corpus shows; \d+ worlds show them all$`, first)
	files, err := filepath.Glob(filepath.Join(dir, "*.trace"))
	require.NoError(t, err)
	require.NotEmpty(t, files)

	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	double := filepath.Join(dir, "double.trace")
	require.NoError(t, os.WriteFile(double, append(text, "# longer\n"...), 0o666))
	merged := soak(nothing, "corpus", dir, t.TempDir())
	require.Regexp(t, `: \d+ worlds of \d+ show all \d+ things\n$`, merged)
	require.NoFileExists(t, double, "the same in more bytes")
	again := soak(nothing, "corpus", dir)
	of := regexp.MustCompile(`: (\d+) worlds of (\d+) show`).FindStringSubmatch(again)
	require.Equal(t, of[1], of[2], "nothing is left to drop")
}

func TestABadCallOfCorpusIsOneClearLine(t *testing.T) {
	other := filepath.Join(t.TempDir(), "x.trace")
	require.NoError(t, os.WriteFile(other, []byte("millrace 1\nworld program=lines\n"), 0o666))
	for _, c := range []struct {
		says string
		args []string
	}{
		{"usage: soak corpus DIR [FROM...]", []string{"corpus"}},
		{"not a world of the program", []string{"corpus", filepath.Dir(other)}},
		{"not a world of the program", []string{"-strategy", "guided", "-corpus", filepath.Dir(other)}},
		{"-corpus: expected -strategy guided too", []string{"-corpus", "x"}},
	} {
		var out, errs bytes.Buffer
		require.Equal(t, wrongCall, Soak(programs.Echo, c.args, &out, &errs))
		require.Contains(t, errs.String(), c.says)
		require.Empty(t, out.String())
	}
}

// TestWhatIsClaimedOfSmallWorldsIsSaid, and here it is that there is nothing to claim.
func TestWhatIsClaimedOfSmallWorldsIsSaid(t *testing.T) {
	var out, errs bytes.Buffer
	require.Equal(t, brokenDown, Soak(programs.Echo, []string{"-strategy", "exhaustive", "-seed", "5", "-seeds", "2", "-o", t.TempDir()}, &out, &errs), "%s%s", &out, &errs)
	require.Contains(t, out.String(), "seeds             5 to 6\n")
	require.Contains(t, out.String(), "tried             1 session, 1 accident, all orders of 0 scenarios: 0 states, complete but for 2 scenarios left out, 0 failures; nobody can look into the stack of a function\n")
}
