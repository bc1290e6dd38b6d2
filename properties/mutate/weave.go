package mutate

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
)

// Env is the variable of the environment that chooses a variant in a woven build by its number.
const Env = "MILLRACE_VARIANT"

// Variant is another text of a file. Its number is more than 0.
type Variant struct {
	N    int
	File string
	Text []byte
}

// Weave puts variants of files into one text of each: a function that some variants change
// begins with a choice among them, by what the environment says. To build each on its own would
// take a thousand times as long as a variant mostly takes to be found. A variant that changes
// more than what is within functions is returned in rest. files has the texts of all files that
// variants are of, and the woven ones come in their places, with one more for each package. If
// each variant compiles on its own, so do they.
func Weave(files map[string][]byte, variants []Variant) (woven map[string][]byte, rest []int, err error) {
	woven = map[string][]byte{}
	byFile := map[string]map[int][]choice{} // by the place of the function
	for _, v := range variants {
		changed, ok, err := differing(v, files[v.File])
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			rest = append(rest, v.N)
			continue
		}
		if byFile[v.File] == nil {
			byFile[v.File] = map[int][]choice{}
		}
		for at, c := range changed {
			byFile[v.File][at] = append(byFile[v.File][at], c)
		}
	}
	for name, functions := range byFile {
		text := files[name]
		places := []int{}
		for at := range functions {
			places = append(places, at)
		}
		slices.Sort(places)
		var b bytes.Buffer
		from := 0
		for _, at := range places {
			b.Write(text[from:at])
			from = at
			b.WriteString("\nswitch millraceVariant {\n")
			for _, c := range functions[at] {
				fmt.Fprintf(&b, "case %d:\n%s\n", c.n, c.body)
				if !c.results {
					b.WriteString("return\n")
				}
			}
			b.WriteString("}\n")
		}
		b.Write(text[from:])
		woven[name] = b.Bytes()
		f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.PackageClauseOnly)
		if err != nil {
			return nil, nil, err
		}
		woven[path.Join(path.Dir(name), "millrace_variant.go")] = fmt.Appendf(nil, chooser, f.Name.Name, Env)
	}
	return woven, rest, nil
}

// chooser is the file that is added to each package.
const chooser = `package %s

import (
	"os"
	"strconv"
)

var millraceVariant = func() int {
	n, err := strconv.Atoi(os.Getenv(%q))
	if err != nil {
		return 0
	}
	return n
}()
`

// choice is the body of a function in a variant.
type choice struct {
	n       int
	body    string // with its braces
	results bool   // it cannot come to its end without a return
}

// differing returns the functions that a variant changes, by the place in the original behind
// the brace with which their bodies begin. It is not ok if it changes anything else.
func differing(v Variant, original []byte) (changed map[int]choice, ok bool, err error) {
	was, err := split(v.File, original)
	if err != nil {
		return nil, false, err
	}
	is, err := split(v.File, v.Text)
	if err != nil {
		return nil, false, err
	}
	if len(was) != len(is) {
		return nil, false, nil
	}
	changed = map[int]choice{}
	for i, d := range is {
		if d.head != was[i].head || d.body != was[i].body && d.labels {
			return nil, false, nil
		}
		if d.body != was[i].body {
			changed[was[i].at] = choice{v.N, d.body, d.results}
		}
	}
	return changed, true, nil
}

// part is a declaration: of a function its body apart.
type part struct {
	head, body      string
	at              int // where in the file the body's first statement may be
	results, labels bool
}

func split(name string, text []byte) (list []part, err error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	at := func(p token.Pos) int { return fset.Position(p).Offset }
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			list = append(list, part{head: string(text[at(d.Pos()):at(d.End())])})
			continue
		}
		p := part{
			head: string(text[at(d.Pos()):at(fn.Body.Pos())]), body: string(text[at(fn.Body.Pos()):at(fn.Body.End())]),
			at: at(fn.Body.Lbrace) + 1, results: fn.Type.Results != nil,
		}
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			_, label := n.(*ast.LabeledStmt)
			p.labels = p.labels || label
			return true
		})
		list = append(list, p)
	}
	return list, nil
}

// Chosen is the setting of the environment that chooses a variant, 0 being none.
func Chosen(n int) string { return fmt.Sprintf("%s=%d", Env, n) }
