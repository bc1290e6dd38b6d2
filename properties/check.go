package properties

import (
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"

	"millrace/sim"
	"millrace/traces"
)

// TB is what Check needs of a *testing.T, and a *rapid.T has.
type TB interface {
	Helper()
	Name() string
	Logf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// The flags of every test binary that uses Check. Their names begin like rapid's do,
// since a package's own tests may well have a -seed.
var (
	flagSeed   = flag.Uint64("millrace.seed", 1, "the first seed that properties.Check hunts with")
	flagSeeds  = flag.Uint64("millrace.seeds", 300, "how many seeds it hunts with")
	flagAgain  = flag.Uint64("millrace.again", 10, "it runs one world in so many twice, and compares; 0 is none")
	flagReplay = flag.String("millrace.replay", "", "it runs this trace, and nothing else")
)

// Check hunts for a failure of a program in a few hundred worlds, in a second or so,
// beginning with the traces of testdata/regress/NAME, where NAME is the program's: what
// failed once is tried first. Should one fail, it is made small, explained, and written
// where the test's artifacts go, and the test ends with the command that runs it again.
//
//	go test -run TestServer -millrace.seeds 100000     a longer hunt
//	go test -run TestServer -millrace.replay FILE      one trace
func Check(t TB, p *Program) {
	t.Helper()
	enter(t, p)
	if *flagReplay != "" {
		CheckTrace(t, p, *flagReplay)
		return
	}
	old, err := filepath.Glob(filepath.Join("testdata", "regress", p.Name, "*.trace"))
	if err != nil {
		t.Fatalf("%v", err)
	}
	for _, path := range old {
		CheckTrace(t, p, path)
	}
	w := NewWorld(p)
	w.Share = *flagAgain
	for n := range *flagSeeds {
		var found *traces.Trace
		seed := *flagSeed + n
		again := func() string { return p.hunt(seed, 1, false) }
		attended(again, func() { p.labelled(again, func() { found = w.Hunt(seed) }) })
		if found != nil {
			found.Comments = append(found.Comments, fmt.Sprintf("found in world %d of %d", n+1, *flagSeeds))
			failed(t, found)
		}
	}
	var totals Totals
	w.Flush(&totals)
	t.Logf("%s", p.did(&totals, 0))
}

// labelled has the goroutines of a world labelled with the command that runs it again. A panic of one
// that the program started itself ends the process, and its stack is all that there is to read.
func (p *Program) labelled(again func() string, hunt func()) {
	if p.Within == nil {
		hunt()
		return
	}
	labels := pprof.Labels("again", again())
	pprof.Do(context.Background(), labels, func(context.Context) { hunt() })
}

// CheckWorld runs one world of a program: a scenario that somebody drew, and the accidents
// of a seed, at rates that the seed draws too. It is for rapid, and whatever else makes up
// workloads; what fails ends as with Check:
//
//	properties.LogWorlds(t, server)
//	rapid.Check(t, func(rt *rapid.T) {
//		tr := server.Scenario()
//		tr.Sessions = rapid.SliceOfN(client, 1, 5).Draw(rt, "clients")
//		properties.CheckWorld(rt, server, tr, rapid.Uint64().Draw(rt, "accidents"))
//	})
func CheckWorld(t TB, p *Program, tr *traces.Trace, seed uint64) {
	t.Helper()
	enter(t, p)
	if *flagReplay != "" {
		CheckTrace(t, p, *flagReplay)
		return
	}
	w := NewWorld(p)
	rates := p.rates(sim.NewRand(seed), tr)
	var f *Failure
	again := func() string { return fmt.Sprintf("%s\n\nWith accidents of seed %d:\n%s", p.Hunts, seed, tr) }
	attended(again, func() {
		w.still(tr, gentle(&rates), nil)
		f = w.Run(tr, &sim.Seeded{Seed: sim.Mix(seed), Rates: rates}, Options{})
	})
	p.count(t, w)
	if f == nil {
		return
	}
	found := *tr
	found.Decisions = slices.Clone(w.Decisions())
	found.Fail = f.Line()
	failed(t, &found)
}

// enter makes the program known, and the command known that shows a failure of it again.
func enter(t TB, p *Program) {
	Register(p)
	test := GoTest(home, t.Name())
	p.Call(test+" -millrace.replay", test, true)
}

// failed makes a failing trace small, keeps it, and ends the test with all there is to say.
func failed(t TB, found *traces.Trace) {
	t.Helper()
	t.Fatalf("%s", says(t, t.Name(), found))
}

// says keeps a failing trace of a test, makes it small, and returns all there is to say. It is
// written down first: who runs the test may not have the time for more.
func says(t TB, test string, found *traces.Trace) string {
	t.Helper()
	path := absolute(t, filepath.Join(kept(t, test), FileName(found)))
	keep := func(tr *traces.Trace) {
		if err := os.WriteFile(path, tr.AppendText(nil), 0o666); err != nil {
			t.Fatalf("%s\n%v", tr, err)
		}
	}
	keep(found)
	small, text := found, ""
	attended(func() string { return CommandOf(found, path) }, func() {
		small = Shrink(found, path, nil)
		keep(small)
		text = explanation(small, path)
	})
	if text != "" {
		return text
	}
	return small.Fail + "\n" + CommandOf(small, path) // it fails no more, where nobody could say why
}

// kept is where the failing traces of a test go that are to be there when it is over: among
// the artifacts if somebody wants them, which are gone otherwise. Each test of each package
// has a folder of its own, of whatever module it is: what one of them left is there until
// the same one fails again.
func kept(t TB, test string) string {
	h := fnv.New32a()
	fmt.Fprintf(h, "%s %s", home, test)
	dir := filepath.Join(os.TempDir(), "millrace-failures", fmt.Sprintf("%s-%08x", plain(test), h.Sum32()))
	artifacts, can := t.(interface{ ArtifactDir() string })
	if f := flag.Lookup("test.artifacts"); can && f != nil && f.Value.String() == "true" {
		dir = artifacts.ArtifactDir()
	}
	err := os.MkdirAll(dir, 0o777)
	if err != nil { // somebody else's, on this machine
		dir, err = os.MkdirTemp("", "millrace-failures-")
	}
	if err != nil {
		t.Fatalf("%v", err)
	}
	return dir
}

// CheckTrace runs one trace of a program: a world again, and of a recording its steps. Command
// "trace test" writes a test that does that. path is from the directory of the test.
func CheckTrace(t TB, p *Program, path string) {
	t.Helper()
	enter(t, p)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v", err)
	}
	trace, err := traces.Parse(path, text)
	if err != nil {
		t.Fatalf("%v", err)
	}
	if trace.Program != p.Name && (trace.Program != "" || p.Name != traces.DefaultProgram) {
		t.Fatalf("%s: a run of the program %q, and this is %q", path, trace.Program, p.Name)
	}
	path = absolute(t, path)
	attended(func() string { return p.Command(path) }, func() {
		if trace.Live {
			playedTo(t, trace, path)
			return
		}
		explainTo(t, trace, path)
	})
}

// playedTo ends the test if a recording is not played to its end, or something breaks.
func playedTo(t TB, trace *traces.Trace, path string) {
	t.Helper()
	r, f, err := Play(trace)
	switch {
	case err != nil:
		t.Fatalf("%s: %v", path, err)
	case f != nil:
		t.Fatalf("%s: after step %d: %s", path, r.Steps, f)
	case !r.Same():
		t.Fatalf("%s: %s", path, r)
	}
}

// explainTo ends the test with all there is to say of a trace, if it fails.
func explainTo(t TB, trace *traces.Trace, path string) {
	t.Helper()
	if text := explanation(trace, path); text != "" {
		t.Fatalf("%s", text)
	}
}

// explanation is all there is to say of a trace that fails, "" if it passes.
func explanation(trace *traces.Trace, path string) string {
	var b strings.Builder
	if Explain(&b, trace, path, false) == nil {
		return ""
	}
	return fmt.Sprintf("%s\n%s", &b, CommandOf(trace, path))
}
