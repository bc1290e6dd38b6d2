package cell

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"millrace/properties"
	"millrace/traces"
)

// Cell is a process that runs worlds. It is started when it is needed, and again when
// it died. It belongs to one goroutine, but for Hurry.
type Cell struct {
	Program *properties.Program // whose worlds its seeds are of
	Limits  Limits
	Corpus  string // a directory of worlds that guided hunts begin with, as they are when the process starts; "" = none

	explored atomic.Uint64

	mu   sync.Mutex // for ask, which Hurry uses too
	ask  *gob.Encoder
	cmd  *exec.Cmd
	in   io.Closer
	hear *gob.Decoder
	said *tail
}

// silence is how long a cell that lives is silent at most.
const silence = 30 * time.Second

// start makes sure that there is a process.
func (c *Cell) start() error {
	if c.cmd != nil {
		return nil
	}
	if os.Getenv(env) != "" {
		// Once this was not here, and a test whose program called no Serve had its
		// cells run the test, which had cells: some thousand processes in a minute.
		return errors.New("a cell may not have cells: does its program call cell.Serve first?")
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), env+"=1", "GOTRACEBACK=single")
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	c.said = &tail{}
	cmd.Stderr = c.said
	if err := cmd.Start(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cmd, c.in, c.ask, c.hear = cmd, in, gob.NewEncoder(in), gob.NewDecoder(out)
	return nil
}

// Explored returns how many states of small worlds the process has come to, as far as it has said.
// Any goroutine may call it.
func (c *Cell) Explored() uint64 { return c.explored.Load() }

// Close ends the process.
func (c *Cell) Close() {
	if c.cmd == nil {
		return
	}
	c.in.Close()
	_ = c.cmd.Process.Kill() // it has nothing to lose
	_ = c.end()
}

// end waits for the process to end and returns how it did.
func (c *Cell) end() error {
	err := c.cmd.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cmd, c.ask = nil, nil
	return err
}

// Hurry has a cell that shrinks be content with what it has. Any goroutine may call it.
func (c *Cell) Hurry() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ask != nil {
		_ = c.ask.Encode(request{Task: stop}) // a cell that is gone is in no need of it
	}
}

// do asks a question and gives all parts of the answer to heard. If the cell dies of
// the question it says so.
func (c *Cell) do(r request, heard func(reply)) (*Death, error) {
	if err := c.start(); err != nil {
		return nil, fmt.Errorf("cannot start a process for worlds: %w", err)
	}
	r.Limits, r.Corpus = c.Limits, c.Corpus
	if c.Program != nil {
		r.Program = c.Program.Name
	}
	c.mu.Lock()
	err := c.ask.Encode(r)
	c.mu.Unlock()
	process := c.cmd.Process // which may be forgotten by then
	late := time.AfterFunc(silence, func() { _ = process.Kill() })
	defer late.Stop()
	for err == nil {
		var a reply
		if err = c.hear.Decode(&a); err != nil {
			break
		}
		late.Reset(silence)
		switch {
		case a.Alive:
			c.explored.Store(a.States)
			continue
		case a.Err != "":
			return nil, errors.New(a.Err)
		}
		if heard(a); a.Done {
			return nil, nil
		}
	}
	c.in.Close()
	how := c.end()
	if how == nil {
		how = err
	}
	return autopsy(c.said.String(), how), nil
}

// Hunt runs the worlds of some seeds. found is called for each failure: with its trace,
// or if that is known, with its identity only.
func (c *Cell) Hunt(seeds Seeds, found func(known string, t *traces.Trace)) (totals properties.Totals, d *Death, err error) {
	var broken error
	d, err = c.do(request{Task: hunt, Seeds: seeds}, func(a reply) {
		switch {
		case a.Known != "":
			found(a.Known, nil)
		case a.Trace != nil:
			t, err := traces.Parse("found", a.Trace)
			if err != nil {
				broken = err
				return
			}
			found("", t)
		}
		if a.Totals != nil {
			totals = *a.Totals
		}
	})
	return totals, d, errors.Join(err, broken)
}

// Replay runs a trace and returns it as it went: with the decisions that were taken,
// and with how it fails, if it does. If journal is not empty it is a file that gets
// each decision and each step as it comes.
func (c *Cell) Replay(t *traces.Trace, journal string) (run *traces.Trace, d *Death, err error) {
	text := t.AppendText(nil)
	d, err = c.do(request{Task: replay, Trace: text, Path: "replayed", Journal: journal}, func(a reply) { text = a.Trace })
	if d != nil || err != nil {
		return nil, d, err
	}
	run, err = traces.Parse("run", text)
	return run, nil, err
}

// See runs a trace and returns what it shows; nil if it fails.
func (c *Cell) See(t *traces.Trace) (k *properties.Kept, d *Death, err error) {
	d, err = c.do(request{Task: see, Trace: t.AppendText(nil), Path: "seen"}, func(a reply) { k = a.Kept })
	return k, d, err
}

// tail keeps the beginning and the end of what is written to it.
type tail struct {
	mu          sync.Mutex
	first, last []byte
}

// keep is how much of either end is kept.
const keep = 1 << 16

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := min(len(p), keep-len(t.first))
	t.first = append(t.first, p[:n]...)
	t.last = append(t.last, p[n:]...)
	if len(t.last) > 2*keep {
		t.last = bytes.Clone(t.last[len(t.last)-keep:])
	}
	return len(p), nil
}

// String returns what was kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.first) + string(t.last)
}
