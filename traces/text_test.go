package traces

import (
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"millrace/core"
	"millrace/sim"
)

var update = flag.Bool("update", false, "rewrite testdata/bad/errors.txt")

// corpus returns the names of the traces in a folder of testdata.
func corpus(t testing.TB, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.trace"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

func TestGoodTracesArePrintedAsTheyStand(t *testing.T) {
	for _, file := range corpus(t, "good") {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		tr, err := Parse(filepath.Base(file), text)
		require.NoError(t, err)
		require.Equal(t, string(text), tr.String(), file)
		require.Equal(t, string(text), tr.Clone().String(), file)
	}
}

// TestBadTracesSayWhere has one mistake in every file; the golden file has what
// is said about it. -update rewrites that.
func TestBadTracesSayWhere(t *testing.T) {
	var got strings.Builder
	for _, file := range corpus(t, "bad") {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		_, err = Parse(filepath.Base(file), text)
		require.Error(t, err, file)
		require.NotContains(t, err.Error(), "\n")
		got.WriteString(err.Error() + "\n")
	}
	const golden = "testdata/bad/errors.txt"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got.String())
}

func TestARecordingThatStandsHereStillReplays(t *testing.T) {
	text, err := os.ReadFile("testdata/good/recorded.trace")
	require.NoError(t, err)
	tr, err := Parse("recorded.trace", text)
	require.NoError(t, err)
	r, err := Play(tr)
	require.NoError(t, err)
	require.True(t, r.Same(), r.String())
	require.Equal(t, "41 steps, all as recorded", r.String())
}

func TestWhatIsPrintedParsesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := drawTrace(t)
		text := tr.String()
		back, err := Parse("drawn", []byte(text))
		if err != nil {
			t.Fatalf("%v in:\n%s", err, text)
		}
		if again := back.String(); again != text {
			t.Fatalf("printed:\n%s\nand then:\n%s", text, again)
		}
		require.Equal(t, tr, back)
	})
}

func TestAScriptParsesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScript(t)
		back, err := ParseScript(s.String())
		require.NoError(t, err)
		require.Equal(t, s, back)
	})
}

// TestAnyTextInACommentOrFailureParsesBack draws texts that no line can hold.
func TestAnyTextInACommentOrFailureParsesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := &Trace{Settings: Default(), Comments: rapid.SliceOf(rapid.String()).Draw(t, "comments"), Fail: rapid.String().Draw(t, "fail")}
		back, err := Parse("drawn", []byte(tr.String()))
		require.NoError(t, err)
		require.Equal(t, tr.String(), back.String())
		require.Empty(t, back.Sessions)
	})
}

func drawTrace(t *rapid.T) *Trace {
	tr := &Trace{Settings: drawSettings(t), Live: rapid.Bool().Draw(t, "live")}
	line := rapid.StringMatching(`([!-~]+( [!-~]+)*)?`)
	tr.Comments = orNil(rapid.SliceOfN(line, 0, 3).Draw(t, "comments"))
	tr.Fail = line.Draw(t, "fail")
	tr.Steps = orNil(rapid.SliceOfN(rapid.Custom(drawStep), 0, 20).Draw(t, "steps"))
	if rapid.Bool().Draw(t, "ring") {
		tr.Skipped = rapid.Uint64Range(1, 1<<62-1).Draw(t, "skipped")
	}
	if tr.Live {
		return tr
	}
	for range rapid.IntRange(0, 3).Draw(t, "sessions") {
		tr.Sessions = append(tr.Sessions, Session{At: drawSpan(t, maxSpan), Client: drawScript(t), Server: drawScript(t)})
	}
	for range rapid.IntRange(0, 5).Draw(t, "decisions") {
		d := sim.Decision{
			Actor: drawActor(t, "wplfbcs"), Op: sim.Op(rapid.IntRange(0, int(sim.NumOps)-1).Draw(t, "op")),
			Ord: rapid.Uint32Max(sim.AnyOrd-1).Draw(t, "ord"), Val: rapid.IntRange(1, 1<<31-1).Draw(t, "val"),
		}
		if d.Op.Victim() {
			d.Val = int(drawActor(t, "lfb"))
		}
		tr.Decisions = append(tr.Decisions, d)
	}
	return tr
}

// orNil returns what a parser has for an empty list.
func orNil[T any](s []T) []T {
	if len(s) == 0 {
		return nil
	}
	return s
}

func drawSettings(t *rapid.T) Settings {
	s := Default()
	program := Lookup(DefaultProgram)
	for p := Param(0); program.setting(p) != nil; p++ {
		if rapid.Bool().Draw(t, "default") {
			continue
		}
		info := program.setting(p)
		least, most := info.Min, info.Max
		switch info.Kind {
		case Span:
			most = maxSpan
		case OnOff:
			most = 1
		case Choice:
			most = int64(len(info.Names)) - 1
		}
		s[p] = rapid.Int64Range(least, most).Draw(t, info.Name)
	}
	s[own("reserve")] = min(s[own("reserve")], s[own("bufsize")]-1)
	if s[own("buffers")] == 1 {
		s[own("buffers")] = 2
	}
	return s
}

func drawSpan(t *rapid.T, most int64) int64 { return rapid.Int64Range(0, most).Draw(t, "span") }

func drawScript(t *rapid.T) Script {
	var s Script
	for range rapid.IntRange(0, 4).Draw(t, "acts") {
		a := Act{Verb: Verb(rapid.IntRange(0, int(numVerbs)-1).Draw(t, "verb"))}
		switch verbInfo[a.Verb].arg {
		case 'n':
			a.N = rapid.Int64Range(1, maxBytes).Draw(t, "bytes")
		case 't':
			a.N = drawSpan(t, maxSpan)
		case 's':
			a.Text = rapid.StringN(1, -1, -1).Draw(t, "text")
		}
		s = append(s, a)
	}
	return s
}

func drawActor(t *rapid.T, kinds string) sim.Actor {
	kind := rapid.SampledFrom([]byte(kinds)).Draw(t, "kind")
	return sim.Actor(kind)<<24 | sim.Actor(rapid.Uint32Range(0, 1<<24-1).Draw(t, "number"))
}

func drawStep(t *rapid.T) Step {
	s := Step{After: drawSpan(t, maxStep), Call: Call(rapid.IntRange(0, int(numCalls)-1).Draw(t, "call"))}
	info := &callInfo[s.Call]
	s.Actor = drawActor(t, info.actors)
	s.More = moreWord[s.Call] != "" && rapid.Bool().Draw(t, "more")
	switch info.arg {
	case 'n':
		s.Arg = rapid.Int64Range(0, 1<<62-1).Draw(t, "arg")
	case 'e':
		s.Arg = int64(known) & rapid.Int64Range(0, 1<<14).Draw(t, "events")
	case 't':
		s.Arg = max(-1, drawSpan(t, maxStep)-1)
	}
	if info.answer == '-' {
		return s
	}
	s.Err = core.Errno(rapid.Uint16().Draw(t, "errno"))
	if s.Err != 0 && rapid.Bool().Draw(t, "fine") {
		s.Err = 0
	}
	if s.Err == 0 && info.answer == 'n' {
		s.Answer = rapid.Int64Range(0, min(s.most(), 1<<62-1)).Draw(t, "answer")
	}
	if s.Err == 0 && info.answer == 'a' {
		s.Answer = int64(drawActor(t, "f"))
	}
	return s
}

func FuzzParse(f *testing.F) {
	for _, folder := range []string{"good", "bad"} {
		for _, file := range corpus(f, folder) {
			text, err := os.ReadFile(file)
			require.NoError(f, err)
			f.Add(text)
		}
	}
	known := &Trace{Live: true, Settings: Default(), Recorded: &About{At: time.Unix(1_800_000_000, 0)}, Addresses: []Address{
		{Session: 7, Client: netip.MustParseAddrPort("192.0.2.1:41312"), Server: netip.MustParseAddrPort("[2001:db8::1]:80")},
	}}
	f.Add([]byte(known.String()))
	f.Fuzz(func(t *testing.T, text []byte) {
		tr, err := Parse("fuzz", text)
		if err != nil {
			require.Regexp(t, `^fuzz:[0-9]+: `, err.Error())
			return
		}
		printed := tr.String()
		back, err := Parse("printed", []byte(printed))
		require.NoError(t, err)
		if tr.Torn == "" { // what is left of a torn one is whole
			require.Equal(t, tr, back)
		}
		require.Equal(t, printed, back.String())
	})
}
