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
	go s.guard(s.record)
	go s.guard(s.thrifty)
	go s.guard(s.giveWay)
	if s.opt.watchdog > 0 {
		go s.guard(s.watch)
	}
	status, ended := s.survive(stderr)
	if err := s.saved(status, ended); err != nil {
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
			s.records.want("a worker hangs")
		case <-late:
			s.say.Warn("drain-timeout: what is left is reset", "after", time.Since(s.ordered).Round(time.Millisecond), "sessions", s.sessions())
			return exitKilled, s.kill(left)
		case sig := <-s.signals:
			switch {
			case sig == syscall.SIGQUIT:
				s.say.Error("killed", "signal", sig.String())
				complain(stderr, fmt.Errorf("killed: %s\n\n%s", sig, s.stacks()))
				return exitKilled, s.kill(left)
			case sig == syscall.SIGUSR2 && s.opt.recording.on():
				s.records.want("SIGUSR2")
			case sig == syscall.SIGUSR1 || sig == syscall.SIGUSR2:
				s.say.Info("a signal without a meaning here", "signal", sig.String())
			case s.ordered.IsZero():
				s.ordered = time.Now()
				late = s.drain(sig)
			case !s.repeats(sig):
				s.ordered = time.Now()
				s.say.Warn("killed", "signal", sig.String())
				return exitKilled, s.kill(left)
			}
		}
	}
	return exitDrained, true
}

// repeats says that a signal which may end the relay says no more than the one before it.
func (s *service) repeats(sig os.Signal) bool {
	return sig != syscall.SIGQUIT && time.Since(s.ordered) < sameOrder
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
