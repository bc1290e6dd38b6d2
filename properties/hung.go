package properties

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

var flagHung = flag.Duration("millrace.hung", time.Minute, "the test ends when a program has not come back to its world for so long; 0 is never")

// attended runs worlds, and has the process end, as a panic has it, if a program under test does
// not come back to one: no world can end a computation that makes no call, nor a wait for what is
// not of the world. Go's own limit for a test is ten times as long, and whoever reads what it
// prints does not learn which world it was. again is the command that shows it.
//
// What other tests run at the same time counts as coming back. A bubble has a limit of its own,
// which is shorter and knows what a bubble waits for: see simnet.Bubble.
func attended(again func() string, do func()) {
	over := make(chan struct{})
	defer close(over)
	if *flagHung > 0 {
		go attend(again, *flagHung, over)
	}
	do()
}

// attend counts its own looks, and not the time: a machine that stands still, or a debugger in
// which all of the process does, is no fault of the program's.
func attend(again func() string, limit time.Duration, over <-chan struct{}) {
	const looks = 50
	every := time.NewTicker(max(limit/looks, 1))
	defer every.Stop()
	begun, turns := Alive()
	for n := 1; ; n++ {
		select {
		case <-over:
			return
		case <-every.C:
		}
		if b, t := Alive(); b != begun || t != turns {
			begun, turns, n = b, t, 0
		}
		if n >= looks {
			what := fmt.Sprintf("I65 the program under test has not come back to its world for %s: it computes "+
				"without a call, or waits for what is not of that world", limit)
			fmt.Fprintf(os.Stderr, "%s\nagain    %s\n\n%s\n\n", what, again(), suspects()) // which a panic would indent
			panic(what)
		}
	}
}

// suspects are the stacks of all goroutines that run, and of those in a world, or on which a Main
// is.
func suspects() string {
	buf := make([]byte, 1<<20)
	var list []string
	for s := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		head, _, _ := strings.Cut(s, "\n")
		runs := strings.Contains(head, "[run")
		if !strings.Contains(s, "properties.attend(") && (runs || strings.Contains(head, "synctest") || strings.Contains(s, "properties.(*World).") || strings.Contains(s, "properties.newBlocking")) {
			list = append(list, s)
		}
	}
	return strings.Join(list, "\n\n")
}
