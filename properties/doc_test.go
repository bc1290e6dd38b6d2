package properties

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryRowNamesTestsThatExist reads the table of rows in the package comment
// and looks for what it names.
func TestEveryRowNamesTestsThatExist(t *testing.T) {
	tests := declared(t)
	rows := 0
	for line := range strings.Lines(docText) {
		words := strings.Fields(strings.TrimPrefix(line, "//"))
		if len(words) == 0 || !regexp.MustCompile(`^S\d\d$`).MatchString(words[0]) {
			continue
		}
		rows++
		named := 0
		for _, w := range words {
			if !strings.HasPrefix(w, "Test") {
				continue
			}
			named++
			test, sub, _ := strings.Cut(w, "/")
			require.True(t, tests[test], "%s: no %s", words[0], test)
			switch test {
			case "TestTurn":
				require.FileExists(t, filepath.Join("../core/testdata/turn", sub+".txt"))
			case "TestScenariosRunAsWritten":
				require.FileExists(t, filepath.Join("proxy/testdata/scenarios", sub+".trace"))
			}
		}
		require.NotZero(t, named, "%s names no test", words[0])
	}
	require.Equal(t, 32, rows)
}

func declared(t *testing.T) map[string]bool {
	found := map[string]bool{}
	var files []string
	for _, pattern := range []string{"../*/*_test.go", "../*/*/*_test.go", "../*/*/*/*_test.go"} {
		list, err := filepath.Glob(pattern)
		require.NoError(t, err)
		files = append(files, list...)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(string(text), -1) {
			found[m[1]] = true
		}
	}
	return found
}

// TestEveryBreachHasASentence: whatever number the code breaks with, the package
// comment explains it.
func TestEveryBreachHasASentence(t *testing.T) {
	used := regexp.MustCompile(`"(I\d\d)"`)
	seen := 0
	for _, dir := range []string{"core", "datalayer", "streamif", "simfd", "simpoller", "properties", "properties/proxy", "traces", "traces/proxytrace"} {
		files, err := filepath.Glob("../" + dir + "/*.go")
		require.NoError(t, err)
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			text, err := os.ReadFile(f)
			require.NoError(t, err)
			for _, m := range used.FindAllStringSubmatch(string(text), -1) {
				seen++
				require.NotEmpty(t, Invariant(m[1]), "%s uses %s", f, m[1])
			}
		}
	}
	require.Greater(t, seen, 50)
}
