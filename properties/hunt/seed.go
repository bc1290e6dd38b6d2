package hunt

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
)

// ofCommit is the word for the seeds that belong to a commit.
const ofCommit = "commit"

// setSeed reads the value of -seed.
func (c *Config) setSeed(text string) (err error) {
	if text != ofCommit {
		if c.Seed, err = strconv.ParseUint(text, 0, 64); err != nil {
			return errors.New("expected a number, or the word commit")
		}
		return nil
	}
	if c.Commit, err = commit(); err != nil {
		return err
	}
	c.Seed = SeedOf(c.Commit)
	return nil
}

// SeedOf returns the first seed of a commit: from 1 to 1<<48, and far from that of any other
// one, so that a hunt at each commit looks where none has looked before, and one that is
// repeated looks at the same.
func SeedOf(commit string) uint64 {
	sum := sha256.Sum256([]byte(commit))
	return binary.BigEndian.Uint64(sum[:])>>16 + 1
}

// Stamp is the commit that the build says it is of, "" if it says nothing.
func Stamp() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}

// commit is the build's own, or where that says nothing, as with go run, that of the clone in
// which the command was called.
func commit() (string, error) {
	if c := Stamp(); c != "" {
		return c, nil
	}
	out, err := exec.Command("git", "rev-parse", "--verify", "HEAD").Output()
	if err != nil {
		return "", fmt.Errorf("this build does not say which commit it is of, and there is no clone here (git: %w): build it with -buildvcs=true", err)
	}
	return strings.TrimSpace(string(out)), nil
}
