package mutate

import (
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
)

// Checker says whether changed files compile, without a compiler: what one says of types and
// of names that are not used is all there is to object to a mutant.
type Checker struct {
	root  string // the top of the module, in which the process has to be
	fset  *token.FileSet
	known *memory
	files map[string][]*ast.File // by directory
}

// memory remembers imported packages: the importer asks the go command where each is, each time.
type memory struct {
	types.Importer
	packages map[string]*types.Package
}

// Import implements types.Importer.
func (m *memory) Import(path string) (p *types.Package, err error) {
	if p = m.packages[path]; p == nil {
		p, err = m.Importer.Import(path)
		m.packages[path] = p
	}
	return p, err
}

// NewChecker returns a checker of the module whose top is root. The process has to be somewhere
// in it.
func NewChecker(root string) *Checker {
	fset := token.NewFileSet()
	return &Checker{root: root, fset: fset, known: &memory{importer.ForCompiler(fset, "source", nil), map[string]*types.Package{}}, files: map[string][]*ast.File{}}
}

// Check returns what is wrong with a package if one of its files, named from the top of the
// module, has another text. An error that is not about the code is a *os.PathError.
func (c *Checker) Check(name string, text []byte) error {
	dir := filepath.Dir(name)
	files, err := c.parsed(dir)
	if err != nil {
		return err
	}
	changed, err := parser.ParseFile(c.fset, filepath.Join(c.root, name), text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	list := []*ast.File{changed}
	for _, f := range files {
		if c.fset.Position(f.Pos()).Filename != filepath.Join(c.root, name) {
			list = append(list, f)
		}
	}
	cfg := types.Config{Importer: c.known, Error: func(error) {}}
	_, err = cfg.Check("millrace/"+filepath.ToSlash(dir), c.fset, list, nil)
	return err
}

// Compiles says whether a package does. An error is of the file system.
func (c *Checker) Compiles(name string, text []byte) (bool, error) {
	err := c.Check(name, text)
	var path *os.PathError
	if errors.As(err, &path) {
		return false, err
	}
	return err == nil, nil
}

// parsed returns the files of a package, without its tests.
func (c *Checker) parsed(dir string) ([]*ast.File, error) {
	if files, ok := c.files[dir]; ok {
		return files, nil
	}
	names, err := Files(c.root, dir)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		f, err := parser.ParseFile(c.fset, filepath.Join(c.root, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		c.files[dir] = append(c.files[dir], f)
	}
	return c.files[dir], nil
}

// Files returns the Go files of a directory of a module, without tests, named from its top.
func Files(root, dir string) (names []string, err error) {
	all, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, f := range all {
		if !strings.HasSuffix(f, "_test.go") {
			names = append(names, filepath.ToSlash(filepath.Join(dir, filepath.Base(f))))
		}
	}
	return names, nil
}
