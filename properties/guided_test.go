package properties_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/properties"
	"millrace/properties/programs"
	"millrace/traces"
)

// guide runs the guided hunt of a seed in a new world.
func guide(t *testing.T, p *properties.Program, seed uint64, corpus []*traces.Trace) (totals properties.Totals, failing []*traces.Trace) {
	t.Helper()
	properties.ShortHunts()
	w := properties.NewWorld(properties.Register(p))
	w.Corpus = corpus
	w.Try(properties.Guided, seed, func(f *traces.Trace) bool {
		failing = append(failing, f)
		return true
	})
	w.Flush(&totals)
	return totals, failing
}

// TestAGuidedHuntFollowsFromItsSeed: the same worlds, and the same of them kept.
func TestAGuidedHuntFollowsFromItsSeed(t *testing.T) {
	one, _ := guide(t, programs.Lines, 7, nil)
	two, _ := guide(t, programs.Lines, 7, nil)
	other, _ := guide(t, programs.Lines, 8, nil)
	require.Equal(t, one, two)
	require.NotEqual(t, one.Hash, other.Hash)
	require.Greater(t, len(one.Kept), 20)
	require.Less(t, len(one.Kept), int(one.Worlds)/2, "most worlds show nothing new")
}

// TestWhatIsKeptShowsWhatItIsKeptFor, wherever it runs: a trace of a corpus is one like any
// other.
func TestWhatIsKeptShowsWhatItIsKeptFor(t *testing.T) {
	totals, _ := guide(t, programs.Echo, 3, nil)
	w := properties.NewWorld(programs.Echo)
	for _, k := range totals.Kept {
		require.NotEmpty(t, k.Shows)
		tr, err := traces.Parse("kept", k.Trace)
		require.NoError(t, err)
		again, f := w.Show(tr)
		require.Nil(t, f)
		require.Equal(t, string(k.Trace), string(again.Trace))
		for _, what := range k.Shows {
			require.Contains(t, again.Shows, what)
		}
	}
}

// TestACorpusIsTheSameInWhateverOrderItsWorldsCame, and a hunt that begins with it keeps
// nothing that is in it.
func TestACorpusIsTheSameInWhateverOrderItsWorldsCame(t *testing.T) {
	totals, _ := guide(t, programs.Echo, 3, nil)
	more, _ := guide(t, programs.Echo, 4, nil)
	kept := append(totals.Kept, more.Kept...)
	var c, back properties.Corpus
	for _, k := range kept {
		c.Add(k)
	}
	slices.Reverse(kept)
	for _, k := range kept {
		back.Add(k)
	}
	require.Equal(t, c, back)
	require.Less(t, c.Worlds(), len(kept))
	seen, worlds := c.Seen(), c.Worlds()
	c.Thin()
	require.Less(t, c.Worlds(), worlds)
	require.Equal(t, seen, c.Seen())
	require.Equal(t, seen, len(c.All()), "it still shows them all")

	dir := filepath.Join(t.TempDir(), "corpus")
	none, err := programs.Echo.ReadCorpus(dir)
	require.NoError(t, err)
	require.Empty(t, none)
	require.NoError(t, c.Write(dir))
	list, err := programs.Echo.ReadCorpus(dir)
	require.NoError(t, err)
	require.Len(t, list, c.Worlds())
	again, _ := guide(t, programs.Echo, 3, list)
	for _, k := range again.Kept {
		for _, what := range k.Shows {
			require.False(t, c.Shows(what))
		}
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "other.trace"), []byte("millrace 1\nworld program=lines\n"), 0o666))
	_, err = programs.Echo.ReadCorpus(dir)
	require.ErrorContains(t, err, `not a world of the program "echo"`)
}

// TestAGuidedHuntFindsWhatNeedsTwoAccidents, in a scenario that has no other choice.
func TestAGuidedHuntFindsWhatNeedsTwoAccidents(t *testing.T) {
	script, err := traces.ParseScript("send:3,recv:3,send:3,shutw,eof,close")
	require.NoError(t, err)
	p := &properties.Program{Name: "guided-forgetful", Main: forgetful, Level: true}
	p.Draw = drawHello(func(traces.Script) traces.Script { return script })
	_, failing := guide(t, p, 1, nil)
	require.NotEmpty(t, failing)
	small := properties.Shrink(failing[0], "x", nil)
	require.LessOrEqual(t, len(small.Decisions), 4, "%s", small)
	require.Contains(t, small.String(), " short-write ")
	require.Contains(t, small.String(), " recv-intr ")
	require.NotNil(t, properties.NewWorld(p).Replay(small, properties.Options{}))
}
