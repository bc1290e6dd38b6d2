package mutate

import (
	"go/ast"
	"go/token"
	"slices"
)

// edit is a piece of a file that becomes another one.
type edit struct {
	rule     string
	from, to int
	text     string
}

// walker goes through a function and takes down what the rules make of it.
type walker struct {
	fset  *token.FileSet
	text  []byte
	bools bool              // the function returns a bool, and nothing else
	whole map[ast.Expr]bool // conditions, of which another rule makes the contrary
	edits []edit
}

func (w *walker) function(fn *ast.FuncDecl) {
	w.bools = boolean(fn.Type)
	if fn.Type.Results == nil {
		for _, s := range fn.Body.List[min(1, len(fn.Body.List)):] {
			at := w.at(s.Pos())
			w.edits = append(w.edits, edit{"return before", at, w.at(s.End()), "return; " + w.code(s)})
		}
	}
	ast.Inspect(fn.Body, w.node)
}

// boolean says that a function returns a bool, and nothing else.
func boolean(t *ast.FuncType) bool {
	if t.Results == nil || len(t.Results.List) != 1 || len(t.Results.List[0].Names) > 1 {
		return false
	}
	id, ok := t.Results.List[0].Type.(*ast.Ident)
	return ok && id.Name == "bool"
}

// node applies the rules to a node, and says whether to go on below it.
func (w *walker) node(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncLit: // what it returns is another matter
		inner := &walker{fset: w.fset, text: w.text, bools: boolean(n.Type), whole: w.whole}
		ast.Inspect(n.Body, inner.node)
		w.edits = append(w.edits, inner.edits...)
		return false
	case *ast.IfStmt:
		w.condition(n.Cond)
	case *ast.SwitchStmt:
		for _, c := range n.Body.List {
			if n.Tag != nil {
				break
			}
			for _, e := range c.(*ast.CaseClause).List {
				w.condition(e)
			}
		}
	case *ast.BlockStmt:
		w.statements(n.List)
	case *ast.CaseClause:
		w.statements(n.Body)
	case *ast.AssignStmt:
		w.swap(n, n.TokPos, n.Tok)
	case *ast.IncDecStmt:
		w.swap(n, n.TokPos, n.Tok)
	case *ast.BranchStmt:
		if n.Label == nil {
			w.swap(n, n.TokPos, n.Tok)
		}
	case *ast.ReturnStmt:
		if w.bools && len(n.Results) == 1 {
			w.expression("return true", n.Results[0], "true")
			w.expression("return false", n.Results[0], "false")
		}
	case *ast.CallExpr:
		return w.call(n)
	case *ast.BinaryExpr:
		w.binary(n)
	case *ast.UnaryExpr:
		if n.Op == token.NOT && !w.whole[n] {
			w.expression("no not", n, w.code(n.X))
		}
	case *ast.BasicLit:
		if n.Kind == token.INT {
			w.constant(n)
		}
	case *ast.Ident:
		if swap := map[string]string{"true": "false", "false": "true"}[n.Name]; swap != "" {
			w.expression("constant", n, swap)
		}
	}
	return true
}

func (w *walker) condition(e ast.Expr) {
	w.whole[e] = true
	w.expression("negate", e, "!("+w.code(e)+")")
}

// statements leaves out each statement of a list that something can do without.
func (w *walker) statements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.ExprStmt:
			if c, ok := s.X.(*ast.CallExpr); ok && (asserts(c) || isPanic(c)) {
				continue
			}
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				continue
			}
		case *ast.ReturnStmt:
			if s.Results != nil {
				continue
			}
		case *ast.IncDecStmt, *ast.BranchStmt, *ast.DeferStmt:
		default:
			continue
		}
		w.edits = append(w.edits, edit{"leave out", w.at(s.Pos()), w.at(s.End()), ""})
	}
}

// swaps are operators and what is easily taken for them.
var swaps = map[token.Token]token.Token{
	token.LAND: token.LOR, token.LOR: token.LAND,
	token.EQL: token.NEQ, token.NEQ: token.EQL,
	token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL,
	token.SHL: token.SHR, token.SHR: token.SHL,
	token.ADD_ASSIGN: token.SUB_ASSIGN, token.SUB_ASSIGN: token.ADD_ASSIGN,
	token.OR_ASSIGN: token.AND_NOT_ASSIGN, token.AND_NOT_ASSIGN: token.OR_ASSIGN,
	token.INC: token.DEC, token.DEC: token.INC,
	token.BREAK: token.CONTINUE, token.CONTINUE: token.BREAK,
}

// edges are comparisons that differ where both sides are equal.
var edges = map[token.Token]token.Token{token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR}

func (w *walker) binary(n *ast.BinaryExpr) {
	if edge, ok := edges[n.Op]; ok {
		w.replace("edge", n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), edge.String(), n)
		return
	}
	equality := n.Op == token.EQL || n.Op == token.NEQ
	if !equality || !w.whole[n] {
		w.swap(n, n.OpPos, n.Op)
	}
	if slices.Contains([]token.Token{token.LAND, token.LOR, token.OR, token.AND, token.AND_NOT}, n.Op) {
		w.expression("only the left", n, w.code(n.X))
		if n.Op != token.AND_NOT {
			w.expression("only the right", n, w.code(n.Y))
		}
	}
}

// call applies the rules to a call. Nothing in an assertion is changed.
func (w *walker) call(n *ast.CallExpr) bool {
	if id, ok := n.Fun.(*ast.Ident); ok {
		if swap := map[string]string{"min": "max", "max": "min"}[id.Name]; swap != "" {
			w.replace("swap operator", id.Pos(), id.End(), swap, n)
		}
	}
	return !asserts(n)
}

// swap puts another operator, or another word, into a node.
func (w *walker) swap(in ast.Node, pos token.Pos, t token.Token) {
	if other, ok := swaps[t]; ok {
		w.replace("swap operator", pos, pos+token.Pos(len(t.String())), other.String(), in)
	}
}

// constant makes 0 of a number, and 1 of 0.
func (w *walker) constant(n *ast.BasicLit) {
	other := "0"
	if n.Value == "0" {
		other = "1"
	}
	w.expression("constant", n, other)
}

func (w *walker) expression(rule string, e ast.Node, text string) {
	if w.code(e) != text {
		w.edits = append(w.edits, edit{rule, w.at(e.Pos()), w.at(e.End()), text})
	}
}

// replace changes a part of an expression, and takes down the whole, which says more.
func (w *walker) replace(rule string, from, to token.Pos, text string, in ast.Node) {
	code := string(w.text[w.at(in.Pos()):w.at(from)]) + text + string(w.text[w.at(to):w.at(in.End())])
	w.expression(rule, in, code)
}

func (w *walker) at(p token.Pos) int { return w.fset.Position(p).Offset }

func (w *walker) code(n ast.Node) string { return string(w.text[w.at(n.Pos()):w.at(n.End())]) }

func asserts(c *ast.CallExpr) bool { return called(c) == "BugOn" }

func isPanic(c *ast.CallExpr) bool { return called(c) == "panic" }

// called is the last part of a called function's name.
func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}
