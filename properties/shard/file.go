package shard

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// Replace writes a file as a whole: who reads it sees the old or the new, and never a part,
// however many write it, on whatever machines. One who dies of it may leave a file behind that
// ends in .new, which nobody reads.
func Replace(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	temporary := fmt.Sprintf("%s.%016x.new", path, rand.Uint64())
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil { // a name must not outlive its bytes
		err = os.Rename(temporary, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return nil
}

// magic begins the first line of a record; the sum of all that follows ends it.
const magic = "millrace shard 1 "

// ErrTorn says that a file is not what somebody wrote, or is of another version.
var ErrTorn = errors.New("torn: it is not what was written")

// text prints a record as read reads it.
func (r *Record) text() ([]byte, error) {
	text, err := json.Marshal(r)
	return fmt.Appendf(nil, "%s%x\n%s", magic, sha256.Sum256(text), text), err
}

// read reads a record. The error is fs.ErrNotExist if there is none, ErrTorn if it is damaged.
func read(path string) (*Record, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	head, body, _ := bytes.Cut(text, []byte("\n"))
	if !bytes.Equal(head, fmt.Appendf(nil, "%s%x", magic, sha256.Sum256(body))) {
		return nil, &fs.PathError{Op: "read", Path: path, Err: ErrTorn}
	}
	r := new(Record)
	if err := json.Unmarshal(body, r); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, r.check(path)
}
