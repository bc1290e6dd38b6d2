package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestGarbageMayBeMuchWhereLittleIsInUse, and never more than that or four times what is in use.
func TestGarbageMayBeMuchWhereLittleIsInUse(t *testing.T) {
	for _, c := range [][2]int{{0, 6400}, {1 << 20, 6400}, {4 << 20, 1600}, {16 << 20, 400}, {1 << 30, 400}} {
		require.Equal(t, c[1], percent(uint64(c[0])), "%d bytes", c[0])
	}
}

// TestAllThreadsGiveWayToTheWorkers: what collects garbage has no more than a third of their share of a
// processor.
func TestAllThreadsGiveWayToTheWorkers(t *testing.T) {
	p := launch(t, "-workers", "2")
	p.line(t, "msg=listening")
	threads := func() (count map[string]int) {
		count = map[string]int{}
		all, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", p.cmd.Process.Pid))
		require.NoError(t, err)
		for _, name := range all {
			if text, err := os.ReadFile(name); err == nil { // or it is no more
				_, fields, _ := strings.Cut(string(text), ") ")
				count[strings.Fields(fields)[16]]++
			}
		}
		return count
	}
	started, err := nice(0)
	require.NoError(t, err)
	workers, others := fmt.Sprint(started), fmt.Sprint(min(started+behind, 19))
	require.Eventually(t, func() bool {
		is := threads()
		return len(is) == 2 && is[workers] == 2 && is[others] > 2
	}, patience, 10*time.Millisecond)
}
