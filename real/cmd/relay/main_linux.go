package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"
)

// The exit statuses.
const (
	exitDrained = 0
	exitKilled  = 1 // sessions were reset by order, or by the end of -drain-timeout
	exitUsage   = 2 // could not start
	exitBroken  = 3 // broke while running
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program, but for the exit.
func run(args []string, stdout, stderr io.Writer) (status int) {
	defer func() {
		if r := recover(); r != nil {
			complain(stderr, fmt.Errorf("panic: %v\n\n%s", r, debug.Stack()))
			status = exitBroken
		}
	}()
	hangups := catchHangups()
	opt, err := parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return answer(stdout, help())
	case errors.Is(err, errVersion):
		return answer(stdout, version()+"\n")
	}
	if err == nil {
		var s *service
		if s, err = start(opt, hangups, stdout); err == nil {
			return s.serve(stderr)
		}
	}
	complain(stderr, err)
	return exitUsage
}

// answer prints what was asked for.
func answer(stdout io.Writer, text string) int {
	if _, err := io.WriteString(stdout, text); err != nil {
		return exitUsage
	}
	return exitDrained
}

// complain prints an error. If that fails, or nobody reads it, the exit status
// must do.
func complain(stderr io.Writer, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = fmt.Fprintf(stderr, "relay: %v\n", err)
	}()
	select {
	case <-done:
	case <-time.After(lastWords):
	}
}
