package loopback

import (
	"flag"
	"fmt"
	"math/bits"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"millrace/core/kerneltest"
	"millrace/simfd/simulated"
)

var update = flag.Bool("update", false, "record this kernel's answers in the conformance scripts")

// drawn is how many scripts are drawn if -rapid.checks says nothing else.
const drawn = 300

func init() {
	for name, value := range map[string]string{
		"rapid.checks":     fmt.Sprint(drawn),
		"rapid.shrinktime": "5s", // taking lines away, as we do, makes it shorter
	} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
}

var trial = kerneltest.Trial{
	Right: func(try int) kerneltest.Machine { return New(try) },
	Under: func() kerneltest.Machine { return simulated.New() },
	Tries: Tries,
}

// suite is the folder of package kerneltest, where answers are recorded.
var suite = filepath.Join("..", "..", "core", "kerneltest")

// TestLinuxAnswersAsRecorded runs the recorded scripts on the kernel that they
// were recorded on, or shows how another version of it differs.
func TestLinuxAnswersAsRecorded(t *testing.T) {
	if *update {
		record(t)
		return
	}
	kerneltest.Check(t, Tries, Elsewhere(), trial.Right)
}

// enough is how many scripts are drawn or mutated to find some that show something new.
const enough = 30_000

// record writes the scripts anew, if the kernel repeats its answers, and adds to
// the corpus what the others do not show.
func record(t *testing.T) {
	scripts, err := kerneltest.Recorded()
	require.NoError(t, err)
	product := kerneltest.Product()
	corpus, err := kerneltest.RecordedCorpus()
	require.NoError(t, err)
	var known kerneltest.Coverage
	for _, list := range [][]*kerneltest.Script{scripts, product, corpus} {
		for _, s := range list {
			require.NoError(t, known.Cover(s, simulated.New()))
		}
	}
	more, err := kerneltest.Corpus(&known, enough, [][]*kerneltest.Script{scripts, product, corpus}, trial.Under)
	require.NoError(t, err)
	corpus = append(corpus, more...)
	for _, list := range [][]*kerneltest.Script{scripts, product, corpus} {
		for i, s := range list {
			recorded, differs, err := trial.Record(s)
			require.NoError(t, err)
			require.Empty(t, differs, "%s is not deterministic on this kernel", s.Name)
			list[i] = recorded
		}
	}
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(suite, filepath.FromSlash(name)), []byte(text), 0o644))
	}
	for _, s := range scripts {
		write(kerneltest.Dir+"/"+s.Name+".txt", s.String())
	}
	write(kerneltest.ProductFile, kerneltest.PrintSections("# Each call in each state of a connection, with Linux's answers.\n", product))
	write(kerneltest.CorpusFile, kerneltest.PrintSections("# Drawn scripts that show what no other one does, with Linux's answers.\n", corpus))
	write(kerneltest.VersionFile, Release()+"\n")
}

// scripts draws scripts, as text, which is what a failure prints.
var scripts = rapid.Custom(func(t *rapid.T) string {
	return kerneltest.DrawFrom(func(n int) int { return evenly(t, n) }).String()
})

// evenly draws one of the first n numbers, and shrinks towards 0. Numbers that rapid
// draws are mostly small ones, of which scripts are made that are all alike.
func evenly(t *rapid.T, n int) int {
	bits, v := bits.Len(uint(n))+3, 0
	for range bits {
		v <<= 1
		if rapid.Bool().Draw(t, "bit") {
			v++
		}
	}
	return v * n >> bits
}

// TestTheSimulatorAnswersAsLinux compares the two kernels on scripts drawn at
// random. A difference is shrunk, printed, and added to the recorded scripts.
func TestTheSimulatorAnswersAsLinux(t *testing.T) {
	var last *kerneltest.Script // that differs
	var elsewhere string        // a difference on another version of Linux
	var unsteady []string       // what Linux does not repeat
	defer func() {
		if last != nil {
			added(t, last)
		}
	}()
	rapid.Check(t, func(t *rapid.T) {
		s, err := kerneltest.Parse("drawn", scripts.Draw(t, "script"))
		require.NoError(t, err)
		r, err := trial.Run(s)
		require.NoError(t, err)
		switch r.Verdict {
		case kerneltest.Unsteady:
			unsteady = append(unsteady, r.Diff)
		case kerneltest.Differs:
			if Elsewhere() != "" {
				elsewhere = r.Diff
				return
			}
			last = s
			t.Fatalf("the kernels differ:\n%s", r.Diff)
		}
	})
	for _, diff := range unsteady {
		t.Logf("not deterministic on this kernel:\n%s", diff)
	}
	if elsewhere != "" {
		t.Skipf("%s\n\n%s", Elsewhere(), elsewhere)
	}
}

// added says how a script differs and adds what matters of it to the recorded ones.
func added(t *testing.T, s *kerneltest.Script) {
	least, err := trial.Shrink(s, func() bool { return false })
	require.NoError(t, err)
	file, err := least.Add(filepath.Join(suite, kerneltest.Dir))
	require.NoError(t, err)
	file, err = filepath.Rel(filepath.Join("..", ".."), file)
	require.NoError(t, err)
	t.Errorf("the kernels differ; what matters of it:\n\n%s\n%s\nit is recorded now; again:\n    go run ./properties/cmd/conform %s",
		least.Diff, Kernel(), file)
}
