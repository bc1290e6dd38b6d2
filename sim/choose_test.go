package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// force says val to the choices number from and later of one op, times times,
// and 0 to all others.
type force struct {
	op    Op
	val   int
	from  uint32
	times uint32 // 0 is for ever
}

func (f force) Choose(_ Actor, op Op, ord uint32, n int) int {
	if op != f.op || ord < f.from || f.times > 0 && ord >= f.from+f.times {
		return 0
	}
	return min(f.val, n-1)
}

// questions is a program that does nothing but ask: three actors, some ops.
func questions(src Source, plan *Rand) (c Choices, answers []string) {
	var w World
	w.Reset(src)
	agents := make([]Agent, 3)
	for i, a := range []Actor{Front | 1, Client | 1, PollerOf} {
		agents[i].Init(a, &w.Choices)
	}
	for range 200 {
		a := &agents[plan.Intn(len(agents))]
		op := Of(plan, OpShortRead, OpRank, OpConnect, OpStall)
		ord := a.ord[op]
		answers = append(answers, fmt.Sprintf("%v %v %d = %d", a.Actor, op, ord, a.Choose(op, 2+plan.Intn(20))))
	}
	return w.Choices, answers
}

// often is a rate for every op.
func often(rate uint16) (r Rates) {
	for op := range r {
		r[op] = rate
	}
	return r
}

func TestTheSameSeedDecidesTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		rates := often(rapid.Uint16().Draw(t, "rate"))
		a, answers := questions(&Seeded{Seed: seed, Rates: rates}, NewRand(1))
		b, again := questions(&Seeded{Seed: seed, Rates: rates}, NewRand(1))
		require.Equal(t, answers, again)
		require.Equal(t, a.Taken, b.Taken)
		require.Equal(t, a.Fired, b.Fired)
	})
}

func TestASeedDecidesTheSameForEver(t *testing.T) {
	s := &Seeded{Seed: 42, Rates: often(1 << 15)}
	var b strings.Builder
	for ord := range uint32(40) {
		fmt.Fprint(&b, s.Choose(Front|3, OpShortRead, ord, 10))
	}
	require.Equal(t, "0000008501700305800200903508900600000052", b.String())
	r := NewRand(42)
	b.Reset()
	for range 40 {
		fmt.Fprint(&b, r.Intn(10))
	}
	require.Equal(t, "7261326964404667737116560226784143221415", b.String())
}

// TestAccidentsMayComeInRuns: as often as else, the same ones in a row; what is no accident
// is drawn each time anew.
func TestAccidentsMayComeInRuns(t *testing.T) {
	s := &Seeded{Seed: 7, Rates: often(1 << 12), Runs: true}
	struck, changes := 0, 0
	for ord := range uint32(1 << 14) {
		v := s.Choose(Front, OpShortRead, ord, 100)
		if v != 0 {
			struck++
		}
		if ord > 0 && v != s.Choose(Front, OpShortRead, ord-1, 100) {
			changes++
			require.Zero(t, ord%8)
		}
	}
	require.InDelta(t, 1<<10, struck, 300)
	require.Greater(t, changes, 100)
	alone := 0
	for ord := range uint32(1 << 12) {
		if s.Choose(Front, OpRank, ord, 100) != 0 && s.Choose(Front, OpRank, ord+1, 100) == 0 {
			alone++
		}
	}
	require.Greater(t, alone, 100)
}

func TestASeededChoiceIsEachValueAboutAsOften(t *testing.T) {
	const asked, n = 40000, 5
	s := &Seeded{Seed: 7}
	s.Rates[OpRank] = 1 << 15
	var count [n]int
	for ord := range uint32(asked) {
		count[s.Choose(Client|3, OpRank, ord, n)]++
		require.Zero(t, s.Choose(Client|3, OpShortRead, ord, n), "a rate of 0 is never")
	}
	require.InDelta(t, asked/2, count[0], asked/50)
	for v := 1; v < n; v++ {
		require.InDelta(t, asked/2/(n-1), count[v], asked/50)
	}
}

func TestSeedsAndKeysDecideDifferently(t *testing.T) {
	line := func(seed uint64, a Actor, op Op) string {
		s := &Seeded{Seed: seed, Rates: often(1 << 15)}
		var b strings.Builder
		for ord := range uint32(64) {
			fmt.Fprint(&b, s.Choose(a, op, ord, 10))
		}
		return b.String()
	}
	seen := map[string]bool{}
	for seed := range uint64(20) {
		for _, a := range []Actor{Front, Front | 1, Back, Client | 1} {
			for _, op := range []Op{OpShortRead, OpRecvAgain, OpRank} {
				seen[line(seed, a, op)] = true
			}
		}
	}
	require.Len(t, seen, 20*4*3)
}

func TestAScriptRepeatsWhatASeedDecided(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := &Seeded{Seed: rapid.Uint64().Draw(t, "seed"), Rates: often(1 << 14)}
		recorded, answers := questions(src, NewRand(2))
		shuffled := rapid.Permutation(recorded.Taken).Draw(t, "order")
		replayed, again := questions(NewScript(shuffled), NewRand(2))
		require.Equal(t, answers, again)
		require.Equal(t, recorded.Taken, replayed.Taken)
	})
}

func TestTakingADecisionAwayLeavesTheOthersAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := &Seeded{Seed: rapid.Uint64().Draw(t, "seed"), Rates: often(1 << 14)}
		recorded, answers := questions(src, NewRand(3))
		require.NotEmpty(t, recorded.Taken)
		i := rapid.IntRange(0, len(recorded.Taken)-1).Draw(t, "without")
		d := recorded.Taken[i]
		without := slices.Delete(slices.Clone(recorded.Taken), i, i+1)
		replayed, again := questions(NewScript(without), NewRand(3))
		require.Equal(t, without, replayed.Taken)
		line := slices.Index(answers, fmt.Sprintf("%v %v %d = %d", d.Actor, d.Op, d.Ord, d.Val))
		answers[line] = fmt.Sprintf("%v %v %d = 0", d.Actor, d.Op, d.Ord)
		require.Equal(t, answers, again)
	})
}

func TestAScriptAnswersWhatItKnowsAndWhatIsPossible(t *testing.T) {
	s := NewScript([]Decision{
		{Front | 1, OpShortRead, 3, 17, 0},
		{Front | 1, OpShortRead, 5, -2, 0},
		{Back | 1, OpShortRead, 3, 4, 0},
		{Front | 1, OpRecvAgain, 3, 1, 0},
		{Front | 1, OpShortRead, 3, 9, 0}, // the last counts
		{Server | 9, OpHole, 0, 1, 0},     // nobody asks
	})
	for _, c := range []struct {
		a    Actor
		op   Op
		ord  uint32
		n    int
		want int
	}{
		{Front | 1, OpShortRead, 3, 100, 9},
		{Front | 1, OpShortRead, 3, 10, 9},
		{Front | 1, OpShortRead, 3, 9, 8},
		{Front | 1, OpShortRead, 3, 2, 1},
		{Front | 1, OpShortRead, 5, 100, 0},
		{Front | 1, OpShortRead, 4, 100, 0},
		{Front | 2, OpShortRead, 3, 100, 0},
		{Back | 1, OpShortRead, 3, 100, 4},
		{Front | 1, OpRecvAgain, 3, 2, 1},
		{Front | 1, OpRecvIntr, 3, 2, 0},
		{Worker, OpRank, 0, 2, 0},
	} {
		require.Equal(t, c.want, s.Choose(c.a, c.op, c.ord, c.n), "%v %v %d below %d", c.a, c.op, c.ord, c.n)
	}
	require.Zero(t, NewScript(nil).Choose(Worker, OpRank, 0, 2))
}

func TestOnlyDecisionsAreTakenDown(t *testing.T) {
	var w World
	w.Reset(force{op: OpShortRead, val: 7, from: 1, times: 2})
	var a Agent
	a.Init(Front|4, &w.Choices)
	var got []string
	for _, q := range []struct {
		op Op
		n  int
	}{
		{OpShortRead, 9}, {OpRank, 9}, {OpShortRead, 1}, {OpShortRead, 0}, // too few to choose from
		{OpShortRead, 9}, {OpShortRead, 3}, {OpShortRead, 9},
	} {
		got = append(got, fmt.Sprintf("%v of %d = %d", q.op, q.n, a.Choose(q.op, q.n)))
	}
	require.Equal(t, []string{"short-read of 9 = 0", "rank of 9 = 0", "short-read of 1 = 0", "short-read of 0 = 0",
		"short-read of 9 = 7", "short-read of 3 = 2", "short-read of 9 = 0"}, got)
	require.Equal(t, []Decision{{Front | 4, OpShortRead, 1, 7, Epoch}, {Front | 4, OpShortRead, 2, 2, Epoch}}, w.Choices.Taken)
	require.EqualValues(t, 2, w.Choices.Fired[OpShortRead])
}

func TestCalmStopsFaultsAndNothingElse(t *testing.T) {
	for op := range NumOps {
		var w World
		w.Reset(force{op: op, val: 1})
		var a Agent
		a.Init(Front, &w.Choices)
		require.Equal(t, 1, a.Choose(op, 2))
		w.Choices.Calm()
		want := 1
		if op.Fault() {
			want = 0
		}
		require.Equal(t, want, a.Choose(op, 2), "%v", op)
		w.Reset(force{op: op, val: 1})
		require.Equal(t, 1, a.Choose(op, 2), "a new run is not calm")
	}
}

func TestBenignIsAlwaysZero(t *testing.T) {
	c, _ := questions(Benign{}, NewRand(4))
	require.Empty(t, c.Taken)
}

// roll is a list of candidates for Pick.
func roll(names ...Actor) (int, func(int) Actor) {
	return len(names), func(i int) Actor { return names[i] }
}

// TestAVictimIsTheSameAmongOthers: a decision to do something to somebody is about
// them, wherever they stand, and about nobody if they are not there.
func TestAVictimIsTheSameAmongOthers(t *testing.T) {
	var w World
	w.Reset(force{op: OpSpurious, val: 2})
	var a Agent
	a.Init(PollerOf, &w.Choices)
	n, who := roll(Front|7, Back|7, Front|9)
	require.Equal(t, 1, a.Pick(OpSpurious, n, who), "any source but a script counts")
	n, who = roll(Front|7, 0)
	require.Equal(t, -1, a.Pick(OpSpurious, n, who), "there is nobody at this place")
	require.Equal(t, -1, a.Pick(OpSpurious, 0, nil))
	list := slices.Clone(w.Choices.Taken)
	require.Equal(t, []Decision{{PollerOf, OpSpurious, 0, int(Back | 7), Epoch}}, list)

	for place, names := range [][]Actor{{Back | 7}, {Front | 8, Back | 7}, {0, Front | 1, Back | 7, Front | 2}} {
		w.Reset(NewScript(list))
		a.Init(PollerOf, &w.Choices)
		n, who = roll(names...)
		require.Equal(t, place, a.Pick(OpSpurious, n, who))
		require.Equal(t, list, w.Choices.Taken)
		require.Equal(t, -1, a.Pick(OpSpurious, n, who), "the next question")
	}
	w.Reset(NewScript(list))
	a.Init(PollerOf, &w.Choices)
	n, who = roll(Front | 7)
	require.Equal(t, -1, a.Pick(OpSpurious, n, who))
}

// TestADecisionMayHaveATimeInsteadOfAnOrdinal: it is taken by the first question
// that comes then or later.
func TestADecisionMayHaveATimeInsteadOfAnOrdinal(t *testing.T) {
	now := Time(0)
	s := NewScript([]Decision{
		{PollerOf, OpLate, AnyOrd, 3, 200}, {PollerOf, OpLate, AnyOrd, 2, 100}, {PollerOf, OpLate, 7, 1, 0},
	})
	s.Clock = func() Time { return now }
	ask := func(at Time, ord uint32) int { now = at; return s.Choose(PollerOf, OpLate, ord, 9) }
	require.Zero(t, ask(99, 0), "not yet")
	require.Equal(t, 1, ask(150, 7), "one that has its place comes first")
	require.Equal(t, 2, ask(150, 8))
	require.Zero(t, ask(150, 9), "each once")
	require.Len(t, s.Unasked(), 1)
	require.Equal(t, 3, ask(250, 10))
	require.Zero(t, ask(250, 11))
	require.Empty(t, s.Unasked())
}

// TestARunsHashTellsWhatWasPossible: a choice that is 0 of three is not one that
// is 0 of four.
func TestARunsHashTellsWhatWasPossible(t *testing.T) {
	run := func(n int, note uint64) uint64 {
		var w World
		w.Reset(Benign{})
		var a Agent
		a.Init(Worker, &w.Choices)
		a.Choose(OpRace, n)
		w.Note(note)
		return w.Hash()
	}
	require.Equal(t, run(3, 1), run(3, 1))
	require.NotEqual(t, run(3, 1), run(4, 1))
	require.NotEqual(t, run(3, 1), run(3, 2))
}
