package conform

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"

	"millrace/core/kerneltest"
	"millrace/properties/hunt"
	"millrace/real/loopback"
	"millrace/simfd/simulated"
)

// recorded is where the recorded scripts are, from the top of the source.
const recorded = "core/kerneltest/testdata"

// folder is where differences go if nothing else is said: among the recorded
// scripts only if it is the same Linux that would have answered those.
func folder() string {
	if info, err := os.Stat(recorded); err == nil && info.IsDir() && loopback.AsRecorded() {
		return recorded
	}
	return "conform-differences"
}

// linux is the trial of the simulated kernel.
var linux = kerneltest.Trial{
	Right: func(try int) kerneltest.Machine { return loopback.New(try) },
	Under: func() kerneltest.Machine { return simulated.New() },
	Tries: loopback.Tries,
}

// Run compares as arguments of a command line say, and returns the exit code. call is how
// the command is called that does this: a difference ends with the line that shows it again.
func Run(call string, args []string, stdout, stderr io.Writer) int {
	procs := 4 * runtime.NumCPU() // mostly they wait for acknowledgements
	mutate := false
	flags := func(fs *flag.FlagSet, _ *hunt.Config) {
		fs.BoolVar(&mutate, "mutate", false, "draw no scripts, but change recorded ones")
	}
	cfg, files, err := hunt.Command{Name: "conform", Dir: folder(), Procs: procs, Operands: " [FILE...]", Flags: flags}.Parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	agree := true
	switch {
	case err != nil:
	case len(files) > 0:
		agree, err = show(files, stdout)
	default:
		agree, err = compare(call, cfg, mutate, stdout, stderr)
	}
	if err != nil {
		fmt.Fprintln(stderr, "conform:", err)
		return 2
	}
	if !agree {
		return 1
	}
	return 0
}

// compare runs what is recorded and hunts for more.
func compare(call string, cfg hunt.Config, mutate bool, stdout, stderr io.Writer) (agree bool, err error) {
	if err := cfg.Writable(); err != nil {
		return false, err
	}
	c := newCampaign(call, cfg, stderr)
	c.mutate = mutate
	if err := c.recorded(); err != nil {
		return false, err
	}
	c.Run(c.worker)
	c.report(stdout)
	return len(c.found)+len(c.wrong) == 0, c.err
}

// show runs scripts and prints them with Linux's answers, and with the simulated
// kernel's where that differs.
func show(files []string, stdout io.Writer) (agree bool, err error) {
	agree = true
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return false, err
		}
		s, err := kerneltest.Parse(file, string(text))
		if err != nil {
			return false, err
		}
		r, err := linux.Run(s)
		if err != nil {
			return false, fmt.Errorf("%s: %w", file, err)
		}
		fmt.Fprintf(stdout, "== %s\n", file)
		switch r.Verdict {
		case kerneltest.Differs:
			fmt.Fprintf(stdout, "%s\nthe simulated kernel differs; %s\n", r.Diff, loopback.Kernel())
		case kerneltest.Unsteady:
			fmt.Fprintf(stdout, "%s\nLinux does not answer the same each time: this script shows nothing\n", r.Diff)
		default:
			fmt.Fprint(stdout, r.Right)
		}
		agree = agree && r.Verdict <= kerneltest.Late
		if diff := kerneltest.Diff("linux", r.Right, "file", s.Answered(r.Right)); diff != "" {
			agree = false
			fmt.Fprintf(stdout, "\nthe file has other answers:\n\n%s\n%s\n", diff, loopback.Kernel())
		}
	}
	return agree, nil
}
