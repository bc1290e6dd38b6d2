package properties

import (
	"fmt"
	"slices"
	"testing"

	"millrace/traces"
)

// fuzzSeeds is how many drawn worlds a fuzzer begins with. They are what "go test" runs.
var fuzzSeeds = uint64(40)

// Fuzz has Go's own fuzzer make the decisions of a program's worlds, guided by which code
// they reach:
//
//	func FuzzServer(f *testing.F) { properties.Fuzz(f, server) }
//
//	go test -fuzz FuzzServer -fuzztime 10m
//
// The scenario is that of a seed, which the fuzzer changes too, and four of its bytes are
// one decision: who, about what, for which time, and how. What fails ends as with Check: in
// a trace that is made small, and the command that runs it again. It is written down before
// it is made small, since the fuzzer waits for nobody when its time is over. What the fuzzer
// leaves in testdata/fuzz means something else when the program changes; the trace does not.
//
// A round of the program that does not end is the end of the fuzzer too, which says only
// that it hangs; soak loses no more than a process by it.
func Fuzz(f *testing.F, p *Program) {
	f.Helper()
	enter(f, p)
	if *flagReplay != "" {
		CheckTrace(f, p, *flagReplay)
		f.Skip("it passes")
	}
	test, alphabet, w := f.Name(), p.alphabet(), NewWorld(p)
	for seed := range fuzzSeeds {
		t, src := p.Generate(seed)
		attended(func() string { return p.Hunts }, func() { w.Run(t, src, Options{}) })
		f.Add(seed, encode(alphabet, w.Decisions()))
	}
	w.totals = Totals{} // those were only to begin with
	failures := 0
	f.Cleanup(func() {
		if w.totals.Worlds == 0 { // others have them
			f.Logf("%s: %d worlds to begin with, and each exec of the fuzzer is another one", p.Name, fuzzSeeds)
			return
		}
		f.Logf("%s", p.did(&w.totals, failures))
	})
	told := map[string]string{} // by identity: the fuzzer goes on with what fails, to make it small itself
	f.Fuzz(func(t *testing.T, seed uint64, choices []byte) {
		t.Helper()
		var found *traces.Trace
		again := func() string { return GoTest(home, t.Name()) }
		attended(again, func() { found = w.fuzzed(alphabet, seed, choices) })
		if found == nil {
			return
		}
		failures++
		id := Identity(found)
		if told[id] == "" {
			told[id] = says(t, test, found)
		}
		t.Fatal(told[id])
	})
}

// fuzzed runs the world of a scenario and bytes, and returns the failing trace, nil if
// nothing broke. What fails is run once more from its text.
func (w *World) fuzzed(alphabet []site, seed uint64, choices []byte) *traces.Trace {
	t, _ := w.program.Generate(seed)
	t.Decisions = w.program.decode(alphabet, t, choices)
	f := w.Replay(t, Options{})
	if f == nil {
		return nil
	}
	t.Comments = []string{fmt.Sprintf("seed %#x, and decisions of a fuzzer", seed)}
	t.Decisions = slices.Clone(w.Decisions())
	if unlike := w.unlike(t); unlike != nil {
		f = unlike
	}
	t.Fail = f.Line()
	return t
}
