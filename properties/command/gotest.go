package command

import (
	"bytes"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"unicode"

	"millrace/properties"
	"millrace/traces"
)

// testCode is a test that runs a trace again.
var testCode = template.Must(template.New("test").Parse(`package {{.Package}}_test

import (
	"testing"

	"millrace/properties"
	{{printf "%q" .Import}}
)

{{with .Fail}}// {{.}}
{{end}}func {{.Name}}(t *testing.T) {
	properties.CheckTrace(t, {{.Value}}, {{printf "%q" .Trace}})
}
`))

// gotest writes a Go test that runs a trace again: to stdout, or into a file beside which it
// is to be run. code is where the program is, if it does not say so itself.
func gotest(stdout, stderr io.Writer, t *traces.Trace, path, out, code string) int {
	if p := properties.Lookup(t.Program); code == "" && p != nil {
		code = p.Code
	}
	dot := strings.LastIndexByte(code, '.')
	if dot <= strings.LastIndexByte(code, '/')+1 || !token.IsIdentifier(code[dot+1:]) {
		return complain(stderr, fmt.Errorf("where is the program %q? expected -program import/path.Name", t.Program))
	}
	dir := filepath.Dir(out) // of no file it is the one we are in
	pkg, err := packageOf(dir)
	if err != nil {
		return complain(stderr, err)
	}
	from, err := relative(dir, path)
	if err != nil {
		return complain(stderr, err)
	}
	var b bytes.Buffer
	err = testCode.Execute(&b, map[string]string{
		"Package": pkg, "Import": code[:dot], "Name": testName(path), "Trace": from,
		"Fail": strings.Join(strings.Fields(t.Fail), " "), "Value": code[strings.LastIndexByte(code, '/')+1:],
	})
	if err != nil {
		return complain(stderr, err)
	}
	text, err := format.Source(b.Bytes())
	if err != nil {
		return complain(stderr, err)
	}
	if out == "" {
		fmt.Fprint(stdout, string(text))
		return passed
	}
	if err := os.WriteFile(out, text, 0o666); err != nil {
		return complain(stderr, err)
	}
	fmt.Fprintf(stdout, "%s\n%s\n", out, properties.GoTest(dir, testName(path)))
	return passed
}

// packageOf is the name of a directory's package: what its files say, else its own.
func packageOf(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return "", err
	}
	if len(files) > 0 {
		clause, err := parser.ParseFile(token.NewFileSet(), files[0], nil, parser.PackageClauseOnly)
		if err != nil {
			return "", err
		}
		return strings.TrimSuffix(clause.Name.Name, "_test"), nil
	}
	whole, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	name := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, filepath.Base(whole))
	if !token.IsIdentifier(name) {
		return "replay", nil
	}
	return name, nil
}

// relative is the path of a file from a directory, where a test finds it.
func relative(dir, path string) (string, error) {
	from, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	to, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(from, to)
	return filepath.ToSlash(rel), err
}

// testName is a name for the test of a trace: the trace's, in one word.
func testName(path string) string {
	words := strings.FieldsFunc(strings.TrimSuffix(filepath.Base(path), ".trace"), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	for i, w := range words {
		r := []rune(w)
		words[i] = string(unicode.ToUpper(r[0])) + string(r[1:])
	}
	return "TestReplay" + strings.Join(words, "")
}
