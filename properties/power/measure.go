package power

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"millrace/properties"
	"millrace/properties/mistakes"
	"millrace/properties/mutate"
	_ "millrace/traces/proxytrace" // whose traces are read
)

// Result is what was measured of a mistake.
type Result struct {
	*Subject
	Sum  string // of the code that it was measured with
	Runs []Run  // those that were asked for
	kept []Run  // all that were made
	// Same says of a survivor whether all worlds were those without it; nil if nobody knows.
	Same *bool `json:",omitempty"`
	// Told says whether the tests of the packages fail with it; nil if they were not asked.
	Told *bool `json:",omitempty"`
	// Why is what somebody says of a survivor: one of four words, and a sentence.
	Class, Why string `json:",omitempty"`
}

// Run is one campaign.
type Run struct {
	Strategy string
	Seed     uint64 // the first
	Seeds    uint64 // how many
	Found    bool
	Late     bool    `json:",omitempty"` // it took longer than it may, perhaps to make small what it found
	Broken   string  `json:",omitempty"` // why soak could not do its work
	Rule     string  `json:",omitempty"` // of the failure
	Failure  string  `json:",omitempty"` // its identity
	Worlds   uint64  `json:",omitempty"` // up to the failure
	CPU      float64 `json:",omitempty"` // seconds, without shrinking; 0 if it is not known
	Lines    int     `json:",omitempty"` // of the trace; 0 if there is none
	Hash     string  `json:",omitempty"` // of all worlds, where nothing was found
}

// neverReached is the rule of a campaign that has only missed something.
const neverReached = "never reached"

// errInterrupted ends all that is going on.
var errInterrupted = errors.New("interrupted: the same command goes on")

// firstSeed is where the n-th campaign begins.
func firstSeed(n int) uint64 { return uint64(n)*1_000_000 + 1 }

// measure does what is missing of a result, and has it kept after each step.
func (b *bench) measure(ctx context.Context, r *Result, keep func() error) error {
	dir, err := os.MkdirTemp(b.dir, "one-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program, env := "", []string(nil)
	for _, strategy := range b.strategies {
		for i := range b.campaigns(r.Subject, strategy) {
			want := Run{Strategy: strategy, Seed: firstSeed(i), Seeds: b.budget[strategy]}
			if has := r.run(want); has != nil {
				r.Runs = append(r.Runs, *has)
				continue
			}
			if program == "" {
				if program, env, err = b.program(ctx, r.Subject, dir); err != nil {
					return err
				}
			}
			if err := b.hunt(ctx, &want, program, env, dir); err != nil {
				return err
			}
			r.Runs, r.kept = append(r.Runs, want), append(r.kept, want)
			if err := keep(); err != nil {
				return err
			}
		}
	}
	if b.tests && r.List == listMechanical && r.Subject.n > 0 && r.Told == nil {
		told, err := b.tell(ctx, r.Subject.n)
		if err != nil {
			return err
		}
		r.Told = &told
		return keep()
	}
	return nil
}

// campaigns is how many campaigns of a strategy hunt for a mistake. The control has all that
// others have: where it was not, a rule that blames nobody's fault would be taken for a find.
func (b *bench) campaigns(s *Subject, strategy string) int {
	others := slices.ContainsFunc(b.lists, func(list string) bool { return list != listMechanical })
	if s.List == listMechanical || s.List == listControl && !others {
		return 1
	}
	return b.times(strategy)
}

// run returns a campaign of which the outcome is known, nil if it is not: one that was made, or
// a smaller one that found something.
func (r *Result) run(want Run) *Run {
	for _, has := range r.kept {
		if has.Strategy != want.Strategy || has.Seed != want.Seed {
			continue
		}
		if has.Seeds == want.Seeds || has.Seeds < want.Seeds && has.Found {
			has.Seeds = want.Seeds
			return &has
		}
	}
	return nil
}

// hunt makes a campaign.
func (b *bench) hunt(ctx context.Context, r *Run, program string, env []string, dir string) error {
	found := filepath.Join(dir, fmt.Sprintf("found-%s-%d", r.Strategy, r.Seed))
	within, cancel := context.WithTimeout(ctx, b.bound)
	defer cancel()
	code, out, err := mistakes.RunIn(within, "", env, program, "-first", "-procs", "1", "-strategy", r.Strategy,
		"-seed", fmt.Sprint(r.Seed), "-seeds", fmt.Sprint(r.Seeds), "-o", found)
	switch {
	case ctx.Err() != nil || strings.HasPrefix(out, "interrupted "):
		return errInterrupted
	case within.Err() != nil:
		r.Late = true
		return r.late(found)
	case err != nil:
		return err
	case code > mistakes.Found:
		r.Broken = fmt.Sprintf("exit code %d", code)
		return nil
	}
	if r.Found = code == mistakes.Found; r.Found {
		return r.read(out, found)
	}
	r.Hash = hash(out)
	return nil
}

// late takes down what there is of a campaign that took too long. What it finds it writes down
// before it makes it small, which may be what took so long.
func (r *Run) late(dir string) error {
	t, err := mistakes.Smallest(dir)
	if t != nil {
		r.Found, r.Failure = true, properties.Identity(t)
		r.Rule, _, _ = strings.Cut(r.Failure, " ")
	}
	return err
}

// hash returns what soak says of all worlds together, "" if it says nothing.
func hash(out string) string {
	for line := range strings.Lines(out) {
		if h, ok := strings.CutPrefix(line, "hash of all "); ok {
			return strings.TrimSpace(h)
		}
	}
	return ""
}

// read takes down what soak has found.
func (r *Run) read(out, dir string) error {
	t, err := mistakes.Smallest(dir)
	if err != nil {
		return err
	}
	if t == nil {
		r.Rule, r.Failure, r.Worlds = neverReached, neverReached, r.Seeds
		return nil
	}
	r.Failure, r.Lines = properties.Identity(t), properties.Lines(t)
	r.Rule, _, _ = strings.Cut(r.Failure, " ")
	if i := strings.LastIndex(out, "\nfound after "); i >= 0 {
		if _, err := fmt.Sscanf(out[i+1:], "found after %d worlds, %fs", &r.Worlds, &r.CPU); err != nil {
			return fmt.Errorf("soak says %q: %w", out[i+1:], err)
		}
	}
	if r.Rule == deadly {
		r.CPU = 0 // what the process that died had used is in no sum
	}
	return nil
}

// deadly is the rule that what kills a process breaks.
const deadly = "I65"

// testTime is how long the tests of a package may take.
const testTime = 2 * time.Minute

// tell says whether the tests of the packages fail with the n-th mistake, 0 being none.
func (b *bench) tell(ctx context.Context, n int) (bool, error) {
	for _, t := range b.told {
		within, cancel := context.WithTimeout(ctx, testTime)
		code, _, err := mistakes.RunIn(within, t.dir, []string{mutate.Chosen(n)}, t.program, "-test.failfast")
		cancel()
		switch {
		case ctx.Err() != nil:
			return false, errInterrupted
		case code != 0 || err != nil: // an error is a time that is over, or a signal it died of
			return true, nil
		}
	}
	return false, nil
}
