package command

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares with a file.
func golden(t *testing.T, path, got string) {
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o666))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// between returns what stands between the steps of a trace, and what is left without it.
func between(text string) (lines []string, rest string) {
	was := regexp.MustCompile(`^# (turn|task|session \d+ (front|back|is gone))`)
	for line := range strings.Lines(text) {
		if was.MatchString(line) {
			lines = append(lines, strings.TrimSpace(line[2:]))
		} else {
			rest += line
		}
	}
	return lines, rest
}

// TestWhatIsBetweenTheCallsIsToldOnDemand of a world and of a recording, and nothing else is
// another one for it.
func TestWhatIsBetweenTheCallsIsToldOnDemand(t *testing.T) {
	for name, path := range map[string]string{
		"told-world.txt": file(t, healthy), "told-recorded.txt": "testdata/recorded.trace",
	} {
		code, plain, _ := call("show", path)
		require.Equal(t, 0, code)
		code, out, complaint := call("show", "-v", path)
		require.Equal(t, 0, code, complaint)
		lines, rest := between(out)
		require.Equal(t, plain, rest)
		require.NotEmpty(t, lines)
		golden(t, filepath.Join("testdata", name), out)
		code, again, _ := call("replay", file(t, out))
		require.Equal(t, 0, code)
		require.Contains(t, again, "all as recorded")
	}
}

// TestWhoeverRunsWasWoken: each run of a task has one line before it that says by whom, and
// a flag changes from what it was last.
func TestWhoeverRunsWasWoken(t *testing.T) {
	paths, err := filepath.Glob("../proxy/testdata/scenarios/*.trace")
	require.NoError(t, err)
	require.Greater(t, len(paths), 20)
	change := regexp.MustCompile(`^(session \d+ (?:front|back) \w+): (\S+) -> (\S+)$`)
	runs, changes, timers := 0, 0, 0
	for _, path := range paths {
		code, out, complaint := call("show", "-v", path)
		require.Equal(t, 0, code, complaint)
		lines, _ := between(out)
		waits, flags := map[string]bool{}, map[string]string{}
		for _, line := range lines {
			if who, by, is := strings.Cut(line, " is woken "); is {
				require.False(t, waits[who], "%s: %s", path, line)
				waits[who] = true
				if by == "by its timer" {
					timers++
				}
			} else if who, is := strings.CutPrefix(line, "task session "); is {
				who = "task session " + strings.TrimSuffix(who, " timeout")
				require.True(t, waits[who], "%s: %s", path, line)
				delete(waits, who)
				runs++
			} else if m := change.FindStringSubmatch(line); m != nil {
				if was, known := flags[m[1]]; known {
					require.Equal(t, was, m[2], "%s: %s", path, line)
				}
				require.NotEqual(t, m[2], m[3])
				flags[m[1]] = m[3]
				changes++
			}
		}
	}
	require.Greater(t, runs, 150)
	require.Greater(t, changes, 500)
	require.Greater(t, timers, 5)
}

// TestAReplayThatPartsTellsWhatWasBetween the last steps.
func TestAReplayThatPartsTellsWhatWasBetween(t *testing.T) {
	text, err := os.ReadFile("testdata/recorded.trace")
	require.NoError(t, err)
	path := file(t, strings.Replace(string(text), "b1 shutw", "b1 close", 1))
	code, plain, _ := call("replay", path)
	require.Equal(t, 1, code)
	code, out, _ := call("replay", "-v", path)
	require.Equal(t, 1, code)
	require.NotContains(t, plain, "; ")
	require.Contains(t, out, "  ; task session 1 is woken by turn f1\n  ; session 1 front connection: CONNECTED -> CONNECTED|SOCK_RD_SH\n")
}
