package properties

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"millrace/sim"
	"millrace/traces"
)

// Corpus is a set of worlds that show all that was seen: each thing in the smallest world
// that shows it. What it consists of does not depend on the order in which they came.
type Corpus struct {
	first map[uint64]string   // the text of that world
	owns  map[string]int      // for how many things a text is that
	shows map[string][]uint64 // all that such a world is known to show
}

// Add takes a world in, if it shows anything that no smaller one does.
func (c *Corpus) Add(k Kept) {
	if c.first == nil {
		c.first, c.owns, c.shows = map[uint64]string{}, map[string]int{}, map[string][]uint64{}
	}
	text := string(k.Trace)
	for _, what := range k.Shows {
		old, known := c.first[what]
		if known && cmp.Or(cmp.Compare(len(text), len(old)), cmp.Compare(text, old)) >= 0 {
			continue
		}
		if c.owns[old]--; !known || c.owns[old] == 0 {
			delete(c.owns, old)
			delete(c.shows, old)
		}
		c.first[what] = text
		c.owns[text]++
		c.shows[text] = k.Shows
	}
}

// Thin drops the worlds, the largest first, that show nothing which none of the others does.
// It is for the end: nothing can be added behind it.
func (c *Corpus) Thin() {
	worlds := map[uint64]int{}
	for _, shows := range c.shows {
		for _, what := range shows {
			worlds[what]++
		}
	}
	texts := slices.SortedFunc(maps.Keys(c.owns), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(b, a))
	})
	for _, text := range texts {
		if slices.ContainsFunc(c.shows[text], func(what uint64) bool { return worlds[what] == 1 }) {
			continue
		}
		for _, what := range c.shows[text] {
			worlds[what]--
		}
		delete(c.owns, text)
		delete(c.shows, text)
	}
}

// Seen is how many different things its worlds show.
func (c *Corpus) Seen() int { return len(c.first) }

// Worlds is how many there are.
func (c *Corpus) Worlds() int { return len(c.owns) }

// Write writes the worlds to a directory, each to a file whose name follows from what is in
// it, beside what is there.
func (c *Corpus) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, text := range slices.Sorted(maps.Keys(c.owns)) {
		if err := os.WriteFile(filepath.Join(dir, corpusName(text)), []byte(text), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// Has says whether a file of a directory is one that Write makes.
func (c *Corpus) Has(name, text string) bool {
	_, has := c.owns[text]
	return has && name == corpusName(text)
}

// corpusName is what the file of a world is called.
func corpusName(text string) string {
	h := uint64(len(text))
	for _, b := range []byte(text) {
		h = sim.Mix(h ^ uint64(b))
	}
	return fmt.Sprintf("%016x.trace", h)
}

// CorpusFiles lists the traces of a directory, in the order of their names; none if there
// is no such directory.
func CorpusFiles(dir string) (paths []string, err error) {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range list {
		if filepath.Ext(e.Name()) == ".trace" {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths, err
}

// ReadCorpus reads the traces of a directory, which are all to be of one program's worlds.
func (p *Program) ReadCorpus(dir string) (list []*traces.Trace, err error) {
	paths, err := CorpusFiles(dir)
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		t, err := p.read(path)
		if err != nil {
			return nil, err
		}
		t.Fail, t.Steps, t.Skipped = "", nil, 0
		list = append(list, t)
	}
	return list, nil
}

// read reads a trace of a world of the program.
func (p *Program) read(path string) (*traces.Trace, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t, err := traces.Parse(path, text)
	switch {
	case err != nil:
		return nil, err
	case t.Live || Lookup(t.Program) != p:
		return nil, fmt.Errorf("%s: not a world of the program %q", path, p.Name)
	}
	return t, nil
}

// Show runs a trace and returns what there is to see in it, nothing if it fails.
func (w *World) Show(t *traces.Trace) (k Kept, f *Failure) {
	var s Sights
	before := w.totals.Reach
	if f = w.Replay(t, Options{Sights: &s}); f != nil {
		return k, f
	}
	s.situations(&before, &w.totals.Reach)
	slices.Sort(s.Seen)
	return Kept{Trace: t.AppendText(nil), Shows: slices.Compact(s.Seen)}, nil
}
