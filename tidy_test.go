package millrace

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// imports says for each package which of ours it may import, and why not more.
var imports = map[string]struct {
	may []string
	why string
}{
	"core":                   {nil, "the proxy's lower half knows neither kernel nor what is above it"},
	"sim":                    {nil, "the world knows no proxies: anybody's event loop can be put into it"},
	"datalayer":              {[]string{"core"}, "a layer moves bytes and knows no channels"},
	"datalayer/proxyproto":   {[]string{"core"}, "a handshake knows its connection and nothing else"},
	"datalayer/tlsdouble":    {[]string{"core", "datalayer"}, "a cipher is below the layer that drives it"},
	"datalayer/ciphertest":   {[]string{"core", "datalayer"}, "it tests any cipher"},
	"datalayer/cryptotls":    {[]string{"core", "datalayer"}, "a cipher is below the layer that drives it"},
	"streamif":               {[]string{"core", "datalayer", "datalayer/proxyproto"}, "the proxy knows neither kernel, nor which cipher"},
	"simfd":                  {[]string{"core", "sim"}, "the simulated kernel knows the surface, not the proxy"},
	"simpoller":              {[]string{"core", "sim", "simfd"}, "the simulated kernel knows the surface, not the proxy"},
	"traces":                 {[]string{"core", "sim"}, "a trace is of either kernel and of any program, so it imports none of them"},
	"traces/proxytrace":      {[]string{"core", "datalayer", "datalayer/proxyproto", "sim", "streamif", "traces"}, "how our proxy is written down, for both kernels"},
	"traces/cmd/trace":       {[]string{"properties/command", "properties/proxy"}, "a command only puts things together"},
	"properties":             {[]string{"core", "core/culprit", "sim", "simfd", "simpoller", "traces"}, "a world does not know which program is in it"},
	"properties/proxy":       {[]string{"core", "datalayer", "datalayer/proxyproto", "datalayer/tlsdouble", "datalayer/cryptotls", "properties", "sim", "simfd", "simpoller", "streamif", "traces", "traces/proxytrace"}, "one program among others, and all that is known of it"},
	"properties/hunt":        {nil, "it tries seeds, of whatever"},
	"properties/picture":     {[]string{"core", "properties", "sim", "traces"}, "it watches worlds, and knows of programs what these show by themselves"},
	"properties/cell":        {[]string{"properties", "properties/picture", "traces"}, "it runs worlds, and knows nothing of what is in them"},
	"properties/mistakes":    {[]string{"properties", "traces"}, "it changes code as text, and knows it no better"},
	"properties/shard":       {[]string{"properties", "traces"}, "it keeps what hunts have found, and hunts for nothing"},
	"properties/command":     {[]string{"properties", "properties/cell", "properties/conform", "properties/hunt", "properties/picture", "properties/shard", "traces", "sim"}, "the command lines of any program"},
	"properties/mutate":      {nil, "it knows Go, and nothing of what is written in it"},
	"properties/power":       {[]string{"properties", "properties/mistakes", "properties/mutate", "traces/proxytrace"}, "it runs soak as a process, and reads its traces"},
	"properties/cmd/power":   {[]string{"properties/power"}, "a command only puts things together"},
	"properties/programs":    {[]string{"core", "properties", "sim", "traces"}, "programs as strangers write them: with what strangers have"},
	"properties/cmd/echo":    {[]string{"properties/command", "properties/programs"}, "a command only puts things together"},
	"properties/cmd/lines":   {[]string{"properties/command", "properties/programs"}, "a command only puts things together"},
	"properties/cmd/soak":    {[]string{"properties/command", "properties/proxy"}, "a command only puts things together"},
	".ci/manifest":           {nil, "it knows Kubernetes and nothing of ours"},
	"properties/cmd/conform": {[]string{"properties/conform"}, "a command only puts things together"},
	"properties/conform":     {[]string{"core/kerneltest", "properties/hunt", "real/loopback", "simfd/simulated", "sim"}, "it compares kernels, and knows no program"},
	"real":                   {[]string{"core", "datalayer", "datalayer/proxyproto", "streamif", "traces", "traces/proxytrace"}, "production runs without the simulated kernel"},
	"real/cmd/beside":        {nil, "it knows relays by what they cost only"},
	"real/cmd/relay":         {[]string{"core", "datalayer", "datalayer/proxyproto", "datalayer/cryptotls", "streamif", "real"}, "a command only puts things together"},
	"core/kerneltest":        {[]string{"core", "core/culprit"}, "it tests any kernel"},
	"core/culprit":           {nil, "it knows Go's stacks, and nothing of ours"},
	"real/loopback":          {[]string{"core", "core/kerneltest", "real"}, "Linux as the conformance suite drives it"},
	"simfd/simulated":        {[]string{"core", "core/kerneltest", "sim", "simfd", "simpoller"}, "the simulated kernel as the conformance suite drives it"},

	"simfd/simnet":             {[]string{"core"}, "package net on any kernel: programs as they are have goroutines and a clock, so it is none of the deterministic packages; it keeps them to one call at a time, in a drawn order"},
	"simfd/simnet/cmd/overlay": {nil, "it reads a file of Go's, and knows nothing of ours"},
}

// deterministic are the packages in which the same inputs must give the same
// bytes: no clock, no threads, no operating system.
var deterministic = []string{
	"core", "datalayer", "datalayer/proxyproto", "datalayer/tlsdouble", "streamif", "sim", "simfd", "simpoller",
}

var banned = []string{
	"time", "net", "net/netip", "os", "os/signal", "syscall", "sync", "sync/atomic", "math/rand", "math/rand/v2",
	"crypto/rand", "context", "log", "log/slog", "runtime", "unsafe", "io/ioutil", "golang.org/x/sys/unix",
}

const (
	maxFile     = 400
	maxFunction = 70
)

// source is one parsed file.
type source struct {
	path, pkg string
	test      bool
	text      string
	fset      *token.FileSet
	file      *ast.File
}

func sources(t *testing.T) (list []source) {
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") {
			return err
		}
		text, err := os.ReadFile(p)
		require.NoError(t, err)
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, p, text, parser.ParseComments)
		require.NoError(t, err)
		p = filepath.ToSlash(p)
		list = append(list, source{p, path.Dir(p), strings.HasSuffix(p, "_test.go"), string(text), fset, f})
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, len(list), 30)
	return list
}

// TestImportsPointDown keeps the arrows of the map.
func TestImportsPointDown(t *testing.T) {
	for _, s := range sources(t) {
		rule, known := imports[s.pkg]
		if s.pkg == "." {
			continue
		}
		require.True(t, known, "%s: say in tidy_test.go what package %s may import", s.path, s.pkg)
		for _, im := range s.file.Imports {
			name, err := strconv.Unquote(im.Path.Value)
			require.NoError(t, err)
			if ours, ok := strings.CutPrefix(name, "millrace/"); ok && !s.test {
				require.Contains(t, rule.may, ours, "%s imports %s: %s", s.path, name, rule.why)
			}
			if slices.Contains(deterministic, s.pkg) && !s.test {
				require.NotContains(t, banned, name, "%s imports %s: same inputs, same bytes", s.path, name)
			}
		}
	}
}

// TestTheProxyAndTheWorldAreDeterministic bans what would make a run depend on
// threads or on the order of a map.
func TestTheProxyAndTheWorldAreDeterministic(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || !slices.Contains(deterministic, s.pkg) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			what := ""
			switch n.(type) {
			case *ast.GoStmt:
				what = "a goroutine"
			case *ast.SelectStmt:
				what = "a select"
			case *ast.ChanType, *ast.SendStmt:
				what = "a channel"
			case *ast.MapType:
				what = "a map"
			}
			if what != "" {
				t.Errorf("%s: %s", s.fset.Position(n.Pos()), what)
			}
			return true
		})
	}
}

// TestFilesAndFunctionsAreShort: a file is one idea, a function fits a screen.
func TestFilesAndFunctionsAreShort(t *testing.T) {
	for _, s := range sources(t) {
		if n := strings.Count(s.text, "\n"); n > maxFile {
			t.Errorf("%s has %d lines, more than %d", s.path, n, maxFile)
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			from, to := s.fset.Position(f.Pos()), s.fset.Position(f.End())
			if n := to.Line - from.Line + 1; n > maxFunction {
				t.Errorf("%s: %s has %d lines, more than %d", from, f.Name.Name, n, maxFunction)
			}
		}
	}
}

// TestWhatIsExportedIsExplained: every exported name has a comment that begins
// with it or is part of a commented group, and every package has one.
func TestWhatIsExportedIsExplained(t *testing.T) {
	documented := map[string]bool{}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		documented[s.pkg] = documented[s.pkg] || s.file.Doc != nil
		for _, d := range s.file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && receiverExported(d) && d.Doc == nil {
					t.Errorf("%s: %s has no comment", s.fset.Position(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				explained(t, s, d)
			}
		}
	}
	for pkg, ok := range documented {
		require.True(t, ok, "package %s has no comment", pkg)
	}
}

func explained(t *testing.T, s source, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil {
				t.Errorf("%s: %s has no comment", s.fset.Position(spec.Pos()), spec.Name.Name)
			}
		case *ast.ValueSpec:
			if spec.Names[0].IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
				t.Errorf("%s: %s has no comment", s.fset.Position(spec.Pos()), spec.Names[0].Name)
			}
		}
	}
}

// receiverExported says whether a method belongs to an exported type, or the
// function to none.
func receiverExported(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	t := f.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.IsExported()
	}
	return true
}

var leftOver = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b`)

// TestNothingIsLeftOver: what is missing stands in the README, where its reader
// looks for it.
func TestNothingIsLeftOver(t *testing.T) {
	for _, s := range sources(t) {
		for i, line := range strings.Split(s.text, "\n") {
			if leftOver.MatchString(line) {
				t.Errorf("%s:%d: %s", s.path, i+1, strings.TrimSpace(line))
			}
		}
	}
}
