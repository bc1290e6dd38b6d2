package real

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"millrace/core/kerneltest"
	"millrace/simfd/simulated"
)

var (
	update   = flag.Bool("update", false, "record this kernel's answers in the conformance scripts")
	seeds    = flag.Int("conformance.seeds", 100, "how many scripts to draw")
	seedFrom = flag.Uint64("conformance.seed", 1, "the seed of the first one")
)

// waits is how long the network is left alone after each step, at the first
// try of a script and at those that follow if it differs: on a busy machine what
// a call causes may happen later than the next call.
var waits = [...]time.Duration{0, 2 * time.Millisecond, 20 * time.Millisecond}

// TestLinuxAnswersAsRecorded runs the recorded scripts on the kernel that they
// were recorded on, or on another version of it.
func TestLinuxAnswersAsRecorded(t *testing.T) {
	if *update {
		record(t)
		return
	}
	kerneltest.Check(t, len(waits), func(t *testing.T, try int) kerneltest.Machine {
		return boot(t, waits[try])
	})
	if t.Failed() {
		recorded, err := os.ReadFile(versionFile)
		require.NoError(t, err)
		t.Errorf("the answers were recorded on Linux %s, and this is Linux %s", strings.TrimSpace(string(recorded)), release(t))
	}
}

// versionFile says which Linux the answers were recorded on.
var versionFile = filepath.Join("..", "core", "kerneltest", kerneltest.Dir, "linux.version")

// release is the version of the kernel that runs, without what its builder added.
func release(t *testing.T) string {
	var u unix.Utsname
	require.NoError(t, unix.Uname(&u))
	version, _, _ := strings.Cut(unix.ByteSliceToString(u.Release[:]), "-")
	return version
}

// record writes the scripts anew, with all the patience there is.
func record(t *testing.T) {
	scripts, err := kerneltest.Recorded()
	require.NoError(t, err)
	patient := func(s *kerneltest.Script) *kerneltest.Script { return s.Run(boot(t, waits[len(waits)-1])) }
	write := func(name, text string) {
		file := filepath.Join("..", "core", "kerneltest", filepath.FromSlash(name))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	for _, s := range scripts {
		write(kerneltest.Dir+"/"+s.Name+".txt", patient(s).String())
	}
	product := kerneltest.Product()
	for i, s := range product {
		product[i] = patient(s)
	}
	require.NoError(t, os.WriteFile(versionFile, []byte(release(t)+"\n"), 0o644))
	write(kerneltest.ProductFile, kerneltest.PrintSections("# Each call in each state of a connection, with Linux's answers.\n", product))
}

// TestTheSimulatorAnswersAsLinux compares the two kernels on scripts drawn at
// random. A failing one is printed in full, and once more as short as it can be.
func TestTheSimulatorAnswersAsLinux(t *testing.T) {
	for seed := *seedFrom; seed < *seedFrom+uint64(*seeds); seed++ {
		t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) {
			s := kerneltest.Draw(seed)
			all := compare(t, s, waits[:])
			if all == "" {
				return
			}
			least := kerneltest.Shrink(s, func(s *kerneltest.Script) bool { return compare(t, s, waits[:2]) != "" })
			t.Errorf("the kernels differ; what matters of it, and all of it:\n\n%s\n%s\nagain: "+
				"go test ./real -run TestTheSimulatorAnswersAsLinux -conformance.seed %d -conformance.seeds 1",
				compare(t, least, waits[2:]), all, seed)
		})
	}
}

// compare returns in which answers the kernels disagree, however long one waits.
func compare(t *testing.T, s *kerneltest.Script, waits []time.Duration) (diff string) {
	got := s.Run(simulated.New())
	for _, quiet := range waits {
		if diff = kerneltest.Diff("linux", s.Run(boot(t, quiet)), "sim", got); diff == "" {
			break
		}
	}
	return diff
}
