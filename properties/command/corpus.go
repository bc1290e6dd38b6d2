package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"millrace/properties"
	"millrace/properties/cell"
)

const corpusUsage = "usage: soak corpus DIR [FROM...]   merge the worlds of FROM into DIR, and drop those that show nothing which smaller ones do not\n"

// mergeCorpora makes a directory of traces one that shows all that it and others show, in
// few and small worlds, and returns the exit code. What does not pass any more shows
// nothing: it is told, and stays where it is.
func mergeCorpora(p *properties.Program, dirs []string, stdout, stderr io.Writer) int {
	if len(dirs) == 0 || dirs[0] == "-h" || dirs[0] == "-help" {
		fmt.Fprint(stderr, corpusUsage)
		return wrongCall
	}
	m := merger{cell: cell.Cell{Program: p, Limits: cell.DefaultLimits}, stdout: stdout}
	defer m.cell.Close()
	for _, dir := range dirs {
		if err := m.read(p, dir); err != nil {
			fmt.Fprintln(stderr, "soak:", err)
			return wrongCall
		}
	}
	m.corpus.Thin()
	if err := m.write(dirs[0]); err != nil {
		fmt.Fprintln(stderr, "soak:", err)
		return brokenDown
	}
	fmt.Fprintf(stdout, "%s: %d worlds of %d show all %d things\n", dirs[0], m.corpus.Worlds(), m.worlds, m.corpus.Seen())
	if m.failing > 0 {
		return found
	}
	return nothing
}

// merger is what one merging knows.
type merger struct {
	cell    cell.Cell
	stdout  io.Writer
	corpus  properties.Corpus
	worlds  int
	failing int
	passed  []string // files of those that did
}

// read runs the worlds of a directory, each of which may be lost.
func (m *merger) read(p *properties.Program, dir string) error {
	paths, err := properties.CorpusFiles(dir)
	if err != nil {
		return err
	}
	list, err := p.ReadCorpus(dir)
	if err != nil {
		return err
	}
	for i, t := range list {
		m.worlds++
		k, _, err := m.cell.See(t)
		if err != nil {
			return err
		}
		if k == nil {
			m.failing++
			fmt.Fprintf(m.stdout, "%s: it fails, and shows nothing\n    %s\n", paths[i], properties.CommandOf(t, paths[i]))
			continue
		}
		m.corpus.Add(*k)
		m.passed = append(m.passed, paths[i])
	}
	return nil
}

// write writes what there is to a directory, and only then removes what is not needed there.
func (m *merger) write(dir string) error {
	if err := m.corpus.Write(dir); err != nil {
		return err
	}
	var errs []error
	for _, path := range m.passed {
		if filepath.Dir(path) != filepath.Clean(dir) {
			continue
		}
		text, err := os.ReadFile(path)
		if err == nil && !m.corpus.Has(filepath.Base(path), string(text)) {
			err = os.Remove(path)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
