package shard

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"millrace/properties"
	"millrace/traces"
)

// Gathered is what shards have left in some folders.
type Gathered struct {
	Campaigns []*Campaign // by their settings: they are never added up
	Findings  []*Finding  // by identity, over all of them
	Problems  []string    // files that are torn, or that no shard wrote; they do not count
	Disagree  []string    // ranges that were run more than once, and were other runs then
}

// Finding is a failure, and the smallest trace that any shard has of it.
type Finding struct {
	ID    string
	Path  string // of the trace; "" if there is none left
	Trace *traces.Trace
	Times int   // in finished ranges
	In    []int // which campaigns, from 1 on; none if no range in which it was is finished
}

// file is one that was read: one of the two, or an error.
type file struct {
	path   string
	record *Record
	trace  *traces.Trace
	err    error
}

// Gather reads all that shards have left in folders, in folders of theirs, and so on. Each
// range counts once, however often it was run or copied. The error says what could not be
// read at all.
func Gather(dirs []string) (*Gathered, error) {
	paths, err := left(dirs)
	if err != nil {
		return nil, err
	}
	g := &Gathered{}
	byKey := map[Settings]*Campaign{}
	findings := map[string]*Finding{}
	for some := range slices.Chunk(paths, atOnce) {
		for _, f := range readAll(some) {
			switch {
			case f.err != nil && !known(f.err):
				return nil, f.err
			case f.err != nil:
				g.Problems = append(g.Problems, f.err.Error())
			case f.record != nil:
				g.record(byKey, f.record, f.path)
			default:
				smallest(findings, f)
			}
		}
	}
	g.Campaigns = slices.SortedFunc(maps.Values(byKey), func(a, b *Campaign) int {
		return cmp.Or(cmp.Compare(a.Settings.String(), b.Settings.String()), cmp.Compare(a.Settings.Binary(), b.Settings.Binary()))
	})
	for i, c := range g.Campaigns {
		c.count(findings, i+1)
	}
	g.Findings = slices.SortedFunc(maps.Values(findings), func(a, b *Finding) int { return cmp.Compare(a.ID, b.ID) })
	return g, nil
}

// left returns the paths of all records, and of the traces beside them: others are of hunts
// that were no shards.
func left(dirs []string) (paths []string, err error) {
	shards := map[string]bool{}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			switch filepath.Ext(path) {
			case suffix:
				shards[filepath.Dir(path)] = true
				paths = append(paths, path)
			case ".trace":
				paths = append(paths, path)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(paths, func(path string) bool { return !shards[filepath.Dir(path)] }), nil
}

// atOnce is how many files are in memory at the same time.
const atOnce = 512

// known says that an error is of what is in a file, and not that it could not be read.
func known(err error) bool {
	var system *fs.PathError
	return !errors.As(err, &system) || errors.Is(err, ErrTorn)
}

// readAll reads files, several at once: where they are far away, the way is what takes time.
func readAll(paths []string) []file {
	files := make([]file, len(paths))
	work := make(chan *file)
	var wg sync.WaitGroup
	for range 4 * runtime.NumCPU() {
		wg.Go(func() {
			for f := range work {
				if filepath.Ext(f.path) == suffix {
					f.record, f.err = read(f.path)
				} else {
					f.trace, f.err = readTrace(f.path)
				}
			}
		})
	}
	for i, path := range paths {
		files[i].path = path
		work <- &files[i]
	}
	close(work)
	wg.Wait()
	return files
}

// record adds a record to its campaign.
func (g *Gathered) record(campaigns map[Settings]*Campaign, r *Record, path string) {
	c := campaigns[r.Settings]
	if c == nil {
		c = &Campaign{Settings: r.Settings, shards: map[int]*part{}, times: map[string]int{}}
		campaigns[r.Settings] = c
	}
	switch same, err := c.add(r); {
	case err != nil:
		g.Problems = append(g.Problems, fmt.Sprintf("%s: %v", path, err))
	case !same:
		g.Disagree = append(g.Disagree, fmt.Sprintf("%s: shard %d, range %d of %s was another run elsewhere", path, r.Shard, r.Range, r.Settings))
	}
}

// smallest takes a trace down, if it is the smallest of its identity.
func smallest(findings map[string]*Finding, t file) {
	id := properties.Identity(t.trace)
	key := name(t.trace.Program, id)
	f := findings[key]
	if f == nil {
		f = &Finding{ID: id}
		findings[key] = f
	}
	if f.Trace == nil || cmp.Or(cmp.Compare(properties.Size(t.trace), properties.Size(f.Trace)), cmp.Compare(t.path, f.Path)) < 0 {
		f.Trace, f.Path = t.trace, t.path
	}
}

// name is an identity with the program whose failure it is.
func name(program, id string) string { return cmp.Or(program, traces.DefaultProgram) + " " + id }

// Hosts returns where the finished ranges of a campaign were run.
func (c *Campaign) Hosts() []string { return slices.Sorted(maps.Keys(c.hosts)) }
