package core

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// timerModel is what Timers is compared with: the deadlines in a plain list.
type timerModel struct {
	heap  Timers
	tasks []Task
	want  []Time // by task, 0 = never
	now   Time
}

func newTimerModel(n int) *timerModel {
	return &timerModel{tasks: make([]Task, n), want: make([]Time, n), now: 1}
}

func (m *timerModel) set(i int, at Time) {
	m.heap.Set(&m.tasks[i], at)
	m.want[i] = at
}

// expire moves the time on and compares what has come due.
func (m *timerModel) expire(t require.TestingT, d Time) {
	m.now += d
	var got, want []int
	for task := m.heap.Expired(m.now); task != nil; task = m.heap.Expired(m.now) {
		got = append(got, slices.IndexFunc(m.tasks, func(other Task) bool { return other.run == task.run }))
	}
	for i, at := range m.want {
		if at != 0 && at <= m.now {
			want = append(want, i)
			m.want[i] = 0
		}
	}
	slices.Sort(got)
	require.Equal(t, want, got, "expired at %d", m.now)
	next := m.heap.Next()
	require.True(t, next == 0 || next > m.now, "what is in the past must not hold the sleep")
}

// check compares the deadlines, and the heap with its own rules.
func (m *timerModel) check(t require.TestingT) {
	var first Time
	count := 0
	for i, at := range m.want {
		require.Equal(t, at, m.tasks[i].Deadline(), "task %d", i)
		first = First(first, at)
		if at != 0 {
			count++
		}
	}
	require.Equal(t, count, m.heap.Len())
	require.Equal(t, first == 0, m.heap.Next() == 0)
	require.LessOrEqual(t, m.heap.Next(), first)
	for i := range m.heap.Len() {
		task := m.heap.at(i)
		require.EqualValues(t, i+1, task.slot)
		require.LessOrEqual(t, task.key, task.at)
		require.LessOrEqual(t, m.heap.at((i-1)/2).key, task.key)
	}
}

// number gives every task an identity of its own.
type number int

func (number) Run(bool) {}

func (m *timerModel) name() *timerModel {
	for i := range m.tasks {
		m.tasks[i].run = number(i)
	}
	return m
}

func TestTimersAgreeWithAPlainList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newTimerModel(rapid.IntRange(1, 12).Draw(t, "tasks")).name()
		task := rapid.IntRange(0, len(m.tasks)-1)
		span := rapid.Map(rapid.IntRange(0, 20), func(n int) Time { return Time(n) })
		t.Repeat(map[string]func(*rapid.T){
			"set":     func(t *rapid.T) { m.set(task.Draw(t, "task"), m.now+span.Draw(t, "in")) },
			"later":   func(t *rapid.T) { i := task.Draw(t, "task"); m.set(i, max(m.now, m.want[i])+1) },
			"earlier": func(t *rapid.T) { i := task.Draw(t, "task"); m.set(i, max(1, m.want[i]-span.Draw(t, "by"))) },
			"never":   func(t *rapid.T) { m.set(task.Draw(t, "task"), 0) },
			"expire":  func(t *rapid.T) { m.expire(t, span.Draw(t, "after")) },
			"":        func(t *rapid.T) { m.check(t) },
		})
	})
}

func TestManyTimersAgreeWithAPlainList(t *testing.T) {
	m := newTimerModel(300).name()
	seed := uint64(1)
	draw := func(n int) int { // any generator will do, so the oldest
		seed = seed*6364136223846793005 + 1442695040888963407
		return int(seed>>33) % n
	}
	for range 100 {
		for range 40 {
			m.set(draw(300), m.now+Time(draw(2000)))
		}
		m.set(draw(300), 0)
		m.expire(t, Time(draw(60)))
		m.check(t)
	}
	m.expire(t, 5000)
	require.Zero(t, m.heap.Len())
}

func TestMovingADeadlineLaterCostsNothing(t *testing.T) {
	m := newTimerModel(3).name()
	for i, at := range []Time{10, 20, 30} {
		m.set(i, at)
	}
	for at := Time(11); at < 100; at++ {
		m.set(0, at)
	}
	require.EqualValues(t, 10, m.heap.Next(), "the old place stays until it comes up")
	m.expire(t, 10)
	require.EqualValues(t, 20, m.heap.Next())
	m.check(t)
}

func TestDeadlinesCountNeverAsTheLatest(t *testing.T) {
	var b strings.Builder
	for _, c := range [][2]Time{{0, 0}, {0, 5}, {5, 0}, {5, 7}, {7, 5}, {5, 5}} {
		fmt.Fprintf(&b, "first of %d and %d: %d\n", c[0], c[1], First(c[0], c[1]))
	}
	fmt.Fprintf(&b, "never after 9: %d\n3 after 9: %d\n", After(9, 0), After(9, 3))
	require.Equal(t, text(
		"first of 0 and 0: 0",
		"first of 0 and 5: 5",
		"first of 5 and 0: 5",
		"first of 5 and 7: 5",
		"first of 7 and 5: 5",
		"first of 5 and 5: 5",
		"never after 9: 0",
		"3 after 9: 12"), b.String())
}
