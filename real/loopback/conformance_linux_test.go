package loopback

import (
	"flag"
	"fmt"
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
	if err := flag.Set("rapid.checks", fmt.Sprint(drawn)); err != nil {
		panic(err)
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
// were recorded on, or on another version of it.
func TestLinuxAnswersAsRecorded(t *testing.T) {
	if *update {
		record(t)
		return
	}
	kerneltest.Check(t, Tries, trial.Right)
	if t.Failed() {
		t.Error(Kernel())
	}
}

// record writes the scripts anew, if the kernel repeats its answers.
func record(t *testing.T) {
	scripts, err := kerneltest.Recorded()
	require.NoError(t, err)
	product := kerneltest.Product()
	for _, list := range [][]*kerneltest.Script{scripts, product} {
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
	write(kerneltest.VersionFile, Release()+"\n")
}

// TestTheSimulatorAnswersAsLinux compares the two kernels on scripts drawn at
// random. A difference is shrunk, printed, and added to the recorded scripts.
func TestTheSimulatorAnswersAsLinux(t *testing.T) {
	var last *kerneltest.Script // that differs
	defer func() {
		if last == nil {
			return
		}
		least, err := trial.Shrink(last, func() bool { return false })
		require.NoError(t, err)
		file, err := least.Add(filepath.Join(suite, kerneltest.Dir))
		require.NoError(t, err)
		t.Errorf("the kernels differ; what matters of it:\n\n%s\n%s\nit is in %s now; again:\n    go run ./properties/cmd/conform %[3]s",
			least.Diff, Kernel(), file)
	}()
	rapid.Check(t, func(t *rapid.T) {
		s := kerneltest.DrawFrom(func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "choice") })
		r, err := trial.Run(s)
		require.NoError(t, err)
		switch r.Verdict {
		case kerneltest.Unsteady:
			t.Logf("not deterministic on this kernel:\n%s", r.Diff)
		case kerneltest.Differs:
			last = s
			t.Fatalf("the kernels differ:\n%s", r.Diff)
		}
	})
}
