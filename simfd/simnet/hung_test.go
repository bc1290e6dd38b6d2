package simnet_test

import (
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/properties"
	"millrace/traces"
)

// lostTo is a loop that is lost to something once it has been told of anything.
func lostTo(to func()) func(h core.Host) {
	return func(h core.Host) {
		poll, door, ready := h.Poller(), h.Listener(), make([]core.Ready, 4)
		poll.Set(core.Key(door.Num()), 0, core.EvIn)
		for {
			if n, _, e := poll.Wait(ready, 0); e == core.ECANCELED {
				break
			} else if n > 0 {
				to()
			}
		}
		door.Close()
	}
}

var sum int

// spin computes without end.
func spin() {
	for {
		sum++
	}
}

// lock waits for what nobody gives back.
func lock() {
	var mu sync.Mutex
	mu.Lock()
	mu.Lock()
}

// TestWhoDoesNotComeBackToHisWorldIsShown, with the command that shows it again: the test ends, and
// not after ten minutes.
func TestWhoDoesNotComeBackToHisWorldIsShown(t *testing.T) {
	loop := &properties.Program{Name: "spins", Level: true, Main: lostTo(spin)}
	one := traces.Session{Client: traces.Script{properties.Say("text"), {Verb: traces.EOF}}}
	for name, c := range map[string]struct {
		check       func(t *testing.T)
		again, busy string
	}{
		"a loop": {func(t *testing.T) { properties.Check(t, loop) }, ` -millrace\.seed \d+ -millrace\.seeds 1`, "simnet_test.spin("},
		"a lock": {func(t *testing.T) {
			properties.Check(t, &properties.Program{Name: "locks", Level: true, Main: lostTo(lock)})
		}, ` -millrace\.seed \d+ -millrace\.seeds 1`, "simnet_test.lock("},
		"a scenario": {func(t *testing.T) {
			tr := loop.Scenario()
			tr.Sessions = []traces.Session{one}
			properties.CheckWorld(t, loop, tr, 5) // with which it is run without accidents first
		}, `\n\nWith accidents of seed \d+:\nmillrace 1\n(.*\n)*session 0 client=say`, "simnet_test.spin("},
	} {
		t.Run(name, func(t *testing.T) {
			const mark = "MILLRACE_HANGS"
			if os.Getenv(mark) != "" {
				c.check(t)
				return
			}
			cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$", "-millrace.hung", "500ms", "-test.timeout", "1m")
			cmd.Env = append(os.Environ(), mark+"=1")
			out, err := cmd.CombinedOutput()
			require.Error(t, err)
			require.Contains(t, string(out), "I65 the program under test has not come back to its world for 500ms")
			require.Regexp(t, `again    go test -C \S+ -run '\^\w+\$/\^\w+\$'`+c.again, string(out))
			require.Contains(t, string(out), c.busy)
		})
	}
}
