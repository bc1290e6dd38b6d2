package kerneltest

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

// Script is a list of steps with the comments between them.
type Script struct {
	Name  string
	lines []line
}

// line is a step, or text that is kept.
type line struct {
	text string
	step *Step
}

func (l line) String() string {
	if l.step != nil {
		return l.step.String()
	}
	return l.text
}

// Parse reads a script.
func Parse(name, text string) (*Script, error) {
	s := &Script{Name: name}
	for i, raw := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		raw = strings.TrimRight(raw, " \t\r")
		if raw == "" || strings.HasPrefix(raw, "#") {
			s.lines = append(s.lines, line{text: raw})
			continue
		}
		step, err := ParseStep(raw)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
		s.Add(step)
	}
	return s, nil
}

// Add appends a step.
func (s *Script) Add(step Step) { s.lines = append(s.lines, line{step: &step}) }

// Len returns the number of lines.
func (s *Script) Len() int { return len(s.lines) }

// String prints the script; Parse reads it back.
func (s *Script) String() string {
	var b strings.Builder
	for _, l := range s.lines {
		b.WriteString(l.String())
		b.WriteByte('\n')
	}
	return b.String()
}

// Without returns the script without n lines from place i on.
func (s *Script) Without(i, n int) *Script {
	lines := append([]line(nil), s.lines[:i]...)
	return &Script{Name: s.Name, lines: append(lines, s.lines[i+n:]...)}
}

//go:embed testdata/*.txt
var files embed.FS

// Dir is the folder of the recorded scripts, below that of this package.
const Dir = "testdata"

// Recorded returns the scripts with Linux's answers, by name.
func Recorded() ([]*Script, error) {
	entries, err := files.ReadDir(Dir)
	if err != nil {
		return nil, err
	}
	var all []*Script
	for _, e := range entries {
		text, err := files.ReadFile(Dir + "/" + e.Name())
		if err != nil {
			return nil, err
		}
		s, err := Parse(strings.TrimSuffix(e.Name(), ".txt"), string(text))
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// AllRecorded returns every script with Linux's answers.
func AllRecorded() ([]*Script, error) {
	lists, err := Lists()
	return slices.Concat(lists...), err
}

// Lists returns the same by kind: those written by hand, the product, the corpus.
func Lists() ([][]*Script, error) {
	var lists [][]*Script
	for _, recorded := range []func() ([]*Script, error){Recorded, RecordedProduct, RecordedCorpus} {
		list, err := recorded()
		if err != nil {
			return nil, err
		}
		lists = append(lists, list)
	}
	return lists, nil
}

// Answered returns the script with the answers of another run of it wherever it
// has none of its own.
func (s *Script) Answered(by *Script) *Script {
	all := &Script{Name: s.Name}
	for i, l := range s.lines {
		if l.step != nil && l.step.Answer == "" {
			l = by.lines[i]
		}
		all.lines = append(all.lines, l)
	}
	return all
}

// VersionFile says which Linux the answers were recorded on, below this package's
// folder.
const VersionFile = Dir + "/linux.version"

//go:embed testdata/linux.version
var version string

// RecordedOn returns the version of Linux that the answers were recorded on.
func RecordedOn() string { return strings.TrimSpace(version) }
