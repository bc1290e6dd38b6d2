package properties_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/properties"
	"millrace/sim"
	"millrace/traces"
)

// TestALongTextIsToldByItsBeginning, with where it differs; the file has all of it. How many
// worlds it took is said too.
func TestALongTextIsToldByItsBeginning(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	line := strings.Repeat("many words ", 4000)
	p := &properties.Program{Name: "long-shout", Main: shout, Level: true}
	p.Draw = drawHello(func(r traces.Script) traces.Script {
		return append(r, properties.Say(line), properties.Expect(strings.ToUpper(line)), traces.Act{Verb: traces.ShutW}, traces.Act{Verb: traces.EOF})
	})
	failed := check(t, p)
	require.Contains(t, failed, `c0 expected "MANY WORDS MANY WORDS MANY WORDS MANY WORDS MANY WORDS MANY " and 43940 bytes more, and nothing`)
	require.Regexp(t, `(?m)^ +found in world \d+ of 300$`, failed)
	for l := range strings.Lines(failed) {
		require.Less(t, len(l), 900)
	}
	files, err := filepath.Glob(filepath.Join(os.TempDir(), "millrace-failures", t.Name()+"-*", p.Name+"-*.trace"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.Greater(t, len(text), 2*len(line), "the file has all of it")
}

// TestWhereALongTextDiffersIsSaid: nobody counts the bytes of what is cut.
func TestWhereALongTextDiffersIsSaid(t *testing.T) {
	line := strings.Repeat("a", 200)
	p := properties.Register(&properties.Program{Name: "wrong-shout", Main: shout, Level: true})
	tr := p.Scenario()
	tr.Sessions = []traces.Session{{Client: traces.Script{properties.Say(line), properties.Expect(strings.ToUpper(line[:90]) + "B" + line),
		{Verb: traces.ShutW}, {Verb: traces.EOF}}}}
	f := properties.NewWorld(p).Run(tr, sim.Benign{}, properties.Options{})
	require.Contains(t, f.What, `, which differs from offset 90 on: "Baaaaa`)
	require.Contains(t, f.What, `, and there is "AAAAA`)
}

// TestAFailureIsCutBetweenWords: half a word says what nobody said.
func TestAFailureIsCutBetweenWords(t *testing.T) {
	for text, want := range map[string]string{
		"few words":                  "I1 x: few words",
		strings.Repeat("word ", 100): "I1 x: word" + strings.Repeat(" word", 57) + "...",
		strings.Repeat("é", 200):     "I1 x: " + strings.Repeat("é", 145) + "...",
	} {
		f := properties.Failure{ID: "I1", Where: "x", What: text}
		require.Equal(t, want, f.Line())
		require.LessOrEqual(t, len(want), 300)
	}
}

// TestOnlyWhoHasAnAnswerToItLacksMemoryInTheMiddle of a connection; any program may lack it
// where a descriptor is made, as core.Host says.
func TestOnlyWhoHasAnAnswerToItLacksMemoryInTheMiddle(t *testing.T) {
	p := &properties.Program{Name: "lacks", Dials: true, Main: func(core.Host) {}}
	for op, met := range map[sim.Op]bool{
		sim.OpAccept: true, sim.OpSocket: true, sim.OpConnect: true,
		sim.OpRecvFail: false, sim.OpSendFail: false, sim.OpSetFail: false,
	} {
		require.Equal(t, met, p.Met(op), "%s", op)
	}
}
