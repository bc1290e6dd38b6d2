package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// Exit codes.
const (
	done   = 0
	failed = 1
	wrong  = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

const usage = `usage: beside [-rounds N] [-units F] [-only NAME,...] [-relay FILE] [-before FILE]

What a relay costs for one unit of each workload, beside HAProxy and a relay in C that does as
little as it can: microseconds of processor time, medians of the rounds, with their quartiles.
Of "flood" it is the time that a round trip of an established connection takes in a flood of
TLS handshakes, the slowest in a hundred, and of "flooding" that for each of these, as they go by.
HAProxy and cc are used if they are installed.

`

func run(args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("beside", flag.ContinueOnError)
	fs.SetOutput(stderr)
	rounds := fs.Int("rounds", 21, "how often each relay has its turn with each workload")
	units := fs.Float64("units", 1, "how much of each workload is one turn, times the usual, which takes 10 to 50 ms")
	only := fs.String("only", "", "workloads, of "+strings.Join(names(), ","))
	relay := fs.String("relay", "", "the relay to measure; without it this module's is built")
	before := fs.String("before", "", "another build of it, to be compared with")
	fs.Usage = func() {
		fmt.Fprint(stderr, usage)
		fs.PrintDefaults()
	}
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return done
	case err != nil:
		return wrong
	case fs.NArg() > 0 || *rounds < 1 || *units <= 0:
		fmt.Fprintf(stderr, "beside: nothing is expected but flags, at least a round, and units above 0; -h says more\n")
		return wrong
	}
	loads, err := chosen(*only, *units)
	if err != nil {
		fmt.Fprintln(stderr, "beside:", err)
		return wrong
	}
	if err := compare(stdout, stderr, *relay, *before, loads, *rounds); err != nil {
		fmt.Fprintln(stderr, "beside:", err)
		return failed
	}
	return done
}

// chosen returns the workloads of a list of names, all for none, with those that they are
// compared with.
func chosen(only string, units float64) (list []*load, err error) {
	wanted := strings.Split(only, ",")
	for _, w := range wanted {
		if only != "" && !slices.Contains(names(), w) {
			return nil, fmt.Errorf("no workload %q: there are %s", w, strings.Join(names(), ", "))
		}
	}
	for i, l := range loads {
		beside := i+1 < len(loads) && loads[i+1].how == extra && slices.Contains(wanted, loads[i+1].name)
		if only == "" || slices.Contains(wanted, l.name) || beside {
			l.units = max(1, int(float64(l.units)*units))
			list = append(list, &l)
		}
	}
	return list, nil
}

// compare measures all and prints the table.
func compare(stdout, stderr io.Writer, relay, before string, list []*load, rounds int) (err error) {
	if err := keepTo(loadCPU); err != nil {
		return err
	}
	o, err := newOrigin()
	if err != nil {
		return err
	}
	defer o.close()
	var needed [ways]bool
	for _, l := range list {
		needed[l.way] = true
	}
	rs, dir, err := start(stderr, relay, before, o.port, needed)
	defer func() {
		for _, r := range rs {
			r.stop()
		}
		err = errors.Join(err, os.RemoveAll(dir))
	}()
	if err != nil {
		return err
	}
	samples := map[key][]float64{}
	for round := range rounds {
		for _, l := range list {
			for i := range rs {
				r := rs[(i+round)%len(rs)]
				if !r.does(l.way) {
					continue
				}
				us, err := r.measure(l)
				if err != nil {
					return fmt.Errorf("%s behind %s: %w", l.name, r.name, err)
				}
				samples[key{r.name, l.name}] = append(samples[key{r.name, l.name}], us)
			}
		}
		fmt.Fprintf(stderr, "\rround %d of %d", round+1, rounds)
	}
	fmt.Fprintln(stderr)
	return table(stdout, rs, list, samples)
}
