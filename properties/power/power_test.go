package power

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestABadCallIsOneClearLine(t *testing.T) {
	for _, c := range [][2]string{
		{"-lists all", "power: -lists all: expected core, historic, readers and mechanical, with commas"},
		{"-strategies luck", "power: -strategies luck: expected some of [seeds nth pairs guided exhaustive]"},
		{"-budget seeds", "power: -budget seeds: expected a strategy, =, and a number of seeds"},
		{"-budget nth=0", "power: -budget nth=0: expected a strategy, =, and a number of seeds"},
		{"-budget nht=9", "power: -budget nht=9: expected a strategy, =, and a number of seeds"},
		{"-runs 3,nht=1", "power: -runs nht=1: expected a number of campaigns, or a strategy, =, and such a number"},
		{"-runs 0", "power: -runs 0: expected a number of campaigns, or a strategy, =, and such a number"},
		{"-runs 3,nth=no", "power: -runs nth=no: expected a number of campaigns, or a strategy, =, and such a number"},
		{"-procs 0", "power: -mutants, -sample, -procs and -bound: expected more than nothing"},
		{"-write-gate", "power: -write-gate: expected -gate FILE too"},
		{"more", `power: unexpected argument "more"`},
	} {
		var out, errs bytes.Buffer
		require.Equal(t, wrongCall, Main(strings.Fields(c[0]), &out, &errs))
		require.Empty(t, out.String())
		require.Equal(t, c[1]+"\n", errs.String())
	}
	var out, errs bytes.Buffer
	require.Equal(t, passed, Main([]string{"-h"}, &out, &errs))
	require.Contains(t, errs.String(), "usage: power")
}

func TestQuickIsSmallButForWhatIsAskedFor(t *testing.T) {
	c, err := parse([]string{"-quick", "-runs", "3", "-budget", "nth=9"}, &bytes.Buffer{})
	require.NoError(t, err)
	require.Equal(t, 3, c.runs)
	require.Equal(t, 6, c.sample)
	require.Equal(t, uint64(9), c.budget["nth"])
	require.Equal(t, uint64(2000), c.budget["seeds"])
}

func TestAStrategyMayHaveANumberOfCampaignsOfItsOwn(t *testing.T) {
	c, err := parse([]string{"-runs", "nth=1,3,pairs=2", "-strategies", "seeds,nth,guided"}, &bytes.Buffer{})
	require.NoError(t, err)
	b := bench{config: c}
	for strategy, n := range map[string]int{"seeds": 3, "nth": 1, "pairs": 2, "guided": 3} {
		require.Equal(t, n, b.campaigns(&Subject{List: listCore}, strategy), strategy)
		require.Equal(t, 1, b.campaigns(&Subject{List: listMechanical}, strategy), strategy)
	}
	require.Contains(t, c.settings(), " runs=3,nth=1 mutants=", "those of others change no figure")
}

func TestTheControlHasAllCampaignsThatMistakesHave(t *testing.T) {
	for lists, n := range map[string]int{"core": 3, "mechanical,readers": 3, "mechanical": 1} {
		c, err := parse([]string{"-runs", "3", "-lists", lists}, &bytes.Buffer{})
		require.NoError(t, err)
		require.Equal(t, n, (&bench{config: c}).campaigns(&Subject{List: listControl}, "seeds"), lists)
	}
}

// example is a small configuration and its results.
func example() (*config, []*Result) {
	c := &config{lists: []string{"core", "mechanical"}, strategies: []string{"seeds"}, budget: map[string]uint64{"seeds": 100}, runs: 3}
	found := func(seed, worlds uint64, cpu float64, lines int) Run {
		return Run{Strategy: "seeds", Seed: seed, Seeds: 100, Found: true, Rule: "I31", Failure: "I31 si EST/EST", Worlds: worlds, CPU: cpu, Lines: lines}
	}
	lost := func(seed uint64) Run { return Run{Strategy: "seeds", Seed: seed, Seeds: 100} }
	mutant := func(key, rule string, runs ...Run) *Result {
		return &Result{Subject: &Subject{ID: "mechanical: " + key, List: "mechanical", Name: key, File: "core/turn.go", Line: 7, Rule: rule, Old: "a < b", New: "a <= b"}, Runs: runs}
	}
	return c, []*Result{
		{Subject: &Subject{ID: "control", List: "control"}, Runs: []Run{lost(1)}},
		{Subject: &Subject{ID: "core: one | two", List: "core", Name: "one | two"}, Runs: []Run{found(1, 9, 0.5, 4), lost(2), found(3, 11, 0.7, 6)}},
		{Subject: &Subject{ID: "core: three", List: "core", Name: "three"}, Runs: []Run{lost(1), lost(2), found(3, 11, 0.7, 6)}},
		mutant("core/turn.go Conn.probe edge: a < b", "edge", lost(1)),
		mutant("core/turn.go Conn.probe negate: a", "negate", found(1, 2, 0.001, 3)),
		mutant("core/turn.go Conn.probe edge: a < b (2)", "edge", lost(1)),
	}
}

func TestTheTableHasSharesMediansAndSurvivors(t *testing.T) {
	c, results := example()
	c.survivors = filepath.Join(t.TempDir(), "survivors.txt")
	require.NoError(t, os.WriteFile(c.survivors, []byte("# text\n\ncore/turn.go Conn.probe edge: a < b\n\tequivalent: they never are\ngone\n\tworld: what\n"), 0o666))
	rep, err := c.report(results, 4)
	require.NoError(t, err)
	require.Equal(t, `# What the hunt finds

Measured with lists=core,mechanical seeds=100 runs=3 mutants=0 sample=0 draw=0 packages=.

| mistakes | strategy | found | by it alone | campaigns | worlds | CPU | lines | rules |
|---|---|---|---|---|---|---|---|---|
| control | seeds | 0 of 1 | - | 0 of 1 | - | - | - | - |
| core | seeds | 2 of 2 | - | 3 of 6 | 11 | 0.70s | 6 | I31 2 |
| mechanical | seeds | 1 of 3 | - | 1 of 3 | 2 | <0.01s | 3 | I31 1 |

## core

| mistake | strategy | found | worlds | CPU | lines | rule |
|---|---|---|---|---|---|---|
| one \| two | seeds | 2 of 3 | 11 | 0.70s | 6 | I31 si EST/EST |
| three | seeds | 1 of 3 | - | - | - | I31 si EST/EST |

## mechanical

4 more were drawn and do not compile.

| rule | strategy | found | worlds | lines |
|---|---|---|---|---|
| edge | seeds | 0 of 2 | - | - |
| negate | seeds | 1 of 1 | 2 | 3 |

## what they broke

| rule | mistakes of which it was the first that was broken |
|---|---|
| I31 | 3 |

## 2 survivors

equivalent: 1
not explained: 1

But for those that are equivalent 1 of 2 are found, 50%.

core/turn.go:7 Conn.probe: edge

	- a < b
	+ a <= b

equivalent: they never are

core/turn.go:7 Conn.probe: edge

	- a < b
	+ a <= b

Nobody has said why.

It did not survive, or is no more, or was not drawn: gone
`, rep.markdown(c))
}

func TestStrategiesAreComparedByWhatTheyDoNotFind(t *testing.T) {
	c, results := example()
	c.strategies = []string{"seeds", "nth"}
	other := func(r *Result, rule string, worlds uint64) {
		r.Runs = append(r.Runs, Run{Strategy: "nth", Seed: 1, Found: rule != "", Rule: rule, Failure: rule, Worlds: worlds, CPU: 1})
	}
	other(results[1], "I50", 7)
	other(results[2], "", 0)
	rep, err := c.report(results, 0)
	require.NoError(t, err)
	text := rep.markdown(c)
	require.Contains(t, text, `
| core | seeds | 2 of 2 | 1 | 3 of 6 | 11 | 0.70s | 6 | I31 2 |
| core | nth | 1 of 2 | - | 1 of 2 | 7 | 1.00s | - | I50 1 |
`)
	require.Contains(t, text, `
## not found by all

| mistake | seeds | nth |
|---|---|---|
| core: three | 1 of 3 | - |

## core
`)
}

func TestTheMostFrequentRulesAreNamed(t *testing.T) {
	require.Equal(t, "I31 5, I02 4, I50 4, 2 others", frequent(counts(map[string]int{"I50": 4, "I31": 5, "I02": 4, "I60": 1, "I61": 1})))
	require.Equal(t, "-", frequent(nil))
}

func TestASurvivorWhoseWorldsAreOthersIsTold(t *testing.T) {
	c, results := example()
	results[0].Runs[0].Hash, results[0].kept = "a", results[0].Runs
	results[3].Runs[0].Hash, results[5].Runs[0].Hash = "a", "b"
	rep, err := c.report(results, 0)
	require.NoError(t, err)
	require.Contains(t, rep.markdown(c), "All worlds are those without it. Nobody has said why.\n")
	require.Contains(t, rep.markdown(c), "Worlds are others, and no rule objects. Nobody has said why.\n")
	require.Nil(t, results[4].Same, "it was found")
}

func TestAGateIsPassedByWhatItWasWrittenOf(t *testing.T) {
	c, results := example()
	rep, err := c.report(results, 0)
	require.NoError(t, err)
	gate := gateText(rep, c)
	lost, gone, err := compare(gate, rep)
	require.NoError(t, err)
	require.Empty(t, lost)
	require.Zero(t, gone)

	results[2].Runs[2].Found = false
	worse, err := c.report(results, 0)
	require.NoError(t, err)
	lost, gone, err = compare(gate, worse)
	require.NoError(t, err)
	require.Equal(t, []string{"1 of 2 core mistakes are found with seeds, where it were 2 of 2", "core: three, with seeds"}, lost)
	require.Zero(t, gone)
	results[2].Runs[2].Found = true

	lost, gone, err = compare(strings.ReplaceAll(gate, "negate: a", "negate: b"), rep)
	require.NoError(t, err)
	require.Empty(t, lost)
	require.Equal(t, 1, gone, "the code is another one")

	_, _, err = compare(strings.Replace(gate, "runs=3", "runs=4", 1), rep)
	require.ErrorContains(t, err, "runs=4")
}

func TestAGateThatIsNotPassedIsExitCode1(t *testing.T) {
	c, results := example()
	c.gate = filepath.Join(t.TempDir(), "gate.txt")
	rep, err := c.report(results, 0)
	require.NoError(t, err)
	c.writeGate = true
	ok, err := c.pass(rep, &bytes.Buffer{})
	require.NoError(t, err)
	require.True(t, ok)
	c.writeGate = false
	results[4].Runs[0].Found = false
	worse, err := c.report(results, 0)
	require.NoError(t, err)
	var errs bytes.Buffer
	ok, err = c.pass(worse, &errs)
	require.NoError(t, err)
	require.False(t, ok)
	require.Contains(t, errs.String(), "power: lost: mechanical: core/turn.go Conn.probe negate: a, with seeds\n")
}

func TestAnExplanationHasAKeyAndAClass(t *testing.T) {
	for text, says := range map[string]string{
		"key\n":                         "f: expected an explanation of key",
		"\tworld: why\n":                "f:1: expected a key above an explanation",
		"key\n\tluck: why\n":            "f:2: expected one of [equivalent unreachable oracle world], a colon, and why",
		"key\n\tworld: why\nkey\n\tx\n": "f:3: expected an explanation of key, once",
	} {
		_, err := parseSurvivors("f", text)
		require.ErrorContains(t, err, says)
	}
	none, err := readSurvivors(filepath.Join(t.TempDir(), "none"))
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestWhatWasMeasuredIsNotMeasuredAgain(t *testing.T) {
	_, results := example()
	kept := store{t.TempDir()}
	r := results[1]
	r.Sum, r.kept = "sum", r.Runs
	require.NoError(t, kept.keep(r))
	again, err := kept.load(r.Subject, "sum")
	require.NoError(t, err)
	require.Equal(t, r.kept, again.kept)
	other, err := kept.load(r.Subject, "other code")
	require.NoError(t, err)
	require.Empty(t, other.kept)
}

func TestALargerCampaignFindsWhatASmallerOneDid(t *testing.T) {
	r := Result{kept: []Run{{Strategy: "seeds", Seed: 1, Seeds: 100, Found: true}, {Strategy: "seeds", Seed: 2, Seeds: 100}}}
	for _, c := range []struct {
		seed, seeds uint64
		known       bool
	}{{1, 100, true}, {1, 200, true}, {1, 50, false}, {2, 100, true}, {2, 200, false}, {2, 50, false}, {3, 100, false}} {
		run := r.run(Run{Strategy: "seeds", Seed: c.seed, Seeds: c.seeds})
		require.Equal(t, c.known, run != nil, "%v", c)
		if run != nil {
			require.Equal(t, c.seeds, run.Seeds)
		}
	}
	require.Nil(t, r.run(Run{Strategy: "nth", Seed: 1, Seeds: 100}))
}

func TestWhatIsFoundAndNotMadeSmallInTimeIsFound(t *testing.T) {
	dir := t.TempDir()
	r := Run{Strategy: "seeds", Seed: 1, Seeds: 9, Late: true}
	require.NoError(t, r.late(dir))
	require.False(t, r.Found)
	text := "millrace 1\nworld\nsession 0 client=send:1\nfail I31 si EST/EST: what\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "I31.trace"), []byte(text), 0o666))
	require.NoError(t, r.late(dir))
	require.True(t, r.Found)
	require.Equal(t, "I31", r.Rule)
	f := (&Result{Runs: []Run{r}}).figures("seeds")
	require.Equal(t, Figures{Runs: 1, Hits: 1, Rule: "I31", Failure: "I31 si EST/EST"}, f, "when, and how small, nobody knows")
}

func TestTheMedianCountsWhatIsNotThere(t *testing.T) {
	require.InDelta(t, 3, median([]float64{3, 1, 5}, 3), 0)
	require.InDelta(t, 4, median([]float64{3, 1, 5, 9}, 4), 0)
	require.InDelta(t, 5, median([]float64{3, 1, 5}, 5), 0)
	require.Zero(t, median([]float64{3, 1}, 5))
	require.Zero(t, median(nil, 0))
}
