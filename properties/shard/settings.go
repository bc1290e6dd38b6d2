package shard

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"sync"

	"millrace/properties"
)

// Settings say which worlds a campaign runs, and how its seeds are cut. Shards belong
// together only if theirs are equal: then the same range is the same worlds.
type Settings struct {
	Program  string            // whose worlds
	Build    string            // which binary, see Build
	Commit   string            // what it says it is of; for who reads
	Strategy string            // how the worlds of a seed are chosen
	Seed     uint64            // the first
	Seeds    uint64            // how many; at least Shards
	Small    properties.Bounds // of an exhaustive hunt
	Share    uint64            // one world in so many is run twice; 0 is none
	Shards   int               // into how many parts the seeds are cut
}

// String prints what the command line said.
func (s Settings) String() string {
	strategy := s.Strategy
	if b := s.Small; strategy == string(properties.All) {
		strategy += fmt.Sprintf(" -sessions %d -accidents %d -states %d -each %s", b.Sessions, b.Accidents, b.States, b.Time)
	}
	return fmt.Sprintf("%s -seed %d -seeds %d -strategy %s -again %d, in %d shards", s.Program, s.Seed, s.Seeds, strategy, s.Share, s.Shards)
}

// Binary says which build it was.
func (s Settings) Binary() string {
	if s.Commit == "" {
		return s.Build
	}
	return s.Build + " of " + s.Commit
}

// key is a name for the folder of a campaign, so that others do not come into its way.
func (s Settings) key() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", []any{s.Program, s.Build, s.Commit, s.Strategy, s.Small, s.Seed, s.Seeds, s.Share, s.Shards}))
	return "campaign-" + hex.EncodeToString(sum[:6])
}

// ranges is into how many ranges the seeds of a shard are cut at most: each is a file, and
// what is lost when a shard dies. For each there are new processes, so none should be over
// before these have begun: drawn worlds take less than a millisecond each, and whatever else
// is done with a seed takes longer than a process does to begin.
const (
	ranges = 32
	least  = 500
)

// Part returns the seeds of a shard, from 1 on: the first, and how many.
func (s Settings) Part(shard int) (first, n uint64) {
	return cut(s.Seed, s.Seeds, uint64(s.Shards), uint64(shard))
}

// Ranges is how many ranges a shard has.
func (s Settings) Ranges(shard int) int {
	_, n := s.Part(shard)
	if s.Strategy == string(properties.Draws) {
		n = max(n/least, 1)
	}
	return int(min(n, ranges))
}

// Range returns the seeds of a range of a shard, both from 1 on.
func (s Settings) Range(shard, r int) (first, n uint64) {
	first, n = s.Part(shard)
	return cut(first, n, uint64(s.Ranges(shard)), uint64(r))
}

// cut returns part i, from 1 on, of n seeds cut into parts that are as large as each other,
// or one larger, the larger ones first.
func cut(first, n, parts, i uint64) (from, size uint64) {
	size, more := n/parts, n%parts
	from = first + (i-1)*size + min(i-1, more)
	if i <= more {
		size++
	}
	return from, size
}

// Build returns a name for this binary: a part of its checksum. A commit would not do: not
// all builds know theirs, those of a changed tree have the one before, and a program of
// somebody else's has its own while the worlds are millrace's. Machines that build for
// themselves get the same binary with the same Go and -trimpath.
var Build = sync.OnceValues(func() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close() // only read
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
})
