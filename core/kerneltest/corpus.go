package kerneltest

import (
	_ "embed"
	"fmt"
	"slices"
)

// CorpusFile is where the scripts are, below this package's folder, that were drawn
// and kept because each shows something that no other script does.
const CorpusFile = Dir + "/corpus.scripts"

//go:embed testdata/corpus.scripts
var corpusText string

// RecordedCorpus returns these scripts with Linux's answers.
func RecordedCorpus() ([]*Script, error) { return Sections(CorpusFile, corpusText) }

// Corpus makes scripts and returns those, as short as can be, that show behaviours
// which are not among the known, to which it adds them. The first half of the seeds
// draws; with the second one, what was recorded or kept is mutated. The machines are of
// a kernel without surprises.
func Corpus(known *Coverage, seeds int, recorded [][]*Script, boot func() Machine) ([]*Script, error) {
	var kept []*Script
	for seed := range uint64(seeds) {
		made, name := Draw(seed), "seed-%d"
		if lists := slices.Clone(recorded); seed >= uint64(seeds)/2 {
			if len(kept) > 0 {
				lists = append(lists, kept)
			}
			made, name = Mutate(seed, lists...), "mutant-%d"
		}
		s, err := known.news(made, boot)
		if err != nil {
			return nil, err
		}
		if s == nil {
			continue
		}
		s.Name = fmt.Sprintf(name, seed)
		kept = append(kept, s)
		if err := known.Cover(s, boot()); err != nil {
			return nil, err
		}
	}
	return kept, nil
}

// news returns what matters of a script that shows something new; nil if nothing is
// new, or if sizes decide any of its answers.
func (c *Coverage) news(s *Script, boot func() Machine) (*Script, error) {
	var shows Coverage
	if err := shows.Cover(s, boot()); err != nil {
		return nil, err
	}
	var fresh [numGroups][]string
	found := false
	for g := range fresh {
		fresh[g] = shows.List(c, Group(g))
		found = found || len(fresh[g]) > 0
	}
	if !found {
		return nil, nil
	}
	var failed error
	least := Shrink(s, func(s *Script) bool {
		var still Coverage
		if err := still.Cover(s, boot()); err != nil {
			failed = err
			return false
		}
		for g := range fresh {
			for _, b := range fresh[g] {
				if still[g][b] == 0 {
					return false
				}
			}
		}
		return true
	})
	if failed != nil {
		return nil, failed
	}
	answered, err := least.Run(boot())
	if err != nil || answered.Widen().String() != answered.String() {
		return nil, err
	}
	return least, nil
}
