package command

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"millrace/properties"
	"millrace/traces"
)

// other is another build of this command, which tells stories.
type other struct {
	in  io.WriteCloser
	out *bufio.Reader
	cmd *exec.Cmd
}

// build makes this command of another revision, in a folder of its own.
func build(revision, dir string) (program string, err error) {
	tree := filepath.Join(dir, "tree")
	steps := [][]string{{"git", "worktree", "add", "--detach", tree, revision}}
	rel, err := source()
	if err != nil {
		return "", err
	}
	program = filepath.Join(dir, "other")
	steps = append(steps, []string{"go", "build", "-C", tree, "-o", program, rel})
	for _, s := range steps {
		if out, err := exec.Command(s[0], s[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", strings.Join(s, " "), err, out)
		}
	}
	return program, nil
}

// compare builds the other revision and compares with it.
func compare(p *properties.Program, c config, revision string, stdout, stderr io.Writer) (code int, err error) {
	dir, err := os.MkdirTemp("", "millrace-against-*")
	if err != nil {
		return brokenDown, err
	}
	defer os.RemoveAll(dir)
	program, err := build(revision, dir)
	defer func() { _ = exec.Command("git", "worktree", "remove", "--force", filepath.Join(dir, "tree")).Run() }()
	if err != nil {
		return brokenDown, err
	}
	args := []string{"-tell"}
	if filepath.Base(os.Args[0]) != "soak" {
		args = []string{"soak", "-tell"} // as a verb of a program's own command
	}
	o, err := start(program, args...)
	if err != nil {
		return brokenDown, err
	}
	defer func() {
		o.in.Close()
		err = errors.Join(err, o.cmd.Wait())
	}()
	return against(p, c, o, stdout, stderr)
}

// source is where in the module the command is that runs now.
func source() (string, error) {
	name := strings.TrimSuffix(filepath.Base(os.Args[0]), ".test")
	for _, dir := range []string{"properties/cmd/" + name, "cmd/" + name} {
		if _, err := os.Stat(dir); err == nil {
			return "./" + dir, nil
		}
	}
	return "", fmt.Errorf("-against: call it from the top of the module, so that ./properties/cmd/%s or ./cmd/%s is there", name, name)
}

func start(program string, args ...string) (*other, error) {
	cmd := exec.Command(program, args...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &other{in, bufio.NewReader(out), cmd}, cmd.Start()
}

// stories asks the other build for the stories of a trace.
func (o *other) stories(t *traces.Trace) (string, error) {
	if _, err := io.WriteString(o.in, string(t.AppendText(nil))+endOfText+"\n"); err != nil {
		return "", err
	}
	var b strings.Builder
	for {
		line, err := o.out.ReadString('\n')
		if err != nil {
			return "", fmt.Errorf("the other build says no more: %w (it must be one that has -tell)", err)
		}
		if line == endOfText+"\n" {
			return b.String(), nil
		}
		b.WriteString(line)
	}
}

// alive is after how many worlds a comparison says that it goes on.
const alive = 1000

// against runs the worlds of seeds in this build and their traces in another one, and
// shows those whose stories differ, made small.
func against(p *properties.Program, c config, o *other, stdout, stderr io.Writer) (code int, err error) {
	w := properties.NewWorld(p)
	n, differ, unknown := c.Seeds, 0, ""
	if n == 0 {
		n = 2000
	}
	for i := range n {
		if i > 0 && i%alive == 0 {
			fmt.Fprintf(stderr, "soak: %d worlds, %d differ\n", i, differ)
		}
		t, src := p.Generate(c.Seed + i)
		here := told(w, w.Run(t, src, properties.Options{}))
		t.Decisions = slices.Clone(w.Decisions())
		t.Comments = []string{fmt.Sprintf("seed %#x", c.Seed+i)}
		there, err := o.stories(t)
		if err != nil {
			return brokenDown, err
		}
		if strange(there) && unknown == "" {
			unknown = strings.TrimSpace(there)
		}
		if here == there || strange(there) {
			continue
		}
		if differ++; differ <= maxApart {
			if err := apart(w, o, t, stdout); err != nil {
				return brokenDown, err
			}
		}
	}
	fmt.Fprintf(stdout, "%d worlds, of which %d tell another story\n", n, differ)
	if unknown != "" {
		return brokenDown, fmt.Errorf("the other build does not understand all of them, so only the rest was compared: %s", unknown)
	}
	if differ > 0 {
		return found, nil
	}
	return nothing, nil
}

// strange says that the other build does not understand a trace: it may have settings
// and accidents that are new.
func strange(there string) bool { return strings.HasPrefix(there, "?") }

// maxApart is how many worlds that differ are shown.
const maxApart = 5

// apart shrinks a world for as long as its stories differ, and shows both.
func apart(w *properties.World, o *other, t *traces.Trace, stdout io.Writer) error {
	var broken error
	differs := func(c *traces.Trace) bool {
		here := stories(w, c)
		c.Decisions = slices.Clone(w.Decisions()) // with ordinals, which a text can hold
		there, err := o.stories(c)
		broken = errors.Join(broken, err)
		return err == nil && here != there && !strange(there)
	}
	small := traces.Shrink(t, differs, func() bool { return broken != nil })
	there, err := o.stories(small)
	if err := errors.Join(broken, err); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%shere:\n%sthere:\n%s\n", small, indent(stories(w, small)), indent(there))
	return nil
}
