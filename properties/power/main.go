package power

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// The exit codes.
const (
	passed = iota
	failed
	wrongCall
	brokenDown
)

// Main measures what arguments of a command line ask for, and returns the exit code.
func Main(args []string, stdout, stderr io.Writer) int {
	c, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return passed
	}
	if err != nil {
		fmt.Fprintln(stderr, "power:", err)
		return wrongCall
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	report, err := c.run(ctx, stderr)
	if report != nil {
		err = errors.Join(err, report.write(c, stdout))
	}
	if err != nil {
		fmt.Fprintln(stderr, "power:", err)
		return brokenDown
	}
	ok, err := c.pass(report, stderr)
	switch {
	case err != nil:
		fmt.Fprintln(stderr, "power:", err)
		return brokenDown
	case !ok:
		return failed
	}
	return passed
}

// listControl is the list of the one that is no mistake.
const listControl = "control"

// run measures all of it. After an interruption there is a report of what there is.
func (c *config) run(ctx context.Context, stderr io.Writer) (*Report, error) {
	root, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(root, "properties/cmd/soak")); err != nil {
		return nil, fmt.Errorf("it is called from the top of the module: %w", err)
	}
	b := &bench{config: c, tree: &tree{root: root, files: map[string][]byte{}}}
	list, uncompiled, err := c.subjects(b.tree)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.dir, 0o777); err != nil {
		return nil, err
	}
	if b.dir, err = os.MkdirTemp("", "millrace-power-*"); err != nil {
		return nil, err
	}
	defer os.RemoveAll(b.dir)
	fmt.Fprintf(stderr, "power: %d mistakes, and %d that do not compile; building\n", len(list), uncompiled)
	if err := b.prepare(ctx, list); err != nil {
		return nil, err
	}
	if !c.quick {
		if err := b.same(ctx); err != nil {
			return nil, err
		}
	}
	list = append([]*Subject{{ID: listControl, List: listControl, Name: "no mistake"}}, list...)
	results, err := b.all(ctx, list, stderr)
	report, known := c.report(results, uncompiled)
	return report, errors.Join(err, known)
}

// all measures mistakes, several at a time, and returns those of which all is known, in order.
func (b *bench) all(ctx context.Context, list []*Subject, stderr io.Writer) (done []*Result, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	results := make([]*Result, len(list))
	next := make(chan int)
	go func() {
		defer close(next)
		for i := range list {
			select {
			case next <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	began, finished := time.Now(), 0
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range b.procs {
		wg.Go(func() {
			for i := range next {
				r, err := b.one(ctx, list[i])
				if err != nil {
					cancel(err)
					return
				}
				mu.Lock()
				results[i] = r
				finished++
				fmt.Fprintf(stderr, "power: %4.0fs %d of %d  %s\n", time.Since(began).Seconds(), finished, len(list), r.line())
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for _, r := range results {
		if r != nil {
			done = append(done, r)
		}
	}
	if len(done) < len(list) {
		err = context.Cause(ctx)
		if errors.Is(err, context.Canceled) {
			err = errInterrupted
		}
	}
	return done, err
}

// one measures a mistake, or what is missing of it.
func (b *bench) one(ctx context.Context, s *Subject) (*Result, error) {
	kept := store{b.config.dir}
	r, err := kept.load(s, s.sum(b.source))
	if err != nil {
		return nil, err
	}
	err = b.measure(ctx, r, func() error { return kept.keep(r) })
	if err == nil && s.List == listControl {
		for _, run := range r.Runs {
			if run.Found {
				return nil, fmt.Errorf("with no mistake in it %s finds %s: nothing that it finds says anything", run.Strategy, run.Failure)
			}
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.ID, err)
	}
	return r, nil
}
