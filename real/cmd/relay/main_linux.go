package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

// The exit statuses.
const (
	exitDrained = 0
	exitKilled  = 1 // or failed while running
	exitUsage   = 2 // could not start
	exitBroken  = 3 // found a bug of its own
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program, but for the exit.
func run(args []string, stdout, stderr io.Writer) int {
	opt, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		if _, err := io.WriteString(stdout, help()); err != nil {
			return exitUsage
		}
		return exitDrained
	}
	if err == nil {
		var s *service
		if s, err = start(opt, stdout); err == nil {
			return s.serve(stderr)
		}
	}
	complain(stderr, err)
	return exitUsage
}

// complain prints an error. If even that fails the exit status must do.
func complain(stderr io.Writer, err error) {
	_, _ = fmt.Fprintf(stderr, "relay: %v\n", err)
}
