package hunt

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEverySeedIsTriedOnce(t *testing.T) {
	h := New(Config{Length: time.Hour, Seed: 7, Seeds: 1000, Procs: 4}, "test", new(bytes.Buffer), nil)
	var mu sync.Mutex
	tried := map[uint64]int{}
	h.Run(func() {
		for {
			seed, n, ok := h.Next()
			if !ok {
				return
			}
			mu.Lock()
			tried[seed]++
			mu.Unlock()
			if seed != 7+n {
				t.Errorf("seed %d is number %d", seed, n)
			}
		}
	})
	require.Len(t, tried, 1000)
	for seed, times := range tried {
		require.Equal(t, 1, times, "seed %d", seed)
	}
	require.False(t, h.Interrupted)
	require.Positive(t, h.Took)
	require.False(t, h.Hurry(), "a number of seeds has all the time there is")
}

func TestWhatWasTriedIsToldFromEitherEnd(t *testing.T) {
	ahead := Config{Seed: 7, Seeds: 1000}
	require.Equal(t, "7 to 16", ahead.Tried(10))
	back := Config{Seed: 7, Seeds: 1000, Back: true}
	require.Equal(t, "997 to 1006", back.Tried(10))
	require.Equal(t, "7 to 1006", back.Tried(1000))
	require.Equal(t, "5 to 5", (&Config{Seed: 5}).Tried(0), "the one that is under way")

	h := New(back, "test", new(bytes.Buffer), nil)
	first, n, ok := h.Block(10)
	require.True(t, ok)
	require.Equal(t, back.Tried(10), fmt.Sprintf("%d to %d", first, first+n-1))
}

func TestTimeEndsAHunt(t *testing.T) {
	h := New(Config{Length: 10 * time.Millisecond, Procs: 2}, "test", new(bytes.Buffer), nil)
	h.Run(func() {
		for {
			if _, _, ok := h.Next(); !ok {
				return
			}
			time.Sleep(time.Millisecond)
		}
	})
	require.True(t, h.Halted())
	_, _, ok := h.Next()
	require.False(t, ok)
}

func TestHaltEndsAHunt(t *testing.T) {
	var out bytes.Buffer
	h := New(Config{Length: time.Hour, Seed: 5, Procs: 3}, "test", &out, nil)
	h.Run(func() {
		h.Next()
		h.Halt()
	})
	require.Equal(t, "test: seed 5, 3 at a time, for 1h0m0s\n", out.String())
}

func TestOperandsAreForWhoTakesThem(t *testing.T) {
	_, rest, err := (Command{Name: "test", Dir: "dir", Procs: 1, Operands: " [FILE...]"}).Parse([]string{"-seeds", "3", "a", "b"}, new(bytes.Buffer))
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, rest)
	_, _, err = (Command{Name: "test", Dir: "dir", Procs: 1}).Parse([]string{"a"}, new(bytes.Buffer))
	require.ErrorContains(t, err, `unexpected argument "a"`)
	var out bytes.Buffer
	_, _, err = (Command{Name: "test", Dir: "some-dir", Procs: 1, Operands: " [FILE...]"}).Parse([]string{"-h"}, &out)
	require.True(t, errors.Is(err, flag.ErrHelp))
	require.True(t, strings.HasPrefix(out.String(), "usage: test [-for 20s] [-seed S] [-seeds N] [-first] [-procs N] [-o DIR] [FILE...]\n"))
	require.Contains(t, out.String(), `(default "some-dir")`)
}

// TestACommitHasItsSeeds: the same each time, and none of another one's.
func TestACommitHasItsSeeds(t *testing.T) {
	one, two := SeedOf("993ce30"), SeedOf("3941728")
	require.Equal(t, one, SeedOf("993ce30"))
	require.Greater(t, max(one, two)-min(one, two), uint64(1e9))
	require.Less(t, max(one, two), uint64(1)<<48+1)
	require.Positive(t, one)
}

func TestASeedIsANumberOrTheCommits(t *testing.T) {
	cmd := Command{Name: "test", Dir: "dir", Procs: 1}
	c, _, err := cmd.Parse([]string{"-seed", "0x10"}, new(bytes.Buffer))
	require.NoError(t, err)
	require.Equal(t, uint64(16), c.Seed)
	require.False(t, c.Drawn)
	c, _, err = cmd.Parse(nil, new(bytes.Buffer))
	require.NoError(t, err)
	require.True(t, c.Drawn)
	_, _, err = cmd.Parse([]string{"-seed", "yesterday"}, new(bytes.Buffer))
	require.ErrorContains(t, err, "expected a number, or the word commit")

	here, err := commit()
	if err != nil {
		t.Skipf("nothing here is of a commit: %v", err)
	}
	c, _, err = cmd.Parse([]string{"-seed", "commit"}, new(bytes.Buffer))
	require.NoError(t, err)
	require.Equal(t, here, c.Commit)
	require.Equal(t, SeedOf(here), c.Seed)
}
