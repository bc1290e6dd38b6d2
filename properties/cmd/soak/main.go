// Soak hunts for failures in simulated worlds, on all cores, for as long as it is
// told to.
//
//	go run ./properties/cmd/soak              about 20 seconds
//	go run ./properties/cmd/soak -for 8h      a night
//	go run ./properties/cmd/soak -seed 42 -seeds 1    one world
//
// Every failure it finds is written to a file at once, then shrunk in place, and
// ends in a command that runs it again. It exits with 0 if nothing broke, 1 if
// something did, 2 if it was called wrongly.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"

	"millrace/properties/hunt"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	cfg, _, err := hunt.Command{Name: "soak", Dir: "soak-failures", Procs: runtime.NumCPU()}.Parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err == nil {
		err = cfg.Writable()
	}
	if err != nil {
		fmt.Fprintln(stderr, "soak:", err)
		return 2
	}
	c := newCampaign(cfg, stderr)
	c.Run(c.worker)
	c.report(stdout)
	if c.err != nil {
		fmt.Fprintln(stderr, "soak:", c.err)
		return 2
	}
	if len(c.found) > 0 {
		return 1
	}
	return 0
}
