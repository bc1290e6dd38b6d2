package power

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"millrace/properties"
)

// config is what a command line asks for.
type config struct {
	lists      []string
	strategies []string
	budget     map[string]uint64 // seeds of a campaign, by strategy
	runs       int               // campaigns of each strategy against each mistake of the lists
	own        map[string]int    // the same of those strategies that have a number of their own
	mutants    int               // made by rule, each against one campaign of each strategy
	sample     int               // mistakes of the lists, drawn; 0 = all
	draw       uint64            // the seed by which mistakes are drawn
	packages   []string          // in which mutants are made
	only       string            // a part of the names of those to be measured
	survived   bool              // of the mutants those only that are known to survive
	quick      bool              // no more than CI has time for
	tests      bool              // ask the packages' own tests too
	bound      time.Duration     // of one campaign, however busy the machine is
	procs      int
	dir        string // of results
	json       string // file; "" = none
	survivors  string // file of what is known of them
	gate       string // file; "" = none
	writeGate  bool   // and not look at it
}

// Where mistakes come from.
const (
	listCore       = "core"
	listHistoric   = "historic"
	listReaders    = "readers"
	listMechanical = "mechanical"
)

// about15s is how many seeds take a processor about 15 seconds, so that strategies can be compared,
// and quickly how many take about one second.
var (
	about15s = map[string]uint64{string(properties.Draws): 50_000, string(properties.Singles): 60, string(properties.Pairs): 100, string(properties.Guided): 10}
	quickly  = map[string]uint64{string(properties.Draws): 2000, string(properties.Singles): 3, string(properties.Pairs): 4, string(properties.Guided): 1}
)

// parse reads a command line. The error is flag.ErrHelp if help was asked for and given.
func parse(args []string, stderr io.Writer) (*config, error) {
	c := &config{}
	fs := flag.NewFlagSet("power", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	var lists, strategies, budget, runs, packages string
	fs.StringVar(&lists, "lists", "core,historic,readers,mechanical", "where mistakes come from")
	fs.StringVar(&strategies, "strategies", "seeds", "of soak, several with commas")
	fs.StringVar(&budget, "budget", "", "seeds of a campaign by strategy, as `seeds=50000,nth=60`; the default takes about 15s")
	fs.StringVar(&runs, "runs", "", "campaigns of a strategy against each mistake that is not mechanical, of which the median is told: `N`, or 3,nth=1,pairs=1; the default is 5")
	fs.IntVar(&c.mutants, "mutants", 300, "how many are drawn of those made by rule")
	fs.IntVar(&c.sample, "sample", 0, "how many are drawn of each other list; 0 means all")
	fs.Uint64Var(&c.draw, "draw", 1, "the seed by which they are drawn")
	fs.StringVar(&packages, "packages", "core,datalayer,streamif", "in which mutants are made by rule")
	fs.StringVar(&c.only, "only", "", "measure those only whose names have this `text` in them")
	fs.BoolVar(&c.survived, "survived", false, "of the mutants measure those only that -survivors has: which of them does a new rule find?")
	fs.BoolVar(&c.tests, "tests", false, "ask the tests of the packages about mutants too, slow")
	fs.DurationVar(&c.bound, "bound", 5*time.Minute, "how long a campaign may take: one that takes longer has found nothing")
	fs.IntVar(&c.procs, "procs", runtime.NumCPU(), "how many campaigns at once")
	fs.StringVar(&c.dir, "o", "power-results", "directory for what is measured")
	fs.StringVar(&c.json, "json", "", "`file` for the table as JSON too")
	fs.StringVar(&c.survivors, "survivors", "properties/power/survivors.txt", "`file` that says why mutants survive")
	fs.StringVar(&c.gate, "gate", "", "`file` with what has to be found")
	fs.BoolVar(&c.writeGate, "write-gate", false, "write that file, of what was found")
	fs.BoolVar(&c.quick, "quick", false, "a small part of all, with small campaigns, in less than 40s of a processor, but for what other flags say")
	err := fs.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(stderr, "usage: power [-lists L] [-strategies S] [-runs N] [-mutants N] [-quick] [-gate FILE [-write-gate]] ...")
		fs.SetOutput(stderr)
		fs.PrintDefaults()
	}
	if err != nil {
		return nil, err
	}
	c.lists, c.strategies, c.packages = strings.Split(lists, ","), strings.Split(strategies, ","), strings.Split(packages, ",")
	c.budget, c.runs = maps.Clone(about15s), 5
	if c.quick {
		c.budget, c.runs = maps.Clone(quickly), 1
		given := map[string]bool{}
		fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
		for name, small := range map[string]struct {
			value *int
			n     int
		}{"mutants": {&c.mutants, 16}, "sample": {&c.sample, 6}} {
			if !given[name] {
				*small.value = small.n
			}
		}
	}
	if err := errors.Join(c.spend(budget), c.repeat(runs)); err != nil {
		return nil, err
	}
	return c, c.sensible(fs.NArg(), fs.Arg(0))
}

// isStrategy says whether there is a strategy of this name.
func isStrategy(strategy string) bool {
	return slices.Contains(properties.Strategies, properties.Strategy(strategy))
}

// spend reads how many seeds campaigns have.
func (c *config) spend(budget string) error {
	for part := range strings.SplitSeq(budget, ",") {
		if part == "" {
			continue
		}
		name, n, _ := strings.Cut(part, "=")
		seeds, err := strconv.ParseUint(n, 10, 64)
		if err != nil || seeds == 0 || !isStrategy(name) {
			return fmt.Errorf("-budget %s: expected a strategy, =, and a number of seeds", part)
		}
		c.budget[name] = seeds
	}
	return nil
}

// repeat reads how many campaigns each strategy has: a number, and others for some of them.
func (c *config) repeat(runs string) error {
	c.own = map[string]int{}
	for part := range strings.SplitSeq(runs, ",") {
		if part == "" {
			continue
		}
		name, n, own := strings.Cut(part, "=")
		if !own {
			n = part
		}
		times, err := strconv.Atoi(n)
		if err != nil || times < 1 || own && !isStrategy(name) {
			return fmt.Errorf("-runs %s: expected a number of campaigns, or a strategy, =, and such a number", part)
		}
		if own {
			c.own[name] = times
		} else {
			c.runs = times
		}
	}
	return nil
}

// times is how many campaigns a strategy has against each mistake of the lists.
func (c *config) times(strategy string) int {
	if n, ok := c.own[strategy]; ok {
		return n
	}
	return c.runs
}

func (c *config) sensible(more int, arg string) error {
	for _, l := range c.lists {
		if !slices.Contains([]string{listCore, listHistoric, listReaders, listMechanical}, l) {
			return fmt.Errorf("-lists %s: expected core, historic, readers and mechanical, with commas", l)
		}
	}
	for _, s := range c.strategies {
		switch {
		case !isStrategy(s):
			return fmt.Errorf("-strategies %s: expected some of %v", s, properties.Strategies)
		case c.budget[s] == 0:
			return fmt.Errorf("-strategies %s: say with -budget how many seeds its campaigns have", s)
		}
	}
	switch {
	case more > 0:
		return fmt.Errorf("unexpected argument %q", arg)
	case c.mutants < 0 || c.sample < 0 || c.procs < 1 || c.bound <= 0:
		return errors.New("-mutants, -sample, -procs and -bound: expected more than nothing")
	case c.writeGate && c.gate == "":
		return errors.New("-write-gate: expected -gate FILE too")
	}
	return nil
}

// settings are what figures have to have in common to be compared.
func (c *config) settings() string {
	var b strings.Builder
	fmt.Fprintf(&b, "lists=%s", strings.Join(c.lists, ","))
	for _, s := range c.strategies {
		fmt.Fprintf(&b, " %s=%d", s, c.budget[s])
	}
	fmt.Fprintf(&b, " runs=%d", c.runs)
	for _, s := range c.strategies {
		if n := c.times(s); n != c.runs {
			fmt.Fprintf(&b, ",%s=%d", s, n)
		}
	}
	fmt.Fprintf(&b, " mutants=%d sample=%d draw=%d packages=%s", c.mutants, c.sample, c.draw, strings.Join(c.packages, ","))
	if c.only != "" {
		fmt.Fprintf(&b, " only=%q", c.only)
	}
	if c.survived {
		b.WriteString(" survived")
	}
	return b.String()
}
