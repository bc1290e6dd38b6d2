package simnet_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/properties"
	"millrace/simfd/simnet"
)

// TestAPanicOfAGoroutineSaysWhichWorldItWas, though it ends the process: with the command that shows
// it again.
func TestAPanicOfAGoroutineSaysWhichWorldItWas(t *testing.T) {
	const name = "MILLRACE_PANICS"
	if os.Getenv(name) != "" {
		properties.Check(t, &properties.Program{Name: "panics", Within: simnet.Bubble(t), Main: simnet.Goroutines(func(n *simnet.Net) {
			for !n.Ended() {
				if c, err := n.Listener().Accept(); err == nil {
					go panic("mine")
					c.Close()
				}
			}
		})})
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), name+"=1")
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "panic: mine")
	require.Regexp(t, `labels:\{"again": "go test -C \S+ -run '\^`+t.Name()+`\$' -millrace\.seed \d+ -millrace\.seeds 1"\}`, string(out))
}
