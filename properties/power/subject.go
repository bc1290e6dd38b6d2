package power

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"millrace/properties/mistakes"
	"millrace/properties/mutate"
)

// Subject is a mistake that is hunted for.
type Subject struct {
	ID   string // the list and the name
	List string
	Name string // a mutant's key
	File string
	Line int    `json:",omitempty"` // of a mutant
	Rule string `json:",omitempty"` // by which a mutant is made
	Old  string `json:",omitempty"` // the code of a mutant
	New  string `json:",omitempty"`

	n    int    // in the woven build; 0 if it needs one of its own
	text []byte // the file with the mistake in it
}

// tree is the module, and what was read of it.
type tree struct {
	root  string
	files map[string][]byte
}

func (t *tree) read(name string) ([]byte, error) {
	if text, ok := t.files[name]; ok {
		return text, nil
	}
	text, err := os.ReadFile(filepath.Join(t.root, name))
	if err == nil {
		t.files[name] = text
	}
	return text, err
}

// subjects returns what is to be measured, and how many mutants were left out because they
// do not compile.
func (c *config) subjects(t *tree) (list []*Subject, uncompiled int, err error) {
	for _, name := range c.lists {
		var some []*Subject
		n := 0
		if name == listMechanical {
			some, n, err = c.mechanical(t)
		} else {
			some, err = c.listed(t, name)
		}
		if err != nil {
			return nil, 0, err
		}
		uncompiled += n
		list = append(list, some...)
	}
	return list, uncompiled, nil
}

// listed returns the mistakes of a list.
func (c *config) listed(t *tree, name string) (list []*Subject, err error) {
	all := map[string][]mistakes.Mistake{listCore: mistakes.Core, listHistoric: mistakes.Historic, listReaders: mistakes.Readers}[name]
	if c.sample > 0 {
		all = slices.SortedFunc(slices.Values(all), func(a, b mistakes.Mistake) int {
			return strings.Compare(c.lot(a.Name), c.lot(b.Name))
		})
		all = all[:min(c.sample, len(all))]
	}
	for _, m := range all {
		text, err := t.read(m.File)
		if err != nil {
			return nil, err
		}
		broken, err := m.Plant(text)
		if err != nil {
			return nil, err
		}
		s := &Subject{ID: name + ": " + m.Name, List: name, Name: m.Name, File: m.File, text: broken}
		if strings.Contains(s.ID, c.only) {
			list = append(list, s)
		}
	}
	return list, nil
}

// lot is by what mistakes are drawn.
func (c *config) lot(name string) string { return fmt.Sprintf("%016x", mutate.Number(c.draw, name)) }

// mutants returns all that rules make of some packages.
func (t *tree) mutants(packages []string) (all []*mutate.Mutant, err error) {
	for _, dir := range packages {
		names, err := mutate.Files(t.root, dir)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			text, err := t.read(name)
			if err != nil {
				return nil, err
			}
			of, err := mutate.Of(name, text)
			if err != nil {
				return nil, err
			}
			all = append(all, of...)
		}
	}
	return all, nil
}

// mechanical returns mutants that are drawn of all that rules make, but for those that do not
// compile.
func (c *config) mechanical(t *tree) (list []*Subject, uncompiled int, err error) {
	all, err := t.mutants(c.packages)
	if err != nil {
		return nil, 0, err
	}
	survivors, err := readSurvivors(c.survivors)
	if err != nil {
		return nil, 0, err
	}
	check := mutate.NewChecker(t.root)
	for _, m := range mutate.Draw(all, c.mutants, c.draw) {
		s := &Subject{
			ID: listMechanical + ": " + m.Key, List: listMechanical, Name: m.Key,
			File: m.File, Line: m.Line, Rule: m.Rule, Old: m.Old, New: m.New, text: m.Apply(t.files[m.File]),
		}
		if _, known := survivors[m.Key]; !strings.Contains(s.ID, c.only) || c.survived && !known {
			continue
		}
		ok, err := check.Compiles(m.File, s.text)
		if err != nil {
			return nil, 0, err
		}
		if !ok {
			uncompiled++
			continue
		}
		list = append(list, s)
	}
	return list, uncompiled, nil
}

// sum is what tells a mistake in one state of the code from the same in another.
func (s *Subject) sum(source string) string {
	return fmt.Sprintf("%x", sha256.Sum256(append([]byte(source+s.ID), s.text...)))[:24]
}
