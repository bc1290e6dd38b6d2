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
// longer for it then. If the kernel is one from which a difference is no failure,
// elsewhere says so; it is empty otherwise.
func Check(t *testing.T, tries int, elsewhere string, boot func(try int) Machine) {
	scripts, err := AllRecorded()
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	for _, s := range scripts {
		t.Run(s.Name, func(t *testing.T) {
			diff := ""
			for try := range tries {
				got, err := s.Run(boot(try))
				require.NoError(t, err)
				if diff = Diff("here", got, "linux", s); diff == "" {
					return
				}
			}
			if elsewhere != "" {
				t.Skipf("%s\n\n%s", elsewhere, diff)
			}
			t.Errorf("this kernel does not answer as Linux does\n\n%s", diff)
		})
	}
}

// Diff prints one script with two kernels' answers, the second of which may be
// sets: a line on which they agree once, any other line twice, under the kernel's
// name. It is empty if they always agree.
func Diff(nameA string, a *Script, nameB string, b *Script) string {
	width := max(len(nameA), len(nameB))
	var out strings.Builder
	same := true
	for i, l := range a.lines {
		lineA, lineB := l.String(), b.lines[i].String()
		if lineA == lineB || l.step != nil && allows(b.lines[i].step.Answer, l.step.Answer) {
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
