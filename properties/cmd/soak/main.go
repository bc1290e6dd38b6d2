// Soak hunts for failures in simulated worlds, on all cores, for as long as it is
// told to.
//
//	go run ./properties/cmd/soak              about 20 seconds
//	go run ./properties/cmd/soak -for 8h      a night
//	go run ./properties/cmd/soak -seed 42 -seeds 1    one world
//
//	go run ./properties/cmd/soak -again 1     every world twice, and compared
//
// Every failure it finds is run once more in a new world, written to a file at once,
// then shrunk in place, and ends in a command that runs it again. One world in a
// hundred is run twice besides: one that is another run then is a failure too. Worlds
// run in processes of their own, so that an endless loop, or a stack or memory without
// end, is a failure like all others.
//
// The hash that it prints is of all worlds: it is the same for the same seeds, however
// many processes run them and in whatever order.
//
// It exits with 0 if nothing broke, 1 if something did, 2 if it was called wrongly, 3
// if it could not do its work.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"millrace/properties/cell"
	"millrace/properties/hunt"
)

func main() {
	cell.Serve()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// The exit codes.
const (
	nothing = iota
	found
	wrongCall
	brokenDown // a panic would be 2 otherwise
)

func run(args []string, stdout, stderr io.Writer) int {
	command := hunt.Command{Name: "soak", Dir: "soak-failures", Procs: runtime.NumCPU(), Flags: func(fs *flag.FlagSet, c *hunt.Config) {
		fs.Uint64Var(&c.Share, "again", 100, "run one world in so many twice, and compare; 0 is none")
		fs.BoolVar(&c.Back, "back", false, "from the last seed to the first; takes -seeds")
	}}
	cfg, _, err := command.Parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nothing
	}
	if err == nil {
		err = cfg.Writable()
	}
	if err != nil {
		fmt.Fprintln(stderr, "soak:", err)
		return wrongCall
	}
	c := newCampaign(cfg, stderr)
	c.Run(func() {
		defer func() {
			if r := recover(); r != nil {
				c.broken(fmt.Errorf("%v\n%s", r, debug.Stack()))
			}
		}()
		c.worker()
	})
	c.report(stdout)
	switch {
	case c.err != nil:
		fmt.Fprintln(stderr, "soak:", c.err)
		return brokenDown
	case len(c.found) > 0:
		return found
	}
	return nothing
}
