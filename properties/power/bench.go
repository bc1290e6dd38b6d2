package power

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"millrace/properties/mistakes"
	"millrace/properties/mutate"
)

// bench is where mistakes are tried.
type bench struct {
	*config
	*tree
	dir    string // for programs and what they write; it does not stay
	source string // what all that is measured depends on
	woven  string // soak with all mistakes that are within functions
	told   []test // the tests of the packages, with the same
}

// test is the tests of a package as a program.
type test struct{ program, dir string }

// prepare builds what most of the mistakes are tried with.
func (b *bench) prepare(ctx context.Context, list []*Subject) (err error) {
	if b.source, err = source(ctx, b.root); err != nil {
		return err
	}
	var variants []mutate.Variant
	for i, s := range list {
		s.n = i + 1
		variants = append(variants, mutate.Variant{N: s.n, File: s.File, Text: s.text})
	}
	woven, rest, err := mutate.Weave(b.files, variants)
	if err != nil {
		return err
	}
	for _, n := range rest {
		list[n-1].n = 0
	}
	if b.woven, err = mistakes.Build(ctx, b.root, b.dir, "soak", woven); err != nil || !b.tests {
		return err
	}
	return b.compileTests(ctx)
}

// same makes sure that the build with all mistakes in it runs the same worlds as one that has
// none, as long as none is chosen.
func (b *bench) same(ctx context.Context) error {
	dir := filepath.Join(b.dir, "plain")
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	plain, err := mistakes.Build(ctx, b.root, dir, "soak", nil)
	if err != nil {
		return err
	}
	var said [2]string
	for i, program := range []string{plain, b.woven} {
		_, out, err := mistakes.RunIn(ctx, "", []string{mutate.Chosen(0)}, program, "-procs", "1", "-seed", "1", "-seeds", "1000", "-o", dir)
		if err != nil {
			return err
		}
		said[i] = hash(out)
	}
	if said[0] != said[1] || said[0] == "" {
		return fmt.Errorf("the build with all mistakes in it runs other worlds: %q, and without them %q", said[1], said[0])
	}
	return nil
}

// compileTests builds the tests of the packages in which mutants are, and of those below them,
// with all mutants in them, and makes sure that they pass as long as none is chosen.
func (b *bench) compileTests(ctx context.Context) error {
	out, err := command(ctx, b.root, "go", append([]string{"list", "-f", "{{if or .TestGoFiles .XTestGoFiles}}{{.Dir}}{{end}}"}, b.patterns()...)...)
	if err != nil {
		return err
	}
	for i, dir := range strings.Fields(string(out)) {
		program := filepath.Join(b.dir, fmt.Sprintf("test-%d", i))
		if _, err := command(ctx, dir, "go", "test", "-c", "-vet=off", "-overlay", filepath.Join(b.dir, "overlay.json"), "-o", program, "."); err != nil {
			return err
		}
		b.told = append(b.told, test{program, dir})
	}
	fails, err := b.tell(ctx, 0)
	if err == nil && fails {
		err = errors.New("the tests of the packages fail with no mistake chosen: they say nothing about any")
	}
	return err
}

func (b *bench) patterns() (list []string) {
	for _, p := range b.packages {
		list = append(list, "./"+p+"/...")
	}
	return list
}

// program returns soak with a mistake in it, and what its environment has to have.
func (b *bench) program(ctx context.Context, s *Subject, dir string) (program string, env []string, err error) {
	if s.n > 0 || s.text == nil {
		return b.woven, []string{mutate.Chosen(s.n)}, nil
	}
	program, err = mistakes.Build(ctx, b.root, dir, "soak", map[string][]byte{s.File: s.text})
	return program, nil, err
}

// source returns a sum of all code of ours that is in soak.
func source(ctx context.Context, root string) (string, error) {
	out, err := command(ctx, root, "go", "list", "-deps", "-f",
		`{{if .Module}}{{if .Module.Main}}{{$d := .Dir}}{{range .GoFiles}}{{$d}}/{{.}}{{"\n"}}{{end}}{{end}}{{end}}`, "./properties/cmd/soak")
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for file := range strings.SplitSeq(strings.TrimSpace(string(out)), "\n") {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s %d\n%s", strings.TrimPrefix(file, root), len(text), text)
	}
	return fmt.Sprintf("%x", sum.Sum(nil))[:16], nil
}

// command runs a command and returns what it prints.
func command(ctx context.Context, dir, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w\n%s%s", name, strings.Join(args, " "), err, out, &errs)
	}
	return out, nil
}
