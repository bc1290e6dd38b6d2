package properties_test

import (
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/properties"
	"millrace/traces"
)

// TestTheCommandThatIsPrintedWorksAnywhere: "go test ./..." runs the tests of a package in its
// directory, and who reads what they print is elsewhere. There the same words without the
// directory run no test at all, and pass.
func TestTheCommandThatIsPrintedWorksAnywhere(t *testing.T) {
	t.Run("it's (1+1)", func(t *testing.T) {
		p := &properties.Program{Name: "typed-shout", Main: shout, Level: true}
		p.Draw = drawHello(func(r traces.Script) traces.Script {
			return append(r, properties.Say("hello\n"), properties.Expect("HELLO\n"), traces.Act{Verb: traces.ShutW}, traces.Act{Verb: traces.EOF})
		})
		if flag.Lookup("millrace.replay").Value.String() != "" {
			properties.Check(t, p)
			return
		}
		t.Setenv("TMPDIR", t.TempDir())
		lines := strings.Split(strings.TrimSpace(check(t, p)), "\n")
		command := lines[len(lines)-1]
		path := command[strings.Index(command, "-millrace.replay ")+len("-millrace.replay "):]
		require.Contains(t, path, "'", "it has a blank or so in it, and is quoted")
		sh := exec.Command("sh", "-c", command)
		sh.Dir = t.TempDir()
		sh.Env = os.Environ()
		out, err := sh.CombinedOutput()
		require.Error(t, err, "%s: %s", command, out)
		require.Contains(t, string(out), "I73 peer\n", command)
		require.Contains(t, string(out), command, "and says the same again")
	})
}
