package kerneltest

import (
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
	require.NotEmpty(t, scripts)
	for _, s := range scripts {
		t.Run(s.Name, func(t *testing.T) {
			got := ""
			for try := range tries {
				if got = s.Run(boot(t, try)).String(); got == s.String() {
					return
				}
			}
			require.Equal(t, s.String(), got, "this kernel does not answer as Linux does")
		})
	}
}
