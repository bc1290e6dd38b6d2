package mutate

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// Mutant is one change by a rule.
type Mutant struct {
	Key  string // what it is known by
	File string // as it was given to Of
	Func string // the function, "Type.Name" of a method
	Line int    // from 1 on
	Rule string
	Old  string // the code that is changed, in one line
	New  string // what it becomes

	from, to int // bytes of the file
	text     string
}

// Apply returns the file with the change in it. It must be the one that the mutant is of.
func (m *Mutant) Apply(file []byte) []byte {
	return slices.Concat(file[:m.from], []byte(m.text), file[m.to:])
}

// Of returns all mutants of a file, in the order of their places.
func Of(name string, text []byte) (list []*Mutant, err error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil || prints(fn) {
			continue
		}
		w := &walker{fset: fset, text: text, whole: map[ast.Expr]bool{}}
		w.function(fn)
		slices.SortStableFunc(w.edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
		made := map[edit]bool{}
		for _, e := range w.edits {
			same := edit{"", e.from, e.to, e.text}
			if made[same] {
				continue // another rule has made it
			}
			made[same] = true
			list = append(list, &Mutant{
				File: name, Func: nameOf(fn), Line: fset.Position(fset.File(f.Pos()).Pos(e.from)).Line, Rule: e.rule,
				Old: oneLine(string(text[e.from:e.to])), New: oneLine(e.text), from: e.from, to: e.to, text: e.text,
			})
		}
	}
	times := map[string]int{}
	for _, m := range list {
		key := fmt.Sprintf("%s %s %s: %s", m.File, m.Func, m.Rule, m.Old)
		if times[key]++; times[key] > 1 {
			key = fmt.Sprintf("%s (%d)", key, times[key])
		}
		m.Key = key
	}
	return list, nil
}

// Draw returns n of the mutants, or all if there are fewer. Each has a number that follows from
// its key and the seed, and those with the least are drawn: new code takes the places of few.
func Draw(all []*Mutant, n int, seed uint64) []*Mutant {
	place := func(m *Mutant) uint64 { return Number(seed, m.Key) }
	drawn := slices.SortedFunc(slices.Values(all), func(a, b *Mutant) int { return cmp.Compare(place(a), place(b)) })
	return drawn[:min(n, len(drawn))]
}

// Number is a number that follows from a seed and a text, and looks like any other.
func Number(seed uint64, text string) uint64 {
	sum := sha256.Sum256(binary.LittleEndian.AppendUint64([]byte(text), seed))
	return binary.LittleEndian.Uint64(sum[:8])
}

// prints says that a function makes text for people, whose words no rule is about.
func prints(fn *ast.FuncDecl) bool {
	return fn.Name.Name == "String" || fn.Name.Name == "Error" || strings.HasPrefix(fn.Name.Name, "Append")
}

// nameOf is "Name" of a function, "Type.Name" of a method.
func nameOf(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return fn.Name.Name
	}
	t := fn.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.Ident:
			return x.Name + "." + fn.Name.Name
		default:
			return fn.Name.Name
		}
	}
}

// oneLine is code without its lines' ends.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
