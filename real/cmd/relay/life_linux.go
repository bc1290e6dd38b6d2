package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"syscall"
	"time"

	"millrace/real"
)

// serve runs the workers until signals or a failure end them, and returns the
// exit status. Whatever happens, the log and the recording are written.
func (s *service) serve(stderr io.Writer) int {
	for _, w := range s.workers {
		go func() { s.results <- w.Run() }()
	}
	go s.guard(s.reloads)
	if s.opt.watchdog > 0 {
		go s.guard(s.watch)
	}
	status, ended := s.survive(stderr)
	if err := s.saved(ended); err != nil {
		complain(stderr, err)
		status = exitBroken
	}
	if status == exitDrained {
		s.say.Info("drained")
	}
	s.log.Close(lastWords)
	return status
}

// guard runs f, beside the workers. A panic in it ends the relay as one of theirs
// does, and not as the language would: with nothing written, and the status that
// says that it never began.
func (s *service) guard(f func()) {
	defer func() {
		if r := recover(); r != nil {
			s.broken <- fmt.Errorf("panic: %v\n\n%s", r, debug.Stack())
		}
	}()
	f()
}

// survive is wait, and what guard is for others.
func (s *service) survive(stderr io.Writer) (status int, ended bool) {
	defer func() {
		if r := recover(); r != nil {
			err := fmt.Errorf("panic: %v\n\n%s", r, debug.Stack())
			status, ended = s.fail(stderr, err), s.kill(len(s.workers))
		}
	}()
	return s.wait(stderr)
}

// wait waits for the workers to end, and sees to it that they do. ended is false
// if one did not.
func (s *service) wait(stderr io.Writer) (status int, ended bool) {
	left := len(s.workers)
	var began time.Time
	var late <-chan time.Time
	for left > 0 {
		select {
		case err := <-s.results:
			left--
			if err != nil {
				return s.fail(stderr, err), s.kill(left)
			}
		case err := <-s.broken:
			return s.fail(stderr, err), s.kill(left)
		case h := <-s.hung:
			if s.report(stderr, h); s.opt.onHang == "end" {
				return exitBroken, s.kill(left)
			}
		case <-late:
			s.say.Warn("drain-timeout: what is left is reset", "after", time.Since(began).Round(time.Millisecond), "sessions", s.sessions())
			return exitKilled, s.kill(left)
		case sig := <-s.signals:
			switch {
			case sig == syscall.SIGQUIT:
				s.say.Error("killed", "signal", sig.String())
				complain(stderr, fmt.Errorf("killed: %s\n\n%s", sig, s.stacks()))
				return exitKilled, s.kill(left)
			case sig == syscall.SIGUSR1 || sig == syscall.SIGUSR2:
				s.say.Info("a signal without a meaning here", "signal", sig.String())
			case began.IsZero():
				began = time.Now()
				late = s.drain(sig)
			case time.Since(began) >= sameOrder:
				s.say.Warn("killed", "signal", sig.String())
				return exitKilled, s.kill(left)
			}
		}
	}
	return exitDrained, true
}

// fail says in the log and on standard error what broke.
func (s *service) fail(stderr io.Writer, err error) int {
	s.say.Error("broken", "why", err.Error())
	var p *real.Panic
	if errors.As(err, &p) {
		err = fmt.Errorf("%w\n\n%s", err, p.Stack)
	}
	complain(stderr, err)
	return exitBroken
}

// sessions returns how many there are, or were a moment ago.
func (s *service) sessions() (n uint64) {
	for _, w := range s.workers {
		n += w.Metric("relay_sessions")
	}
	return n
}

// drain lets the sessions come to their ends, and returns what tells when it has
// taken too long.
func (s *service) drain(sig os.Signal) (late <-chan time.Time) {
	s.say.Info("draining", "signal", sig.String(), "sessions", s.sessions())
	for _, w := range s.workers {
		w.Drain()
	}
	if s.opt.drain == 0 {
		return nil
	}
	return time.After(time.Duration(s.opt.drain))
}

// kill ends the workers that still run, and reports whether they did end. What
// ended the first is all there is to tell.
func (s *service) kill(left int) (ended bool) {
	for _, w := range s.workers {
		w.Kill()
	}
	timeout := time.After(lastWords)
	for ; left > 0; left-- {
		select {
		case <-s.results:
		case <-timeout:
			return false
		}
	}
	return true
}

// saved writes the trace, and does not wait for it any more if a signal comes. The
// worker has ended, or hangs.
func (s *service) saved(ended bool) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				done <- fmt.Errorf("-record: panic: %v\n\n%s", r, debug.Stack())
			}
		}()
		done <- s.save(ended)
	}()
	select {
	case err := <-done:
		return err
	case sig := <-s.signals:
		return fmt.Errorf("-record: given up at %s", sig)
	}
}

// save writes the trace, if there is to be one.
func (s *service) save(ended bool) error {
	if s.record == nil {
		return nil
	}
	name := s.record.Name()
	write := s.workers[0].WriteTrace
	if !ended {
		write = s.workers[0].WriteTraceOfHung
	}
	err := write(s.record, "replay: go run ./traces/cmd/trace replay "+name)
	if e := s.record.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("-record: %w", err)
	}
	s.say.Info("recorded", "file", name)
	return nil
}

// createPrivate creates a file that nobody else may read, also if there was one of
// that name: who spoke to whom, and when, is in a recording.
func createPrivate(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() {
		err = f.Chmod(0o600)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
