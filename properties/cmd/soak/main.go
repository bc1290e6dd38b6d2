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
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// config is what the command line asks for.
type config struct {
	length time.Duration
	seed   uint64
	seeds  uint64 // 0 = as many as fit
	procs  int
	dir    string
	first  bool // one failure is enough
}

func parse(args []string, stderr io.Writer) (config, error) {
	var c config
	fs := flag.NewFlagSet("soak", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.DurationVar(&c.length, "for", 20*time.Second, "how long to hunt")
	fs.Uint64Var(&c.seed, "seed", 0, "first seed; 0 takes one from the clock and prints it")
	fs.Uint64Var(&c.seeds, "seeds", 0, "how many worlds to run, however long it takes; 0 means as many as -for allows")
	fs.IntVar(&c.procs, "procs", runtime.NumCPU(), "how many worlds to run at once")
	fs.BoolVar(&c.first, "first", false, "stop when the first failure is found and shrunk")
	fs.StringVar(&c.dir, "o", "soak-failures", "directory for the traces of failures")
	err := fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(stderr, "usage: soak [-for 20s] [-seed S] [-seeds N] [-first] [-procs N] [-o DIR]")
		fs.SetOutput(stderr)
		fs.PrintDefaults()
	case err != nil:
	case fs.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q", fs.Arg(0))
	case c.procs < 1 || c.procs > 1024:
		err = fmt.Errorf("-procs %d: expected 1 to 1024", c.procs)
	case c.length <= 0:
		err = fmt.Errorf("-for %s: expected more than nothing", c.length)
	case c.dir == "":
		err = errors.New("-o: expected a directory")
	}
	if c.seed == 0 {
		c.seed = uint64(time.Now().UnixNano()) & (1<<48 - 1)
	}
	return c, err
}

func run(args []string, stdout, stderr io.Writer) int {
	cfg, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "soak:", err)
		return 2
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(stop)
	c := newCampaign(cfg, stderr)
	if err := c.writable(); err != nil {
		fmt.Fprintln(stderr, "soak:", err) // now, and not when there is something to write
		return 2
	}
	c.hunt(stop)
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
