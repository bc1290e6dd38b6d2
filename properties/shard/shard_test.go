package shard

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"millrace/properties"
	"millrace/properties/cell"
	_ "millrace/properties/programs" // whose traces can be read then
	"millrace/traces"
)

// settings are those of a campaign that nobody has run.
func settings(shards int) Settings {
	return Settings{Program: "echo", Build: "b", Strategy: "seeds", Seed: 7, Seeds: 100_000, Share: 100, Shards: shards}
}

// record is of a range in which each seed was a world.
func record(s Settings, number, r int) *Record {
	first, n := s.Range(number, r)
	return &Record{CPU: time.Second, Account: &properties.Account{
		Totals:     properties.Totals{Worlds: n, Hash: first * n},
		Situations: []properties.Count{{Name: "a full buffer", N: n, Met: true, Due: true}, {Name: "an empty one", Met: true, Due: true}},
	}}
}

// finish finishes ranges of a shard, and returns it.
func finish(t testing.TB, dir string, s Settings, number int, list ...int) *Shard {
	h, err := Begin(dir, s, number)
	require.NoError(t, err)
	for _, r := range list {
		require.NoError(t, h.Finish(r, record(s, number, r)))
	}
	return h
}

func all(n int) (list []int) {
	for r := range n {
		list = append(list, r+1)
	}
	return list
}

func gather(t testing.TB, dirs ...string) *Gathered {
	g, err := Gather(dirs)
	require.NoError(t, err)
	return g
}

func TestEverySeedIsInOneRangeOfOneShard(t *testing.T) {
	for _, c := range []struct {
		strategy string
		seeds    uint64
		shards   int
	}{{"seeds", 1, 1}, {"seeds", 999, 7}, {"seeds", 100_003, 3}, {"seeds", 50_000, 8}, {"nth", 41, 8}, {"nth", 3, 3}} {
		s := Settings{Strategy: c.strategy, Seed: 5, Seeds: c.seeds, Shards: c.shards}
		next := s.Seed
		for number := range s.Shards {
			for r := range s.Ranges(number + 1) {
				first, n := s.Range(number+1, r+1)
				require.Equal(t, next, first, "%v", s)
				require.Positive(t, n)
				next += n
			}
		}
		require.Equal(t, s.Seed+s.Seeds, next, "%v", s)
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	dir, s := t.TempDir(), settings(9)
	finish(t, dir, s, 2, 1, 2, 5)
	finish(t, dir, s, 3)
	finish(t, dir, s, 4, all(s.Ranges(4))...)
	g := gather(t, dir)
	require.Len(t, g.Campaigns, 1)
	lines, n := g.Campaigns[0].Missing()
	require.Equal(t, 8, n)
	require.Equal(t, []string{
		"shard 1 has not begun",
		"shard 2 has not finished 19 of 22 ranges: seeds 12130 to 13139, 13645 to 22229",
		"shard 3 has not finished 22 of 22 ranges: seeds 22230 to 33340",
		"shards 5 to 9 have not begun",
	}, lines)
	require.Equal(t, uint64(11111+506+505+505), g.Campaigns[0].Seeds())
}

// TestARangeCountsOnce: however often it was run, and wherever it was copied to.
func TestARangeCountsOnce(t *testing.T) {
	one, two, s := t.TempDir(), t.TempDir(), settings(3)
	for number := range 3 {
		finish(t, one, s, number+1, all(s.Ranges(number+1))...)
	}
	finish(t, two, s, 2, 1, 2, 3)
	c := gather(t, one, two, one).Campaigns
	require.Len(t, c, 1)
	require.Equal(t, s.Seeds, c[0].Account.Worlds)
	require.Equal(t, []string{"an empty one"}, c[0].Account.Never())
	require.Equal(t, time.Duration(96)*time.Second, c[0].CPU)
	_, missing := c[0].Missing()
	require.Zero(t, missing)
}

func TestARangeThatWasTwoDifferentRunsIsSaid(t *testing.T) {
	one, two, s := t.TempDir(), t.TempDir(), settings(3)
	finish(t, one, s, 1, 1)
	other := record(s, 1, 1)
	other.Account.Hash++
	require.NoError(t, finish(t, two, s, 1).Finish(1, other))
	g := gather(t, one, two)
	require.Len(t, g.Disagree, 1)
	require.Contains(t, g.Disagree[0], "shard 1, range 1 of echo -seed 7 -seeds 100000 -strategy seeds -again 100, in 3 shards was another run elsewhere")
	other.Deaths = 1 // a world that kills is not the same each time
	require.NoError(t, finish(t, two, s, 1).Finish(1, other))
	require.Empty(t, gather(t, one, two).Disagree)
}

func TestOtherBuildsAndSettingsAreNotAddedUp(t *testing.T) {
	dir, s := t.TempDir(), settings(3)
	finish(t, dir, s, 1, 1)
	for _, change := range []func(s *Settings){
		func(s *Settings) { s.Build = "c" }, func(s *Settings) { s.Seed++ }, func(s *Settings) { s.Share = 1 },
		func(s *Settings) { s.Shards++ }, func(s *Settings) { s.Program = "lines" },
	} {
		other := s
		change(&other)
		finish(t, dir, other, 1, 1)
	}
	g := gather(t, dir)
	require.Len(t, g.Campaigns, 6)
	for _, c := range g.Campaigns {
		_, n := c.Settings.Range(1, 1)
		require.Equal(t, n, c.Account.Worlds)
	}
}

func TestATornFileIsSaidToBeTornAndDoesNotCount(t *testing.T) {
	dir, s := t.TempDir(), settings(3)
	h := finish(t, dir, s, 1, 1, 2)
	path := h.path(2)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, damaged := range [][]byte{nil, whole[:40], whole[:len(whole)-1], append(whole[:len(whole):len(whole)], ' '), []byte("millrace shard 2\n{}")} {
		require.NoError(t, os.WriteFile(path, damaged, 0o666))
		_, err := h.Finished(2)
		require.ErrorIs(t, err, ErrTorn)
		g := gather(t, dir)
		require.Equal(t, []string{"read " + path + ": torn: it is not what was written"}, g.Problems)
		_, n := s.Range(1, 1)
		require.Equal(t, n, g.Campaigns[0].Account.Worlds)
	}
	require.NoError(t, os.WriteFile(filepath.Join(h.Dir, "I31-si.trace"), []byte("millrace 1\nworld\nsession 0 client=close\n"), 0o666))
	require.Contains(t, gather(t, dir).Problems[1], "torn: it is not what was written: it has no fail line")
}

func TestARangeIsThereOrIsNot(t *testing.T) {
	h := finish(t, t.TempDir(), settings(3), 1, 1)
	r, err := h.Finished(1)
	require.NoError(t, err)
	require.Equal(t, 1, r.Range)
	_, err = h.Finished(2)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NoError(t, os.Rename(h.path(1), h.path(2)))
	_, err = h.Finished(2)
	require.ErrorContains(t, err, "it is shard 1, range 1, of echo")
}

// TestTheSameFailureOfTwoShardsIsOne, with the smallest trace that there is.
func TestTheSameFailureOfTwoShardsIsOne(t *testing.T) {
	dir, s := t.TempDir(), settings(3)
	for number, sessions := range []int{3, 1, 2} {
		h := finish(t, dir, s, number+1)
		r := record(s, number+1, 1)
		r.Failures = []Failure{{"I31 si EST/EST", number + 1}}
		require.NoError(t, h.Finish(1, r))
		tr := &traces.Trace{Program: "echo", Settings: traces.Default(), Sessions: make([]traces.Session, sessions), Fail: "I31 si EST/EST: what"}
		require.NoError(t, Replace(filepath.Join(h.Dir, properties.FileName(tr)), tr.AppendText(nil)))
		back, _, err := h.Trace("I31 si EST/EST")
		require.NoError(t, err)
		require.Len(t, back.Sessions, sessions)
	}
	g := gather(t, dir)
	require.Len(t, g.Findings, 1)
	f := g.Findings[0]
	require.Len(t, f.Trace.Sessions, 1)
	require.Contains(t, f.Path, "2-of-3")
	require.Equal(t, 1+2+3, f.Times)
	require.Equal(t, []int{1}, f.In)

	require.NoError(t, os.Remove(f.Path))
	require.Len(t, gather(t, dir).Findings[0].Trace.Sessions, 2)
}

// TestTracesOfOtherHuntsAreNoShards: they may lie in the same folder.
func TestTracesOfOtherHuntsAreNoShards(t *testing.T) {
	dir := t.TempDir()
	finish(t, dir, settings(3), 1, 1)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "I31-si.trace"), []byte("millrace 1\nworld\nfail I31 si: what\n"), 0o666))
	g := gather(t, dir)
	require.Empty(t, g.Findings)
	require.Empty(t, g.Problems)
}

func TestReplaceLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sub", "file")
	require.NoError(t, Replace(path, []byte("one")))
	require.NoError(t, Replace(path, []byte("two")))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "two", string(text))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "sub", "folder"), 0o777))
	require.Error(t, Replace(filepath.Join(dir, "sub", "folder"), nil))
	entries, err := os.ReadDir(filepath.Join(dir, "sub"))
	require.NoError(t, err)
	require.Len(t, entries, 2)
}

func TestAFolderThatIsNotThereIsAnError(t *testing.T) {
	_, err := Gather([]string{filepath.Join(t.TempDir(), "nowhere")})
	require.True(t, errors.Is(err, fs.ErrNotExist), "%v", err)
}

// BenchmarkGather is of shards that have all their ranges, with as many counters as the
// proxy has.
func BenchmarkGather(b *testing.B) {
	for _, shards := range []int{100, 1000} {
		b.Run(fmt.Sprint(shards), func(b *testing.B) {
			dir, s := b.TempDir(), settings(shards)
			s.Seeds = uint64(shards) * ranges * least
			for number := range shards {
				h, err := Begin(dir, s, number+1)
				require.NoError(b, err)
				for _, r := range all(ranges) {
					synthetic(b, h, r)
				}
			}
			before := cell.Spent()
			for b.Loop() {
				c := gather(b, dir).Campaigns[0]
				require.Equal(b, s.Seeds, c.Account.Worlds)
			}
			b.ReportMetric((cell.Spent()-before).Seconds()/float64(b.N), "s-of-CPU/op")
		})
	}
}

// synthetic writes a record as Finish does, but does not wait for the disk.
func synthetic(b *testing.B, h *Shard, number int) {
	r := record(h.Settings, h.Number, number)
	r.Settings, r.Shard, r.Range = h.Settings, h.Number, number
	for i := range 130 {
		r.Account.Situations = append(r.Account.Situations, properties.Count{Name: fmt.Sprintf("a situation with the number %d", i), N: uint64(number), Met: true})
	}
	text, err := r.text()
	require.NoError(b, err)
	require.NoError(b, os.WriteFile(h.path(number), text, 0o666))
}
