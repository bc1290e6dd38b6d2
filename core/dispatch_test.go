package core

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// actor is an owner that says when its turn is, and does what a test wants.
type actor struct {
	name string
	log  *transcript
	desc *Desc
	turn func(*actor)
}

func (a *actor) Turn() {
	a.log.say(a.name, "turn, %v ready", a.desc.Active()&a.desc.Ready())
	if a.turn != nil {
		a.turn(a)
	}
}

// dry is what most turns come to: the kernel has no more.
func dry(a *actor) { a.desc.Cant(RW) }

// stage is a loop with actors on descriptors.
type stage struct {
	*Loop
	poller *fakePoller
	log    *transcript
}

func newStage(edge bool) *stage {
	log := &transcript{}
	loop, poller := newFakeLoop(edge, log)
	return &stage{Loop: loop, poller: poller, log: log}
}

// open gives a number a new life, wanted for reading.
func (s *stage) open(name string, num int, ready Wish, turn func(*actor)) *actor {
	a := &actor{name: name, log: s.log, turn: turn}
	a.desc = s.Table.Insert(num, a, ready)
	a.desc.Want(R)
	return a
}

// close ends the life of an actor's number.
func (s *stage) close(a *actor) { s.Table.Remove(a.desc) }

// round runs one round with these lines in the poller's report.
func (s *stage) round(t require.TestingT, lines ...Ready) string {
	s.poller.batch = lines
	require.Zero(t, s.Step())
	require.Empty(t, s.Table.Audit())
	return s.log.take()
}

func readable(a *actor) Ready { return Ready{Key: a.desc.Key(), Events: EvIn} }

func TestStaleReportIsIgnored(t *testing.T) {
	key := func(num, gen int) Key { return Key(gen)<<32 | Key(num) }
	for _, c := range []struct {
		name  string
		line  Key
		turns string
		stale int
	}{
		{"of this life", key(3, 2), "second turn, R ready\n", 0},
		{"of the life before", key(3, 1), "", 1},
		{"of a life that has not begun", key(3, 3), "", 1},
		{"of a closed number", key(4, 1), "", 1},
		{"of a number never seen", key(200, 0), "", 1},
		{"of the first number beyond the table", key(1<<pageBits, 1), "", 1},
		{"of a number beyond the table", key(1<<20, 1), "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(true)
			s.close(s.open("first", 3, 0, dry))
			s.close(s.open("other", 4, 0, dry))
			second := s.open("second", 3, 0, dry)
			require.Equal(t, text("poller set fd3 - -> IN|PRI|RDHUP"), s.round(t))
			require.Equal(t, c.turns, s.round(t, Ready{Key: c.line, Events: EvIn | EvErr}))
			require.EqualValues(t, c.stale, s.Table.Stats.Stale)
			require.Equal(t, 1<<pageBits, s.Table.Limit(), "a wild number makes no room for itself")
			require.Equal(t, c.stale == 0, second.desc.Events() == EvErr)
		})
	}
}

func TestAReportIsNotDeliveredToTheNextOwnerOfItsNumber(t *testing.T) {
	bothModes(t, func(t *testing.T, edge bool) {
		s := newStage(edge)
		var victim *actor
		s.open("first", 3, 0, func(a *actor) {
			dry(a)
			s.close(victim)
			s.open("heir", 4, 0, dry)
		})
		victim = s.open("victim", 4, 0, dry)
		s.round(t)
		got := s.round(t, Ready{Key: 1<<32 | 3, Events: EvIn}, readable(victim))
		want := "first  turn, R ready\n"
		if edge {
			want += "poller set fd4 - -> IN|PRI|RDHUP\n"
		} else {
			want += "poller set fd4 - -> IN|RDHUP\n"
		}
		require.Equal(t, want, got)
		require.Zero(t, s.Table.At(4).Events())
	})
}

func TestClosingInsideATurnLeavesNoTrace(t *testing.T) {
	for _, c := range []struct {
		name string
		turn func(s *stage, b, c *actor) // b's, between a's and c's
		want string
	}{
		{"its own", func(s *stage, b, _ *actor) {
			s.close(b)
		}, text("a      turn, R ready", "b      turn, R ready", "c      turn, R ready")},

		{"its own after asking for more", func(s *stage, b, _ *actor) {
			do(b.desc, "want R|W, may R|W")
			s.close(b)
		}, text("a      turn, R ready", "b      turn, R ready", "c      turn, R ready")},

		{"its own, and the number has a new owner", func(s *stage, b, _ *actor) {
			s.close(b)
			s.open("heir", 4, 0, dry)
		}, text("a      turn, R ready", "b      turn, R ready", "c      turn, R ready",
			"poller set fd4 - -> IN|PRI|RDHUP")},

		{"its own, and the new owner has a turn due", func(s *stage, b, _ *actor) {
			s.close(b)
			s.open("heir", 4, RW, dry)
		}, text("a      turn, R ready", "b      turn, R ready", "c      turn, R ready",
			"heir   turn, R ready", "poller set fd4 - -> IN|PRI|RDHUP")},

		{"one whose turn comes later", func(s *stage, b, c *actor) {
			dry(b)
			s.close(c)
		}, text("a      turn, R ready", "b      turn, R ready",
			"poller set fd4 - -> IN|PRI|RDHUP")},

		{"one whose turn comes later, and the number has a new owner", func(s *stage, b, c *actor) {
			dry(b)
			s.close(c)
			s.open("heir", 5, RW, dry)
		}, text("a      turn, R ready", "b      turn, R ready", "heir   turn, R ready",
			"poller set fd4 - -> IN|PRI|RDHUP", "poller set fd5 - -> IN|PRI|RDHUP")},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(true)
			var third *actor
			s.open("a", 3, R, func(a *actor) { dry(a); a.desc.Stop(R) })
			s.open("b", 4, R, func(b *actor) { c.turn(s, b, third) })
			third = s.open("c", 5, R, func(a *actor) { dry(a); a.desc.Stop(R) })
			require.Equal(t, c.want, s.round(t))
			require.Empty(t, s.round(t), "something was left behind")
			require.Zero(t, s.Table.Pending())
		})
	}
}

func TestClosingOneThatHadItsTurnLeavesNoTrace(t *testing.T) {
	s := newStage(false)
	a := s.open("a", 3, R, nil) // stays ready, so it stands in line again
	s.open("b", 4, R, func(b *actor) {
		dry(b)
		s.close(a)
	})
	require.Equal(t, text("a      turn, R ready", "b      turn, R ready",
		"poller set fd4 - -> IN|RDHUP"), s.round(t))
	require.Equal(t, 1, s.Table.Opened())
	require.False(t, a.desc.Open())
	require.True(t, s.Table.At(4).Open())
}

func TestReadyDescriptorsDoNotStarvePolledOnes(t *testing.T) {
	bothModes(t, func(t *testing.T, edge bool) {
		s := newStage(edge)
		for i := range 50 {
			s.open(fmt.Sprint("busy", i), 100+i, R, nil)
		}
		polled := s.open("polled", 3, 0, dry)
		s.round(t)
		for range 3 {
			require.Contains(t, s.round(t, readable(polled)), "polled turn, R ready\n")
			require.NotContains(t, s.round(t), "polled turn")
		}
		turns := s.Table.Stats.Turns
		s.round(t)
		require.EqualValues(t, 50*maxPasses, s.Table.Stats.Turns-turns, "a round gives each the same")
	})
}

func TestATurnRunsOncePerReport(t *testing.T) {
	for _, c := range []struct {
		name  string
		want  Wish
		lines []Events
		turns string
	}{
		{"one event", R, []Events{EvIn}, "a      turn, R ready\n"},
		{"two directions", RW, []Events{EvIn | EvOut}, "a      turn, R|W ready\n"},
		{"two halves", RW, []Events{EvIn, EvOut}, "a      turn, R|W ready\n"},
		{"the same twice", R, []Events{EvIn, EvIn}, "a      turn, R ready\n"},
		{"everything", RW, []Events{EvIn | EvPri | EvOut | EvErr | EvHup | EvRdHup}, "a      turn, R|W ready\n"},
		{"an error", W, []Events{EvErr}, "a      turn, W ready\n"},
		{"the end", R, []Events{EvRdHup}, "a      turn, R ready\n"},
		{"urgent data", R, []Events{EvPri}, "a      turn, R ready\n"},
		{"what is not wanted", R, []Events{EvOut}, ""},
		{"nothing wanted", 0, []Events{EvHup | EvErr}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			bothModes(t, func(t *testing.T, edge bool) {
				s := newStage(edge)
				a := s.open("a", 3, 0, dry)
				s.round(t)
				a.desc.Stop(R)
				a.desc.Want(c.want)
				s.round(t)
				var lines []Ready
				for _, ev := range c.lines {
					lines = append(lines, Ready{Key: a.desc.Key(), Events: ev})
				}
				require.Equal(t, c.turns, s.round(t, lines...))
				require.Empty(t, s.round(t))
			})
		})
	}
}

func TestWhatWasReportedIsKeptUntilItIsWanted(t *testing.T) {
	s := newStage(true)
	a := s.open("a", 3, 0, dry)
	s.round(t)
	a.desc.Stop(R)
	require.Empty(t, s.round(t, Ready{Key: a.desc.Key(), Events: EvIn | EvRdHup}))
	require.Equal(t, "RDHUP", a.desc.Events().String())
	a.desc.Want(R)
	require.Equal(t, text("a      turn, R ready"), s.round(t), "an edge comes once")
}

func TestSetFailureIsTriedAgain(t *testing.T) {
	for _, c := range []struct {
		edge   bool
		events string
	}{{false, "IN|RDHUP"}, {true, "IN|PRI|RDHUP"}} {
		s := newStage(c.edge)
		s.open("a", 3, 0, dry)
		s.poller.refuse = 2
		refused := "poller set fd3 - -> " + c.events + " = ENOMEM\n"
		require.Equal(t, refused, s.round(t))
		require.Equal(t, s.Now()+pause, s.Deadline(), "a deaf descriptor must not be slept on for long")
		require.Equal(t, refused, s.round(t))
		require.True(t, s.Table.deaf)
		require.Equal(t, "poller set fd3 - -> "+c.events+"\n", s.round(t))
		require.False(t, s.Table.deaf)
		require.Zero(t, s.Deadline())
		require.EqualValues(t, 2, s.Table.Stats.Failed)
		require.EqualValues(t, 3, s.Table.Stats.Sets)
	}
}

func TestClosingARefusedDescriptorLeavesNoTrace(t *testing.T) {
	s := newStage(true)
	s.open("a", 3, 0, dry).desc.Stop(R)
	b := s.open("b", 4, 0, dry)
	s.poller.refuse = 1
	require.Equal(t, text("poller set fd4 - -> IN|PRI|RDHUP = ENOMEM"), s.round(t))
	s.close(b)
	require.Empty(t, s.round(t))
	require.Zero(t, s.Deadline())
}

func TestMisuseOfATableIsABreach(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(s *stage, a *actor)
		want string
	}{
		{"number inserted twice", func(s *stage, a *actor) { s.open("b", 3, 0, nil) },
			"I01 fd: number inserted twice"},
		{"number removed twice", func(s *stage, a *actor) { s.close(a); s.close(a) },
			"I01 fd: number removed twice"},
		{"verb after close", func(s *stage, a *actor) { s.close(a); a.desc.Want(W) },
			"I01 fd: verb on a closed descriptor"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(false)
			require.PanicsWithError(t, c.want, func() { c.do(s, s.open("a", 3, 0, nil)) })
		})
	}
}

func TestRecordsOfManyNumbersStayWhereTheyAre(t *testing.T) {
	s := newStage(false)
	first := s.Table.At(0)
	for _, num := range []int{255, 256, 70000, 1} {
		a := s.open("a", num, 0, nil)
		require.Equal(t, num, a.desc.Num())
		require.Equal(t, num, a.desc.Key().Num())
		require.EqualValues(t, 1, a.desc.Key().Gen())
	}
	require.Same(t, first, s.Table.At(0))
	require.Equal(t, 4, s.Table.Opened())
	require.Greater(t, s.Table.Limit(), 70000)
}
