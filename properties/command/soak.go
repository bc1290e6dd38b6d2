package command

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"

	"millrace/properties"
	"millrace/properties/hunt"
)

// The exit codes.
const (
	nothing = iota
	found
	wrongCall
	brokenDown // or nothing was tried; a panic would be 2 otherwise
)

// ways are how a seed is tried.
type ways struct {
	Share  uint64            // one seed in so many is tried twice
	How    string            // the strategies
	Small  properties.Bounds // of an exhaustive one
	Corpus string            // a directory to begin with and to add to; "" = none
}

// config is what a hunt in worlds is asked to be.
type config struct {
	hunt.Config
	ways
}

// asked is what a command line asks for beyond a hunt.
type asked struct {
	ways
	revision string // to compare with
	telling  bool   // to be compared with
	shard    string // which part
}

func (a *asked) flags(fs *flag.FlagSet, c *hunt.Config) {
	fs.Uint64Var(&a.Share, "again", 100, "run one world in so many twice, and compare; 0 is none")
	fs.StringVar(&a.How, "strategy", string(properties.Draws), "how the worlds of a seed are chosen: `seeds`, at random; nth, each accident once wherever it can strike a scenario; pairs, two of each two kinds too; guided, some thousand, most of them made of one in which there was something new to see; exhaustive, all orders and each accident in them, of its first sessions, with few bytes; several, with commas between them, share the time: more of it is for those that find something new")
	fs.StringVar(&a.Corpus, "corpus", "", "with -strategy guided: `directory` of traces that each seed begins with, and that those are added to at the end which show something new; 'soak corpus DIR FROM...' merges others into it, and drops what is not needed")
	a.Small = properties.DefaultBounds
	fs.IntVar(&a.Small.Sessions, "sessions", a.Small.Sessions, "with -strategy exhaustive: how many sessions of a scenario are tried, the first ones")
	fs.IntVar(&a.Small.Accidents, "accidents", a.Small.Accidents, "with -strategy exhaustive: how many accidents there may be in one run")
	fs.IntVar(&a.Small.States, "states", a.Small.States, fmt.Sprintf("with -strategy exhaustive: a scenario is given up that has more states; each takes up to 32 bytes, and there may be %d", properties.MostStates))
	fs.DurationVar(&a.Small.Time, "each", 0, "with -strategy exhaustive: a scenario is given up that takes longer; 0 means never. Which ones it is depends on the machine then")
	fs.StringVar(&a.revision, "against", "", "run the worlds in this build and in that of another `revision`, and show where the stories of sessions differ")
	fs.BoolVar(&a.telling, "tell", false, "answer traces on standard input with stories: the other side of -against")
	fs.BoolVar(&c.Back, "back", false, "from the last seed to the first; takes -seeds")
	fs.StringVar(&a.shard, "shard", "", "be shard `K/N` of -seeds, from 1 on, and leave what comes of it under -o for soak merge; an array job of Slurm, Kubernetes (with /N), AWS Batch, Google Cloud Batch or Cloud Run says it by itself")
}

// Soak hunts in worlds of a program, as arguments of a command line say, and returns
// the exit code.
func Soak(p *properties.Program, args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 && args[0] == "corpus" {
		return mergeCorpora(p, args[1:], stdout, stderr)
	}
	if len(args) > 0 && args[0] == "merge" {
		return Merge(args[1:], stdout, stderr)
	}
	var a asked
	command := hunt.Command{Name: "soak", Dir: "soak-failures", Procs: runtime.NumCPU(), Flags: a.flags}
	base, _, err := command.Parse(args, stderr)
	cfg := config{base, a.ways}
	if errors.Is(err, flag.ErrHelp) {
		return nothing
	}
	if err == nil {
		err = makesSense(p, &cfg)
	}
	number, of := 0, 0
	if err == nil {
		number, of, err = a.which(&cfg)
	}
	if err == nil && of == 0 {
		err = cfg.Writable()
	}
	code := wrongCall
	switch {
	case err != nil:
	case a.telling:
		code, err = brokenDown, tell(p, os.Stdin, stdout)
		if err == nil {
			code = nothing
		}
	case a.revision != "":
		code, err = compare(p, cfg, a.revision, stdout, stderr)
	case of > 0:
		code, err = onePart(p, cfg, number, of, stdout, stderr)
	default:
		code, err = whole(p, cfg, stdout, stderr)
	}
	if err != nil {
		fmt.Fprintln(stderr, "soak:", err)
	}
	return code
}

// whole is a hunt that is no part of another one.
func whole(p *properties.Program, cfg config, stdout, stderr io.Writer) (code int, err error) {
	c := newCampaign(p, cfg, stderr)
	c.run()
	c.report(stdout)
	did := story{Account: p.Account(&c.totals), deaths: c.deaths, claims: c.claims()}
	switch why := did.untried(); {
	case c.err != nil:
		return brokenDown, c.err
	case len(c.found) > 0:
		return found, nil
	case why != "" && !c.Interrupted:
		return brokenDown, fmt.Errorf("-strategy %s: nothing was tried: %s", c.How, why)
	case len(did.missed()) > 0:
		return found, nil // a counter that stays at 0 says that something is not looked at any more
	}
	return nothing, nil
}

// run hunts until the seeds or the time are over.
func (c *campaign) run() {
	c.Run(func() {
		defer func() {
			if r := recover(); r != nil {
				c.broken(fmt.Errorf("%v\n%s", r, debug.Stack()))
			}
		}()
		c.worker()
	})
	if c.Corpus != "" && c.err == nil {
		c.err = c.corpus.Write(c.Corpus)
	}
}

// makesSense says what is wrong with what was asked for.
func makesSense(p *properties.Program, cfg *config) error {
	list, err := strategies(cfg.How)
	if err != nil {
		return err
	}
	all := slices.ContainsFunc(list, func(p *part) bool { return p.how == properties.All })
	if what := cfg.Small.Wrong(); what != "" {
		return errors.New(what)
	}
	if !all && cfg.Small != properties.DefaultBounds {
		return fmt.Errorf("-sessions, -accidents, -states, -each: expected -strategy %s too", properties.All)
	}
	if cfg.Corpus != "" {
		if !slices.ContainsFunc(list, func(p *part) bool { return p.how == properties.Guided }) {
			return fmt.Errorf("-corpus: expected -strategy %s too", properties.Guided)
		}
		if _, err := p.ReadCorpus(cfg.Corpus); err != nil {
			return err
		}
	}
	return nil
}
