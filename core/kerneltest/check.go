package kerneltest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Check runs every recorded script on machines that boot makes, and compares
// the answers with Linux's. A script that differs is run again, up to the given
// number of tries, which boot is told: a machine with a real network can wait
// longer for it then.
func Check(t *testing.T, tries int, boot func(t *testing.T, try int) Machine) {
	scripts, err := Recorded()
	require.NoError(t, err)
	product, err := RecordedProduct()
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	scripts = append(scripts, product...)
	for _, s := range scripts {
		t.Run(s.Name, func(t *testing.T) {
			diff := ""
			for try := range tries {
				if diff = Diff("linux", s, "here", s.Run(boot(t, try))); diff == "" {
					return
				}
			}
			t.Errorf("this kernel does not answer as Linux does\n\n%s", diff)
		})
	}
}

// Diff prints one script with two kernels' answers: a line on which they agree
// once, any other line twice, under the kernel's name. It is empty if they
// always agree.
func Diff(nameA string, a *Script, nameB string, b *Script) string {
	width := max(len(nameA), len(nameB))
	var out strings.Builder
	same := true
	for i := range a.lines {
		lineA, lineB := a.lines[i].String(), b.lines[i].String()
		if lineA == lineB {
			fmt.Fprintf(&out, "%*s  %s\n", width, "", lineA)
			continue
		}
		same = false
		fmt.Fprintf(&out, "%*s: %s\n%*s: %s\n", width, nameA, lineA, width, nameB, lineB)
	}
	if same {
		return ""
	}
	return out.String()
}
