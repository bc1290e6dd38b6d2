package core

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// queueModel is what the queue of tasks is compared with: a list of numbers.
type queueModel struct {
	*stage
	jobs []*job
	due  []int
	ran  []int
}

func newQueueModel(n int) *queueModel {
	m := &queueModel{stage: newStage(false)}
	for i := range n {
		j := m.job(fmt.Sprint("task", i), nil)
		j.log = nil
		j.run = func() { m.ran = append(m.ran, i) }
		m.jobs = append(m.jobs, j)
	}
	return m
}

func (m *queueModel) wake(i int) {
	m.Wake(&m.jobs[i].Task)
	if !slices.Contains(m.due, i) {
		m.due = append(m.due, i)
	}
}

func (m *queueModel) drop(i int) {
	m.Drop(&m.jobs[i].Task)
	m.due = slices.DeleteFunc(m.due, func(j int) bool { return j == i })
}

// round runs what the budget allows, which must be the oldest.
func (m *queueModel) round(t *rapid.T, budget int) {
	m.ran, m.Budget = nil, budget
	m.Step()
	require.LessOrEqual(t, len(m.ran), len(m.due))
	require.LessOrEqual(t, len(m.ran), budget*maxPasses)
	require.Equal(t, fmt.Sprint(m.due[:len(m.ran)]), fmt.Sprint(m.ran))
	m.due = m.due[len(m.ran):]
}

func TestTheQueueOfTasksAgreesWithAPlainList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newQueueModel(9)
		task := rapid.IntRange(0, len(m.jobs)-1)
		t.Repeat(map[string]func(*rapid.T){
			"wake":   func(t *rapid.T) { m.wake(task.Draw(t, "task")) },
			"wake 2": func(t *rapid.T) { m.wake(task.Draw(t, "task")) },
			"drop":   func(t *rapid.T) { m.drop(task.Draw(t, "task")) },
			"round":  func(t *rapid.T) { m.round(t, rapid.IntRange(0, 2).Draw(t, "budget")) },
			"": func(t *rapid.T) {
				for i, j := range m.jobs {
					require.Equal(t, slices.Contains(m.due, i), j.Queued())
				}
			},
		})
		m.round(t, TaskBudget)
		require.Empty(t, m.due, "tasks were lost")
	})
}
