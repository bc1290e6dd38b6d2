package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// player is a process that says when it runs.
type player struct {
	Proc
	agent Agent
	run   func()
}

func (p *player) Run() { p.run() }

// hall is a world with players whose runs are written down.
type hall struct {
	World
	ran []string
}

func newHall(src Source) *hall {
	h := &hall{}
	h.Reset(src)
	return h
}

func (h *hall) player(a Actor) *player {
	p := &player{}
	p.agent.Init(a, &h.Choices)
	p.run = func() { h.ran = append(h.ran, fmt.Sprintf("%v@%d", a, h.Now()-Epoch)) }
	p.Init(p, &p.agent)
	return p
}

// rest runs all that is left and returns what has run.
func (h *hall) rest() string {
	for h.Step() {
	}
	return strings.Join(h.ran, " ")
}

func TestTimeDecidesThenRankThenArrival(t *testing.T) {
	for _, c := range []struct {
		name      string
		decisions []Decision
		want      string
	}{
		{"arrival", nil, "c3@5 c1@10 c2@10 s1@10"},
		{"rank of one activation", []Decision{{Client | 1, OpRank, 0, 2, 0}, {Client | 2, OpRank, 0, 1, 0}}, "c3@5 s1@10 c2@10 c1@10"},
		{"lasting rank", []Decision{{Client | 1, OpPriority, 0, 1, 0}}, "c3@5 c2@10 s1@10 c1@10"},
		{"changed rank", []Decision{{Client | 1, OpPriority, 0, 9, 0}, {Client | 1, OpDemote, 0, 1, 0}, {Client | 2, OpRank, 0, 2, 0}}, "c3@5 s1@10 c1@10 c2@10"},
		{"the ranks add up", []Decision{{Client | 1, OpPriority, 0, 2, 0}, {Client | 1, OpRank, 0, 2, 0}, {Client | 2, OpRank, 0, 3, 0}}, "c3@5 s1@10 c2@10 c1@10"},
		{"no rank beats time", []Decision{{Client | 3, OpRank, 0, 15, 0}}, "c3@5 c1@10 c2@10 s1@10"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHall(NewScript(c.decisions))
			for _, w := range []struct {
				a  Actor
				at Time
			}{{Client | 1, 10}, {Client | 2, 10}, {Client | 3, 5}, {Server | 1, 10}} {
				h.Wake(&h.player(w.a).Proc, Epoch+w.at)
			}
			require.Equal(t, c.want, h.rest())
		})
	}
}

func TestALastingRankLastsAndARankOfTheMomentDoesNot(t *testing.T) {
	h := newHall(NewScript([]Decision{{Client | 1, OpPriority, 0, 4, 0}, {Client | 2, OpRank, 0, 9, 0}}))
	a, b := h.player(Client|1), h.player(Client|2)
	for round := range 3 {
		h.Wake(&a.Proc, Epoch+Time(round))
		h.Wake(&b.Proc, Epoch+Time(round))
		h.rest()
	}
	require.Equal(t, "c1@0 c2@0 c2@1 c1@1 c2@2 c1@2", h.rest())
}

func TestWakingAgainOnlyMovesEarlier(t *testing.T) {
	h := newHall(Benign{})
	a, b := h.player(Client|1), h.player(Client|2)
	h.Wake(&a.Proc, Epoch+50)
	h.Wake(&b.Proc, Epoch+20)
	h.Wake(&b.Proc, Epoch+30)
	h.Wake(&a.Proc, Epoch+10)
	require.True(t, a.Scheduled())
	at, ok := h.Next()
	require.True(t, ok)
	require.Equal(t, Epoch+10, at)
	require.Equal(t, "c1@10 c2@20", h.rest())
	require.False(t, a.Scheduled())
	_, ok = h.Next()
	require.False(t, ok)
	require.EqualValues(t, 2, h.Steps())
}

func TestThePastIsNow(t *testing.T) {
	h := newHall(Benign{})
	h.Leap(100)
	h.Wake(&h.player(Client|1).Proc, 0)
	require.Equal(t, "c1@100", h.rest())
}

func TestALeapMakesTheOthersLateButNotLost(t *testing.T) {
	h := newHall(Benign{})
	h.Wake(&h.player(Client|1).Proc, Epoch+10)
	h.Wake(&h.player(Client|2).Proc, Epoch+500)
	h.Leap(100)
	require.Equal(t, "c1@100 c2@500", h.rest())
}

// hallModel compares a world's heap with a plain list.
type hallModel struct {
	*hall
	players []*player
	due     []*player
	took    *player
}

func newHallModel(seed uint64, players int) *hallModel {
	rates := often(0)
	rates[OpRank], rates[OpPriority], rates[OpDemote] = 30000, 30000, 5000
	m := &hallModel{hall: newHall(&Seeded{Seed: seed, Rates: rates})}
	for i := range players {
		p := m.player(Client | Actor(i))
		p.run = func() { m.took = p }
		m.players = append(m.players, p)
	}
	return m
}

func (m *hallModel) wake(t require.TestingT, i int, in Time) {
	p := m.players[i]
	waiting, was := p.Scheduled(), Time(0)
	if waiting {
		was = m.place(p).at
	}
	m.Wake(&p.Proc, m.Now()+in)
	at := m.Now() + max(0, in)
	if waiting {
		at = min(at, was)
	} else {
		m.due = append(m.due, p)
	}
	require.Equal(t, at, m.place(p).at)
}

// place is a player's place in the heap.
func (m *hallModel) place(p *player) *entry { return &m.heap[p.slot-1] }

func (m *hallModel) cancel(i int) {
	m.Cancel(&m.players[i].Proc)
	m.due = slices.DeleteFunc(m.due, func(q *player) bool { return q == m.players[i] })
}

func (m *hallModel) step(t require.TestingT) {
	m.took = nil
	if len(m.due) == 0 {
		require.False(t, m.Step())
		return
	}
	first := slices.MinFunc(m.due, func(x, y *player) int {
		p, q := m.place(x), m.place(y)
		return cmp.Or(cmp.Compare(p.at, q.at), cmp.Compare(p.rank, q.rank), cmp.Compare(p.seq, q.seq))
	})
	require.True(t, m.Step())
	require.Same(t, first, m.took)
	m.due = slices.DeleteFunc(m.due, func(q *player) bool { return q == first })
}

func TestAWorldAgreesWithAPlainList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newHallModel(rapid.Uint64().Draw(t, "seed"), 9)
		player := rapid.IntRange(0, len(m.players)-1)
		wake := func(t *rapid.T) {
			m.wake(t, player.Draw(t, "player"), Time(rapid.IntRange(-3, 6).Draw(t, "in")))
		}
		t.Repeat(map[string]func(*rapid.T){
			"wake":   wake,
			"wake 2": wake,
			"cancel": func(t *rapid.T) { m.cancel(player.Draw(t, "player")) },
			"step":   func(t *rapid.T) { m.step(t) },
			"": func(t *rapid.T) {
				for _, p := range m.players {
					require.Equal(t, slices.Contains(m.due, p), p.Scheduled())
				}
			},
		})
	})
}

func TestAFullWorldAgreesWithAPlainList(t *testing.T) {
	m, r := newHallModel(1, 100), NewRand(1)
	for range 5000 {
		m.wake(t, r.Intn(100), Time(r.Intn(300)))
		m.wake(t, r.Intn(100), Time(r.Intn(300)))
		m.cancel(r.Intn(100))
		m.step(t)
	}
	for len(m.due) > 0 {
		m.step(t)
	}
}

func TestARaceRunsOthersButNeverTheWorker(t *testing.T) {
	for _, c := range []struct {
		name string
		val  int
		due  []string // actors in the order of their time, 100 apart
		want string
	}{
		{"not chosen", 0, []string{"c1", "c2"}, ""},
		{"one", 1, []string{"c1", "c2"}, "c1@0"},
		{"three", 3, []string{"c1", "c2", "s1", "s2"}, "c1@0 c2@100 s1@200"},
		{"fewer than chosen", 3, []string{"c1"}, "c1@0"},
		{"nobody", 3, nil, ""},
		{"the worker is next", 3, []string{"w0", "c1"}, ""},
		{"the worker is in the way", 3, []string{"c1", "w0", "c2"}, "c1@0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHall(force{op: OpRace, val: c.val})
			for i, name := range c.due {
				a, ok := ParseActor(name)
				require.True(t, ok)
				h.Wake(&h.player(a).Proc, Epoch+Time(100*i))
			}
			var caller Agent
			caller.Init(Front, &h.Choices)
			h.Race(&caller)
			require.Equal(t, c.want, strings.Join(h.ran, " "))
		})
	}
}

func TestARaceIsShort(t *testing.T) {
	h := newHall(force{op: OpRace, val: 3})
	var caller Agent
	caller.Init(Front, &h.Choices)
	h.Wake(&h.player(Client|1).Proc, Epoch+raceSpan)
	h.Wake(&h.player(Client|2).Proc, Epoch+3*raceSpan)
	h.Race(&caller)
	require.Len(t, h.ran, 1)
	h.Leap(raceSpan)
	h.Race(&caller)
	require.Len(t, h.ran, 2, "another race is another chance")
}

func TestARaceInsideARaceIsNone(t *testing.T) {
	h := newHall(force{op: OpRace, val: 3})
	var caller Agent
	caller.Init(Front, &h.Choices)
	p := h.player(Client | 1)
	p.run = func() {
		h.ran = append(h.ran, "in")
		h.Race(&caller)
		h.ran = append(h.ran, "out")
	}
	h.Wake(&p.Proc, Epoch)
	h.Wake(&h.player(Client|2).Proc, Epoch)
	h.Race(&caller)
	require.Equal(t, "in out c2@0", strings.Join(h.ran, " "))
	require.Len(t, h.Choices.Taken, 1, "it is not even a choice")
}

func TestResetStartsOver(t *testing.T) {
	h := newHall(force{op: OpRank, val: 1})
	h.Wake(&h.player(Client|1).Proc, Epoch+10)
	h.Wake(&h.player(Client|2).Proc, Epoch+20)
	h.Step()
	h.Reset(Benign{})
	require.Equal(t, Epoch, h.Now())
	require.Zero(t, h.Steps())
	require.Empty(t, h.Choices.Taken)
	require.False(t, h.Step())
}
