package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
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

// TestTheCollectorGoesByWhatIsInUse behind each collection, until somebody else says how often.
func TestTheCollectorGoesByWhatIsInUse(t *testing.T) {
	before := debug.SetGCPercent(100)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	read := []metrics.Sample{{Name: "/gc/gogc:percent"}, {Name: "/gc/heap/live:bytes"}}
	is := func() (set, live uint64) {
		metrics.Read(read)
		return read[0].Value.Uint64(), read[1].Value.Uint64()
	}
	newCollector()
	near := func() bool {
		runtime.GC()
		set, live := is()
		want := uint64(percent(live))
		return set >= want*3/4 && set <= want*5/4
	}
	require.Eventually(t, near, patience, time.Millisecond)
	held := make([]byte, 32<<20)
	require.Eventually(t, near, patience, time.Millisecond)
	set, _ := is()
	require.Equal(t, uint64(rare), set)
	runtime.KeepAlive(held)
	debug.SetGCPercent(50)
	for range 5 {
		near()
		time.Sleep(time.Millisecond)
	}
	set, _ = is()
	require.Equal(t, uint64(50), set)
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
