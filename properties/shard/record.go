package shard

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"millrace/properties"
	"millrace/traces"
)

// Record is what a shard leaves of one finished range. Two of the same range differ at most in
// who made them, and in the time it took.
type Record struct {
	Settings Settings
	Shard    int // from 1
	Range    int // from 1; 0 says that the shard was begun, and nothing else
	Host     string
	CPU      time.Duration // of processors, by all its processes
	Took     time.Duration
	Account  *properties.Account // nil if Range is 0
	Deaths   uint64              // worlds from which no process came back
	Failures []Failure           // each identity once
}

// Failure says how often an identity was found.
type Failure struct {
	ID    string
	Times int
}

// check says what cannot be in a record.
func (r *Record) check(path string) error {
	s := r.Settings
	switch {
	case s.Shards < 1 || s.Shards > maxShards || s.Seeds < uint64(s.Shards) || r.Shard < 1 || r.Shard > s.Shards,
		r.Range < 0 || r.Range > s.Ranges(r.Shard), r.Range > 0 && r.Account == nil:
		return fmt.Errorf("%s: shard %d/%d, range %d: no shard writes that", path, r.Shard, s.Shards, r.Range)
	}
	return nil
}

// Shard is one shard of a campaign and what it has left behind.
type Shard struct {
	Settings Settings
	Number   int    // from 1
	Dir      string // where its files are: it has it for itself
}

// Begin says that a shard has begun, in a folder of its own under dir.
func Begin(dir string, s Settings, number int) (*Shard, error) {
	h := &Shard{s, number, filepath.Join(dir, s.key(), fmt.Sprintf("%d-of-%d", number, s.Shards))}
	return h, h.leave(&Record{})
}

// leave completes a record and writes it.
func (h *Shard) leave(r *Record) (err error) {
	r.Settings, r.Shard = h.Settings, h.Number
	if r.Host, err = os.Hostname(); err != nil {
		return err
	}
	text, err := r.text()
	if err != nil {
		return err
	}
	return Replace(h.path(r.Range), text)
}

// suffix is what the name of a record ends in.
const suffix = ".range"

func (h *Shard) path(r int) string { return filepath.Join(h.Dir, fmt.Sprintf("%02d%s", r, suffix)) }

// Finish writes down that a range is finished, with what is in r of it.
func (h *Shard) Finish(number int, r *Record) error {
	r.Range = number
	return h.leave(r)
}

// Finished returns the record of a range. The error is fs.ErrNotExist if it is not
// finished, and ErrTorn if that cannot be told.
func (h *Shard) Finished(number int) (*Record, error) {
	r, err := read(h.path(number))
	if err == nil && (r.Settings != h.Settings || r.Shard != h.Number || r.Range != number) {
		err = fmt.Errorf("%s: it is shard %d, range %d, of %s", h.path(number), r.Shard, r.Range, r.Settings)
	}
	return r, err
}

// Trace returns the trace of a failure that the shard has found, and where it lies. The
// error is fs.ErrNotExist if there is none.
func (h *Shard) Trace(id string) (t *traces.Trace, path string, err error) {
	path = filepath.Join(h.Dir, properties.FileName(&traces.Trace{Program: h.Settings.Program, Fail: id}))
	t, err = readTrace(path)
	return t, path, err
}

// readTrace reads the trace of a failure.
func readTrace(path string) (*traces.Trace, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t, err := traces.Parse(path, text)
	if err == nil && t.Fail == "" {
		err = fmt.Errorf("%s: %w: it has no fail line", path, ErrTorn)
	}
	return t, err
}
