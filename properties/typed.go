package properties

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// home is where the process began, which of a package's tests is its directory; "" if nobody
// knows. A test may go elsewhere later.
var home = func() string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	return dir
}()

// GoTest is what to type to run one test of the package in a directory. It says where that
// is: who typed "go test ./..." is not there, and the same words would run no test at all
// where he is, which passes. A directory without tests is that of a test binary which
// somebody has built and taken there.
func GoTest(dir, name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	command := "go test"
	if files, err := os.ReadDir(dir); err == nil && slices.ContainsFunc(files, isTest) {
		command += " -C " + shellWord(dir) // it has to be the first flag
	}
	return command + " -run " + shellWord(strings.Join(parts, "/"))
}

func isTest(f os.DirEntry) bool { return strings.HasSuffix(f.Name(), "_test.go") }

// absolute is the path of a file for a command that may be typed anywhere.
func absolute(t TB, path string) string {
	t.Helper()
	whole, err := filepath.Abs(path)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return whole
}

// shellWord quotes a word for a shell, if that is needed.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+,:=@%", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
