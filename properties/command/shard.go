package command

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"millrace/properties"
	"millrace/properties/cell"
	"millrace/properties/hunt"
	"millrace/properties/shard"
)

// which returns which shard is asked for, and of how many; of 0 if none is. What an engine
// says is not for who compares builds.
func (a *asked) which(c *config) (number, of int, err error) {
	if a.telling || a.revision != "" {
		if a.shard != "" {
			err = errors.New("-shard: it does not go with -against")
		}
		return 0, 0, err
	}
	number, of, err = shard.Which(a.shard, os.Getenv)
	if of == 0 || err != nil {
		return 0, 0, err
	}
	this := fmt.Sprintf("shard %d/%d", number, of)
	switch {
	case c.Seeds == 0:
		err = fmt.Errorf("%s: expected -seeds too: without, nobody knows which are whose", this)
	case c.Seeds < uint64(of):
		err = fmt.Errorf("%s: expected -seeds of at least %d", this, of)
	case c.Drawn:
		err = fmt.Errorf("%s: expected -seed too, a number or commit: each shard would draw another one", this)
	case c.Corpus != "" || strings.Contains(c.How, ","):
		err = fmt.Errorf("%s: expected neither -corpus nor several strategies: which worlds there are must not depend on others", this)
	case c.First || c.Back:
		err = fmt.Errorf("%s: expected neither -first nor -back: all seeds are tried, in their order", this)
	}
	return number, of, err
}

// onePart is a shard: one short hunt after the other, each of a range of seeds, and each leaves
// a file when it is finished. A range that has one is not run again, so whoever is killed is
// simply started once more. What was found does not change the exit code: to an engine it
// would say that the shard has to be tried again.
func onePart(p *properties.Program, cfg config, number, of int, stdout, stderr io.Writer) (code int, err error) {
	build, err := shard.Build()
	if err != nil {
		return brokenDown, err
	}
	h, err := shard.Begin(cfg.Dir, shard.Settings{
		Program: p.Name, Build: build, Commit: cmp.Or(hunt.Stamp(), cfg.Commit), Strategy: cfg.How, Small: cfg.Small,
		Seed: cfg.Seed, Seeds: cfg.Seeds, Share: cfg.Share, Shards: of,
	}, number)
	if err != nil {
		return brokenDown, err
	}
	cfg.Dir = h.Dir
	first, n := h.Settings.Part(number)
	ranges := h.Settings.Ranges(number)
	fmt.Fprintf(stderr, "soak: shard %d/%d, seeds %d to %d, %d at a time, in %s\n", number, of, first, first+n-1, cfg.Procs, h.Dir)
	var known []*finding
	for r := 1; r <= ranges; r++ {
		record, err := h.Finished(r)
		if err == nil {
			known = remember(h, record, known)
			continue
		}
		if !errors.Is(err, fs.ErrNotExist) {
			fmt.Fprintf(stderr, "soak: shard %d/%d: range %d is run again: %v\n", number, of, r, err)
		}
		if record, err = stretch(p, cfg, h, r, known); err != nil {
			return brokenDown, err
		}
		known = remember(h, record, known)
		fmt.Fprintf(stderr, "soak: shard %d/%d: %d of %d ranges, %d kinds of failures\n", number, of, r, ranges, len(known))
	}
	fmt.Fprintf(stdout, "shard %d/%d is finished: seeds %d to %d, %d kinds of failures\n", number, of, first, first+n-1, len(known))
	return nothing, nil
}

// stretch hunts in a range, and writes down what came of it.
func stretch(p *properties.Program, cfg config, h *shard.Shard, r int, known []*finding) (*shard.Record, error) {
	cfg.Seed, cfg.Seeds = h.Settings.Range(h.Number, r)
	c := newCampaign(p, cfg, io.Discard)
	for _, f := range known {
		again := *f
		again.times = 0
		c.found = append(c.found, &again)
	}
	before := cell.Spent()
	c.run()
	switch {
	case c.err != nil:
		return nil, c.err
	case c.Interrupted:
		return nil, fmt.Errorf("interrupted in range %d of %d: the same command goes on with it", r, h.Settings.Ranges(h.Number))
	}
	record := &shard.Record{
		CPU: cell.Spent() - before, Took: c.Took.Round(time.Microsecond),
		Account: p.Account(&c.totals), Deaths: c.deaths,
	}
	for _, f := range c.found {
		if f.times > 0 {
			record.Failures = append(record.Failures, shard.Failure{ID: f.id, Times: f.times})
		}
	}
	return record, h.Finish(r, record)
}

// remember adds the failures of a finished range to those that are known. One whose trace is
// gone is not: it will be found anew.
func remember(h *shard.Shard, r *shard.Record, known []*finding) []*finding {
next:
	for _, f := range r.Failures {
		for _, k := range known {
			if k.id == f.ID {
				continue next
			}
		}
		if t, path, err := h.Trace(f.ID); err == nil {
			known = append(known, &finding{id: f.ID, path: path, trace: t, times: f.Times})
		}
	}
	return known
}
