package simnet_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/properties"
	"millrace/simfd/simnet"
)

// listening is a test that wants to know what would be said.
type listening struct {
	testing.TB
	failed string
}

func (t *listening) Logf(string, ...any) {}

func (t *listening) Fatalf(format string, args ...any) {
	t.failed = fmt.Sprintf(format, args...)
	panic(t)
}

// checked returns how Check fails, "" if it does not.
func checked(t *testing.T, p *properties.Program) string {
	l := &listening{TB: t}
	func() {
		defer func() {
			if r := recover(); r != nil && r != any(l) {
				panic(r)
			}
		}()
		properties.Check(l, p)
	}()
	return l.failed
}

// with has a flag of the test's for a while.
func with(t *testing.T, name, value string) (back func()) {
	f := flag.Lookup(name).Value
	was := f.String()
	require.NoError(t, f.Set(value))
	return func() { f.Set(was) }
}

func TestAFailureIsKeptAndReplayedAndARegressionTest(t *testing.T) {
	for _, way := range ways(t) {
		t.Chdir(t.TempDir())
		main := way.main(simnet.Serve(impatient))
		p := &properties.Program{Name: "kept-" + way.name, Within: way.within, Gets: properties.Echoed, Main: func(h core.Host) { main(h) }}
		failed := checked(t, p)
		require.Contains(t, failed, "I29 peer")
		require.Regexp(t, `; conn f\d Write \d+ = \d+, i/o timeout`, failed, "calls as package net has them")
		require.Contains(t, failed, "planted_test.go:", "the line that made the last calls is there")
		lines := strings.Split(strings.TrimSpace(failed), "\n")
		command := lines[len(lines)-1]
		require.Regexp(t, `^go test -C /\S+/simnet -run '\^TestAFailureIsKeptAndReplayedAndARegressionTest\$' -millrace.replay \S+\.trace$`, command)
		path := command[strings.LastIndexByte(command, ' ')+1:]

		back := with(t, "millrace.replay", path)
		require.Contains(t, checked(t, p), "I29 peer", "what the command does")
		back()

		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.Remove(path))
		dir := filepath.Join("testdata", "regress", p.Name)
		require.NoError(t, os.MkdirAll(dir, 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "twice.trace"), text, 0o666))
		back = with(t, "millrace.seeds", "0")
		require.Contains(t, checked(t, p), "I29 peer", "the kept trace is tried first")
		main = way.main(simnet.Serve(echo))
		require.Empty(t, checked(t, p), "and passes when the program is mended")
		back()
	}
}
