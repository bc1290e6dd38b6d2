package properties_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/properties"
	"millrace/properties/mistakes"
	_ "millrace/properties/programs" // whose traces are read
	_ "millrace/traces/proxytrace"   // and the proxy's
)

var mutants = flag.Bool("mutants", false, "break the core in many ways and see whether soak finds each")

// part lets who has little time attack with some of the mistakes, and with others the next
// time.
var part = flag.Int("part", 0, "with -mutants: 1 to 32, one of so many parts of the mistakes; 0 all")

// parts is how many there are: each mistake is a build of its own, and a hunt.
const parts = 32

// TestMistakesInSmallProgramsAreFound: by their own commands.
func TestMistakesInSmallProgramsAreFound(t *testing.T) {
	for _, m := range inPart(mistakes.Small) {
		eachMistake(t, []mistakes.Mistake{m.Mistake}, m.Command, func(t *testing.T, _ int, dir, program string) {
			found := filepath.Join(dir, "found")
			finds(t, program, "soak", "-first", "-procs", "1", "-seeds", "20000", "-seed", "1", "-o", found)
			n, text := smallest(t, found)
			t.Logf("%d lines\n%s", n, text)
			require.LessOrEqual(t, n, page)
		})
	}
}

// TestMistakesInTheCoreAreFound builds soak with each mistake in turn and lets
// it hunt for a few seconds: it must find it and shrink it to a page.
func TestMistakesInTheCoreAreFound(t *testing.T) {
	eachMistake(t, inPart(mistakes.Core), "soak", inTheCore)
}

// TestMistakesOfSeveralWorkersAreFound: what a world with one cannot show.
func TestMistakesOfSeveralWorkersAreFound(t *testing.T) {
	eachMistake(t, inPart(mistakes.Workers), "soak", inTheCore)
}

// TestHistoricMistakesAreFound: what happened to others.
func TestHistoricMistakesAreFound(t *testing.T) {
	eachMistake(t, inPart(mistakes.Historic), "soak", inTheCore)
}

// TestForeignMistakesAreFound: a rule is only as good as the mistakes that its author did
// not choose.
func TestForeignMistakesAreFound(t *testing.T) {
	eachMistake(t, inPart(mistakes.Readers), "soak", inTheCore)
}

// TestREADMESaysHowManyMistakesThereAre, and not how many there once were.
func TestREADMESaysHowManyMistakesThereAre(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	core := len(mistakes.Core) + len(mistakes.Workers) + len(mistakes.Historic) + len(mistakes.Readers)
	for _, words := range []string{
		fmt.Sprintf("break the core in %d ways,", core),
		fmt.Sprintf("simulated kernel in %d:", len(mistakes.Kernel)),
	} {
		require.True(t, strings.Contains(string(readme), words), "README does not say: %s", words)
	}
}

// inPart returns the mistakes whose turn it is, of the part that is asked for.
func inPart[M any](all []M) (list []M) {
	for i, m := range all {
		if *part == 0 || i%parts == (*part-1)%parts {
			list = append(list, m)
		}
	}
	return list
}

// inTheCore hunts for a mistake in the core: it is found, and made small.
func inTheCore(t *testing.T, _ int, dir, soak string) {
	// The first failure is mostly enough. If it cannot be made small, or is so rare that there is
	// none among so many worlds, there are others, elsewhere.
	for _, seed := range []string{"1", "1000001", "2000001", "3000001", "4000001"} {
		found := filepath.Join(dir, "found-"+seed)
		// By number and one after the other: a busy machine finds the same.
		code, out, err := mistakes.Run(t.Context(), soak, "-first", "-procs", "1", "-seeds", "120000", "-seed", seed, "-o", found)
		require.NoError(t, err)
		if code == 0 {
			t.Logf("not found from seed %s", seed)
			continue
		}
		require.Equal(t, mistakes.Found, code, "%s", out)
		n, text := smallest(t, found)
		t.Logf("%d lines\n%s", n, text)
		if n <= page {
			return
		}
	}
	t.Errorf("not found in a trace of %d lines", page)
}

// eachMistake builds a command with each mistake in turn, and has it hunted for with
// a folder to write to. As many are hunted at a time as there are processors: each is
// found by number, not by time.
func eachMistake(t *testing.T, list []mistakes.Mistake, command string, hunt func(t *testing.T, i int, dir, program string)) {
	if !*mutants {
		t.Skip("takes minutes: run with -mutants")
	}
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	for i, m := range list {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			hunt(t, i, dir, build(t, root, dir, m, command))
		})
	}
}

// finds runs a command that has to find something, and returns what it says.
func finds(t *testing.T, program string, args ...string) string {
	code, out, err := mistakes.Run(t.Context(), program, args...)
	require.NoError(t, err)
	require.NotZero(t, code, "not found:\n%s", out)
	require.Equal(t, mistakes.Found, code, "%s", out)
	return out
}

// build builds a command with a mistake in it.
func build(t *testing.T, root, dir string, m mistakes.Mistake, command string) string {
	text, err := os.ReadFile(filepath.Join(root, m.File))
	require.NoError(t, err)
	broken, err := m.Plant(text)
	require.NoError(t, err)
	program, err := mistakes.Build(t.Context(), root, dir, command, map[string][]byte{m.File: broken})
	require.NoError(t, err)
	return program
}

// page is how many lines can be read at a glance.
const page = 15

// smallest returns the shortest of the traces found, and how long it is.
func smallest(t *testing.T, dir string) (lines int, text string) {
	tr, err := mistakes.Smallest(dir)
	require.NoError(t, err)
	require.NotNil(t, tr, "nothing was written to %s", dir)
	return properties.Lines(tr), tr.String()
}
