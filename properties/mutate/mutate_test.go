package mutate

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const code = `package p

func (t *T) step(n int) {
	if n < 0 && !t.done {
		return
	}
	t.sum += n
	for i := range n {
		if i == 3 {
			continue
		}
		t.add(min(i, 7))
	}
	BugOn(t.sum < 0, "sum")
}

func (t *T) over() bool { return t.done }

func (t *T) String() string { return "T" + t.name }
`

func list(t *testing.T, text string) string {
	all, err := Of("p/p.go", []byte(text))
	require.NoError(t, err)
	var b strings.Builder
	for _, m := range all {
		fmt.Fprintf(&b, "%d %s: %s => %s\n", m.Line, m.Rule, m.Old, m.New)
	}
	return b.String()
}

func TestTheRulesMakeTheseMutants(t *testing.T) {
	require.Equal(t, `4 negate: n < 0 && !t.done => !(n < 0 && !t.done)
4 swap operator: n < 0 && !t.done => n < 0 || !t.done
4 only the left: n < 0 && !t.done => n < 0
4 only the right: n < 0 && !t.done => !t.done
4 edge: n < 0 => n <= 0
4 constant: 0 => 1
4 no not: !t.done => t.done
5 leave out: return => `+`
7 return before: t.sum += n => return; t.sum += n
7 leave out: t.sum += n => `+`
7 swap operator: t.sum += n => t.sum -= n
8 return before: for i := range n { if i == 3 { continue } t.add(min(i, 7)) } => return; for i := range n { if i == 3 { continue } t.add(min(i, 7)) }
9 negate: i == 3 => !(i == 3)
9 constant: 3 => 0
10 leave out: continue => `+`
10 swap operator: continue => break
12 leave out: t.add(min(i, 7)) => `+`
12 swap operator: min(i, 7) => max(i, 7)
12 constant: 7 => 0
14 return before: BugOn(t.sum < 0, "sum") => return; BugOn(t.sum < 0, "sum")
17 return true: t.done => true
17 return false: t.done => false
`, list(t, code))
}

func TestAMutantIsTheFileWithOneChange(t *testing.T) {
	all, err := Of("p/p.go", []byte(code))
	require.NoError(t, err)
	require.Equal(t, strings.Replace(code, "n < 0", "n <= 0", 1), string(all[4].Apply([]byte(code))))
	require.Equal(t, "p/p.go T.step edge: n < 0", all[4].Key)
}

func TestMutantsOfTheSameCodeAreCounted(t *testing.T) {
	all, err := Of("p.go", []byte("package p\nfunc f() { g(); g() }\n"))
	require.NoError(t, err)
	require.Len(t, all, 3)
	require.Equal(t, "p.go f leave out: g()", all[0].Key)
	require.Equal(t, "p.go f leave out: g() (2)", all[2].Key)
}

func TestWhatTwoRulesMakeIsOneMutant(t *testing.T) {
	require.Equal(t, "3 return true: false => true\n", list(t, "package p\nfunc f() bool {\n\treturn false\n}\n"))
}

func TestADrawIsTheSameAndStaysWhereCodeDoes(t *testing.T) {
	keys := func(text string, n int) (keys []string) {
		all, err := Of("p/p.go", []byte(text))
		require.NoError(t, err)
		for _, m := range Draw(all, n, 7) {
			keys = append(keys, m.Key)
		}
		return keys
	}
	drawn := keys(code, 5)
	require.Len(t, drawn, 5)
	require.Equal(t, drawn, keys(code, 5))
	require.Len(t, keys(code, 1000), 22)
	more := keys(strings.Replace(code, "package p\n", "package p\n\nfunc new() { a(); b() }\n", 1), 1000)
	require.Subset(t, more, drawn)
	require.Len(t, more, 25)
}

func TestWhatDoesNotCompileIsTold(t *testing.T) {
	c := NewChecker("../..")
	text, err := os.ReadFile("../../core/timers.go")
	require.NoError(t, err)
	ok, err := c.Compiles("core/timers.go", text)
	require.NoError(t, err)
	require.True(t, ok)
	for _, more := range []string{"func unused() { n := 1 }", "func typed() int { return \"\" }", "func endless() int { }"} {
		ok, err = c.Compiles("core/timers.go", append(text[:len(text):len(text)], more...))
		require.NoError(t, err)
		require.False(t, ok, more)
	}
}

// woven builds a program and returns what it prints as each variant.
func woven(t *testing.T, main string, variants []Variant, n int) (said []string) {
	dir := t.TempDir()
	files, rest, err := Weave(map[string][]byte{"main.go": []byte(main)}, variants)
	require.NoError(t, err)
	require.Empty(t, rest)
	files["go.mod"] = []byte("module woven\n\ngo 1.26\n")
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o666))
	}
	build := exec.Command("go", "build", "-o", "woven", ".")
	build.Dir = dir
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	for i := range n {
		cmd := exec.Command(filepath.Join(dir, "woven"))
		cmd.Env = append(os.Environ(), Chosen(i))
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		said = append(said, string(out))
	}
	return said
}

func TestAWovenBuildHasAllVariants(t *testing.T) {
	const main = `package main

import "fmt"

func double(n int) (d int) { d = 2 * n; return }

func say(n int) {
	fmt.Print(double(n))
}

func main() { say(2); say(3) }
`
	change := func(n int, pairs ...string) Variant {
		return Variant{n, "main.go", []byte(strings.NewReplacer(pairs...).Replace(main))}
	}
	said := woven(t, main, []Variant{
		change(1, "2 * n", "3 * n"), change(2, "say(3)", ""), change(3, "2 * n", "n", "fmt.Print", "fmt.Println"), change(4, "d = 2 * n", ""),
	}, 6)
	require.Equal(t, []string{"46", "69", "4", "2\n3\n", "00", "46"}, said)
}

func TestAVariantOfMoreThanFunctionsIsLeft(t *testing.T) {
	const text = "package p\n\nconst c = 1\n\nfunc f() int { return c }\n\nfunc g() {\nl:\n\tfor {\n\t\tbreak l\n\t}\n}\n"
	for _, changed := range []string{
		strings.Replace(text, "c = 1", "c = 2", 1), strings.Replace(text, "f() int", "f() int8", 1),
		text + "func more() {}\n", strings.Replace(text, "break l", "continue l", 1),
	} {
		files, rest, err := Weave(map[string][]byte{"p/p.go": []byte(text)}, []Variant{{5, "p/p.go", []byte(changed)}})
		require.NoError(t, err)
		require.Equal(t, []int{5}, rest, changed)
		require.Empty(t, files)
	}
}
