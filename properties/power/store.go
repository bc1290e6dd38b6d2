package power

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// store keeps a file for each mistake in a directory.
type store struct{ dir string }

func (s store) path(sum string) string { return filepath.Join(s.dir, sum+".json") }

// load returns what is known of a mistake in this state of the code.
func (s store) load(of *Subject, sum string) (*Result, error) {
	r := &Result{Subject: of, Sum: sum}
	text, err := os.ReadFile(s.path(sum))
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	kept := Result{}
	if err := json.Unmarshal(text, &kept); err != nil {
		return nil, fmt.Errorf("%s: %w", s.path(sum), err)
	}
	r.kept, r.Told = kept.Runs, kept.Told
	return r, nil
}

// keep writes what is known of a mistake.
func (s store) keep(r *Result) error {
	all := *r
	all.Runs = r.kept
	return writeJSON(s.path(r.Sum), all)
}

// writeJSON replaces a file as a whole.
func writeJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		return err
	}
	return write(path, append(text, '\n'))
}

// write replaces a file as a whole.
func write(path string, text []byte) error {
	if err := os.WriteFile(path+".new", text, 0o666); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
