package simnet

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// hang is how long a world may take of the time outside it.
const hang = 30 * time.Second

// Bubble is the Within of a properties.Program whose Main is of Goroutines: it runs each world
// in a bubble of testing/synctest. With one of Coroutines it gives them the world's time as
// package time's. t is the test's, or any other's that lasts as long. Until it is over
// GOMAXPROCS is 1: then it is mostly the same goroutine that comes first where several run
// between two calls.
func Bubble(t testing.TB) func(run func()) error {
	procs := runtime.GOMAXPROCS(1)
	unlabel := labels()
	t.Cleanup(func() { runtime.GOMAXPROCS(procs); unlabel() })
	return func(run func()) (err error) {
		real, is := t.(*testing.T)
		if !is {
			return errors.New("a bubble needs a *testing.T")
		}
		hung := time.AfterFunc(hang, func() { panic(restless()) })
		defer hung.Stop()
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("goroutines of the program are left: %s (%v)", leftBehind(stacks()), r)
			}
		}()
		synctest.Test(real, func(*testing.T) { run() })
		return nil
	}
}

// labels has the stacks that a panic prints say which world they are of, and returns how to end that.
func labels() (undo func()) {
	const name = "GODEBUG"
	old, set := os.LookupEnv(name)
	os.Setenv(name, strings.TrimPrefix(old+",tracebacklabels=1", ","))
	return func() {
		if os.Setenv(name, old); !set {
			os.Unsetenv(name)
		}
	}
}

// restless says why a world does not go on.
func restless() string {
	all := stacks()
	why := "simnet: the program has not come to rest for " + hang.String() + ". "
	var locks []string
	for _, s := range all {
		head, _, _ := strings.Cut(s, "\n")
		if strings.Contains(head, "synctest bubble") && strings.Contains(head, "Mutex.") {
			locks = append(locks, s)
		}
	}
	if len(locks) == 0 {
		return why + "It runs for ever:\n\n" + strings.Join(all, "\n\n")
	}
	return why + "Goroutines wait for locks. That is no rest for a bubble: if nobody ever gives them back it is a deadlock\n" +
		"of the program's, and if their holders wait in a call what helps is\n" +
		"\tgo test -overlay \"$(go run millrace/simfd/simnet/cmd/overlay)\"\n\n" + strings.Join(locks, "\n\n")
}
