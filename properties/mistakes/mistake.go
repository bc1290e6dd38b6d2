// Package mistakes has mistakes that somebody might make in the proxy, plants them in a build
// of a command, and runs it to see whether it finds them.
package mistakes

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"millrace/properties"
	"millrace/traces"
)

// Mistake is one piece of code replaced by another.
type Mistake struct {
	Name string // a sentence
	File string // from the top of the module
	Old  string // the first piece of this text
	New  string // is replaced by this one
}

// Plant returns a file with the mistake in it, or an error if it has nowhere to go any more.
func (m Mistake) Plant(text []byte) ([]byte, error) {
	if !strings.Contains(string(text), m.Old) {
		return nil, fmt.Errorf("%s: %q has nowhere to go any more: there is no %q", m.File, m.Name, m.Old)
	}
	return []byte(strings.Replace(string(text), m.Old, m.New, 1)), nil
}

// Overlay writes files that are to take the places of others, or to be added, and the
// configuration that has go build do so, into dir. The files are named from the top of the
// module, root. It returns the path of the configuration.
func Overlay(root, dir string, files map[string][]byte) (config string, err error) {
	replace := map[string]string{}
	for name, text := range files {
		broken := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		if err := os.WriteFile(broken, text, 0o666); err != nil {
			return "", err
		}
		replace[filepath.Join(root, name)] = broken
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	config = filepath.Join(dir, "overlay.json")
	return config, os.WriteFile(config, text, 0o666)
}

// Build builds one of the commands of properties/cmd with other files in it, and returns the
// path of the program in dir. The error has what the compiler says.
func Build(ctx context.Context, root, dir, command string, files map[string][]byte) (program string, err error) {
	config, err := Overlay(root, dir, files)
	if err != nil {
		return "", err
	}
	program = filepath.Join(dir, command)
	cmd := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-overlay", config, "-o", program, "./properties/cmd/"+command)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return program, nil
}

// Found is the exit code of a command that has found something. Nothing is 0.
const Found = 1

// Run runs a command that hunts and returns its exit code and what it says. There is an error
// if it did not come to an end of its own, within the time that ctx has.
func Run(ctx context.Context, program string, args ...string) (code int, out string, err error) {
	return RunIn(ctx, "", nil, program, args...)
}

// RunIn is Run in a directory, with more in the environment, as NAME=VALUE.
func RunIn(ctx context.Context, dir string, env []string, program string, args ...string) (code int, out string, err error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	cmd.WaitDelay = 5 * time.Second // processes that it leaves behind do not keep us
	var b bytes.Buffer
	cmd.Stdout = &b
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return 0, b.String(), ctx.Err()
	case errors.As(err, &exit) && exit.Exited():
		return exit.ExitCode(), b.String(), nil
	}
	return 0, b.String(), err
}

// Smallest returns the shortest of the traces in a folder, nil if there is none.
func Smallest(dir string) (best *traces.Trace, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.trace"))
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		t, err := traces.Parse(f, b)
		if err != nil {
			return nil, err
		}
		if best == nil || properties.Lines(t) < properties.Lines(best) {
			best = t
		}
	}
	return best, nil
}
