package core

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// job is a task's runner that says when it runs.
type job struct {
	Task
	name string
	log  *transcript
	run  func()
}

func (j *job) Run(timeout bool) {
	j.log.say(j.name, "run, timeout %v", timeout)
	if j.run != nil {
		j.run()
	}
}

// job makes a task of the stage's loop.
func (s *stage) job(name string, run func()) *job {
	j := &job{name: name, log: s.log, run: run}
	s.Bind(&j.Task, j)
	return j
}

func TestATaskIsQueuedOnce(t *testing.T) {
	s := newStage(false)
	a, b := s.job("a", nil), s.job("b", nil)
	for _, j := range []*job{a, b, a, a, b} {
		s.Wake(&j.Task)
	}
	require.Equal(t, 2, s.Runnable())
	require.True(t, a.Queued())
	require.Equal(t, text("a      run, timeout false", "b      run, timeout false"), s.round(t))
	require.False(t, a.Queued())
	require.Empty(t, s.round(t))
	require.EqualValues(t, 2, s.Stats.Tasks)
}

func TestAWakeDuringARunLeadsToAnotherRun(t *testing.T) {
	s := newStage(false)
	left := 3
	var a *job
	a = s.job("a", func() {
		if left--; left > 0 {
			s.Wake(&a.Task)
			s.Wake(&a.Task)
		}
	})
	s.Wake(&a.Task)
	line := "a      run, timeout false"
	require.Equal(t, text(line, line, line), s.round(t))
	require.Zero(t, s.Deadline())
}

func TestATaskThatKeepsWakingItselfDoesNotHoldTheLoop(t *testing.T) {
	s := newStage(false)
	var a *job
	a = s.job("a", func() { s.Wake(&a.Task) })
	s.Wake(&a.Task)
	s.round(t)
	require.EqualValues(t, maxPasses, s.Stats.Tasks)
	require.Equal(t, s.Now(), s.Deadline(), "no sleep with a task to run")
}

func TestTimeoutAddsToTheOtherReasons(t *testing.T) {
	s := newStage(false)
	a := s.job("a", nil)
	at := s.Now() + 2
	s.SetTimer(&a.Task, at)
	require.Equal(t, at, a.Deadline())
	s.Budget = 0
	s.Wake(&a.Task)
	require.Empty(t, s.round(t), "a budget of 0 delays every task")
	require.Empty(t, s.round(t))
	require.Empty(t, s.round(t))
	require.Zero(t, a.Deadline(), "an expired timer is consumed")
	require.Equal(t, 1, s.Runnable())
	s.Budget = TaskBudget
	require.Equal(t, text("a      run, timeout true"), s.round(t))
	s.Wake(&a.Task)
	require.Equal(t, text("a      run, timeout false"), s.round(t), "a reason counts for one run")
}

func TestDropTakesATaskOutOfQueueAndTimers(t *testing.T) {
	s := newStage(false)
	a, b := s.job("a", nil), s.job("b", nil)
	s.Wake(&a.Task)
	s.Wake(&b.Task)
	s.SetTimer(&a.Task, s.Now()+5)
	s.SetTimer(&b.Task, s.Now()+5)
	s.Drop(&a.Task)
	require.False(t, a.Queued())
	require.Equal(t, 1, s.Timers())
	require.Equal(t, text("b      run, timeout false"), s.round(t))
	require.Equal(t, text("b      run, timeout true"), s.round(t))
	s.Drop(&a.Task)
	s.Bind(&a.Task, a)
	s.Wake(&a.Task)
	require.Equal(t, text("a      run, timeout false"), s.round(t), "a dropped task may be bound again")
}

func TestATaskMayDropAnotherThatIsDue(t *testing.T) {
	s := newStage(false)
	var b *job
	a := s.job("a", func() {
		s.Drop(&b.Task)
		s.Bind(&b.Task, b)
	})
	b = s.job("b", nil)
	s.Wake(&a.Task)
	s.Wake(&b.Task)
	require.Equal(t, text("a      run, timeout false"), s.round(t))
	require.Zero(t, s.Runnable())
}

func TestBindingAQueuedTaskIsABreach(t *testing.T) {
	s := newStage(false)
	a := s.job("a", nil)
	s.Wake(&a.Task)
	require.PanicsWithError(t, "I54 task: bound while queued", func() { s.Bind(&a.Task, a) })
	s.round(t)
	s.SetTimer(&a.Task, 99)
	require.PanicsWithError(t, "I54 task: bound while queued", func() { s.Bind(&a.Task, a) })
}

func TestTasksRunWithinTheBudgetAndInOrder(t *testing.T) {
	s := newStage(false)
	want := ""
	for i := range 10 {
		j := s.job(fmt.Sprint("task", i), nil)
		s.Wake(&j.Task)
		want += fmt.Sprintf("task%d  run, timeout false\n", i)
	}
	s.Budget = 1
	got := s.round(t)
	require.EqualValues(t, maxPasses, s.Stats.Tasks)
	require.Equal(t, 10-maxPasses, s.Runnable())
	for s.Runnable() > 0 {
		got += s.round(t)
	}
	require.Equal(t, want, got)
}

func TestTheLoopSleepsOnlyWhenNothingIsDue(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(s *stage)
		want string
	}{
		{"nothing at all", func(*stage) {}, "for ever"},
		{"a descriptor that waits, and the poller does not know", func(s *stage) { s.open("a", 3, 0, dry) }, "not at all"},
		{"a descriptor that waits", func(s *stage) { s.open("a", 3, 0, dry); s.Table.flush() }, "for ever"},
		{"a descriptor that the poller refused", func(s *stage) {
			s.open("a", 3, 0, dry)
			s.poller.refuse = 1
			s.Table.flush()
		}, fmt.Sprintf("until %d", newStage(true).Now()+pause)},
		{"a descriptor with a turn due", func(s *stage) { s.open("a", 3, R, dry) }, "not at all"},
		{"a task to run", func(s *stage) { s.Wake(&s.job("a", nil).Task) }, "not at all"},
		{"a timer", func(s *stage) { s.SetTimer(&s.job("a", nil).Task, 70) }, "until 70"},
		{"the earlier of two timers", func(s *stage) {
			s.SetTimer(&s.job("a", nil).Task, 70)
			s.SetTimer(&s.job("b", nil).Task, 50)
		}, "until 50"},
		{"a timer and a task", func(s *stage) {
			j := s.job("a", nil)
			s.SetTimer(&j.Task, 70)
			s.Wake(&j.Task)
		}, "not at all"},
	} {
		s := newStage(true)
		c.do(s)
		got := fmt.Sprintf("until %d", s.Deadline())
		switch s.Deadline() {
		case 0:
			got = "for ever"
		case s.Now():
			got = "not at all"
		}
		require.Equal(t, c.want, got, c.name)
	}
}

func TestWaitNeverGetsAnEmptyReportBuffer(t *testing.T) {
	for _, events := range []int{-1, 0, 1, 7} {
		p := &fakePoller{}
		NewLoop(p, events, 1).Step()
		require.Equal(t, max(1, events), p.room)
	}
}

func TestALongReportIsTakenInPieces(t *testing.T) {
	s := newStage(false)
	s.Loop = NewLoop(s.poller, 2, 1)
	var lines []Ready
	for i := range 5 {
		lines = append(lines, readable(s.open("a", 3+i, 0, dry)))
	}
	s.Step()
	s.log.take()
	s.poller.batch = lines
	for range 3 {
		s.Step()
	}
	require.EqualValues(t, 5, s.Table.Stats.Turns)
	require.EqualValues(t, 5, s.Stats.Events)
}

func TestOnlyEINTRIsNoErrorOfTheLoop(t *testing.T) {
	for _, e := range []Errno{0, EINTR, EBADF, EINVAL} {
		s := newStage(false)
		a := s.job("a", nil)
		s.Wake(&a.Task)
		s.poller.errno = e
		want := e
		if e == EINTR {
			want = 0
		}
		require.Equal(t, want, s.Step())
		require.NotEmpty(t, s.log.take(), "tasks run whatever the poller says")
	}
}

func TestTheTimeIsThatOfTheLastWait(t *testing.T) {
	s := newStage(false)
	for _, at := range []Time{7, 7, 1000} {
		s.poller.clock = at - 1
		var seen Time
		s.Wake(&s.job("a", func() { seen = s.Now() }).Task)
		s.Step()
		require.Equal(t, at, seen)
	}
	require.EqualValues(t, 3, s.Stats.Waits)
}

func TestAClockThatGoesBackwardsIsABreach(t *testing.T) {
	s := newStage(false)
	s.poller.clock = -9
	require.PanicsWithError(t, "I50 loop: the clock went backwards", func() { s.Step() })
}

func TestDescriptorsComeBeforeTasksAndBothBeforeTheFlush(t *testing.T) {
	s := newStage(false)
	var task *job
	fd := s.open("fd", 3, R, func(a *actor) {
		dry(a)
		s.Wake(&task.Task)
	})
	task = s.job("task", func() { fd.desc.Stop(R) })
	s.SetTimer(&task.Task, s.Now())
	require.Equal(t, text("fd     turn, R ready", "task   run, timeout true"), s.round(t))
}

// TestATimeoutIsToldOnlyAfterALook: the process was stopped for a while.
func TestATimeoutIsToldOnlyAfterALook(t *testing.T) {
	s := newStage(false)
	a := s.job("a", nil)
	at := s.Now() + 10
	s.SetTimer(&a.Task, at)
	s.poller.clock, s.poller.errno = at+100, EINTR
	s.Step()
	require.Empty(t, s.log.take(), "interrupted, it has not looked")
	require.Zero(t, s.Looked())
	require.Equal(t, at, s.Deadline(), "and looks at once")
	s.poller.errno = 0
	require.Equal(t, text("a      run, timeout true"), s.round(t))

	fd := s.open("fd", 3, 0, dry)
	s.round(t)
	at = s.Now() + 10
	s.SetTimer(&a.Task, at)
	s.poller.clock = at + 100
	require.Equal(t, text("fd     turn, R ready"), s.round(t, readable(fd)), "the clock may have leapt after the look")
	require.Less(t, s.Looked(), at)
	require.Equal(t, text("a      run, timeout true"), s.round(t))
}

// TestAFullReportIsNotALookAtEverything: there are more descriptors than lines.
func TestAFullReportIsNotALookAtEverything(t *testing.T) {
	s := newStage(false)
	s.Loop.ready = s.Loop.ready[:1]
	var fds [3]*actor
	for i := range fds {
		fds[i] = s.open("fd", 3+i, 0, dry)
	}
	s.round(t)
	for i := range 4 {
		s.round(t, readable(fds[i%3]))
		require.Equal(t, i == 3, s.Looked() != 0, "line %d of 3 descriptors", i)
	}
}
