package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"millrace/streamif"
)

// records is what asks for recordings while the relay runs, and where they go.
type records struct {
	opt    *recordOptions
	file   *os.File // the last one, if -record asks for it; else nil
	wanted chan string
	made   []string // the files that are there, the oldest first
	count  int      // of files so far

	began   time.Time
	pause   time.Duration
	quiet   atomic.Int64  // since began: until then no end of a session is recorded
	skipped atomic.Uint64 // ends that were not, and of which the log does not know yet
}

// recordPause is how far recordings of sessions' ends are apart: when every session ends so
// the files that are kept would be those of a moment, made at the cost of all sessions.
const recordPause = 10 * time.Second

func newRecords(o *recordOptions) (*records, error) {
	r := &records{opt: o, wanted: make(chan string, 1), began: time.Now(), pause: recordPause}
	if o.file == "" {
		return r, nil
	}
	var err error
	if r.file, err = createPrivate(o.file); err != nil {
		return nil, fmt.Errorf("-record: %w", err)
	}
	return r, nil
}

// want asks for a recording, and says why. It waits for nothing: if one is asked for
// already, that one will do.
func (r *records) want(why string) {
	if !r.opt.on() {
		return
	}
	select {
	case r.wanted <- why:
	default:
	}
}

// ended is a real.Alarm's Sound, for all workers at once.
func (r *records) ended(worker int, session uint32, why streamif.Reason) {
	now, until := int64(time.Since(r.began)), r.quiet.Load()
	if now < until || !r.quiet.CompareAndSwap(until, now+int64(r.pause)) {
		r.skipped.Add(1)
		return
	}
	r.want(fmt.Sprintf("session %d of worker %d ended with %s", session, worker, why))
}

// record writes recordings as they are asked for, beside everything else.
func (s *service) record() {
	var quiet <-chan time.Time
	for {
		select {
		case why := <-s.records.wanted:
			s.saySkipped()
			f, err := s.records.create()
			if err == nil {
				err = s.writeTo(f, why, lastWords)
			}
			if err != nil {
				s.say.Warn("not recorded", "why", err)
			}
			quiet = time.After(s.records.pause)
		case <-quiet:
			s.saySkipped()
		}
	}
}

// saySkipped says how many ends have no recording of their own.
func (s *service) saySkipped() {
	if n := s.records.skipped.Swap(0); n > 0 {
		s.say.Warn("not recorded", "why", "too soon after another", "sessions", n)
	}
}

// create makes room for one more file, and makes it. Names are not used twice.
func (r *records) create() (*os.File, error) {
	for len(r.made) >= r.opt.most {
		if err := os.Remove(r.made[0]); err != nil && !os.IsNotExist(err) {
			return nil, err
		}
		r.made = r.made[1:]
	}
	r.count++
	f, err := r.opt.create(strconv.Itoa(r.count))
	if err == nil {
		r.made = append(r.made, f.Name())
	}
	return f, err
}

// create makes a file of the process's that was not there before.
func (o *recordOptions) create(which string) (*os.File, error) {
	name := filepath.Join(o.dir, fmt.Sprintf("relay-%d-%s.trace", os.Getpid(), which))
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// writeTo writes what all workers have recorded to a file, which it closes, and says so.
func (s *service) writeTo(f *os.File, why string, patience time.Duration) error {
	err := s.writeRecording(f, "replay: go run ./traces/cmd/trace replay "+f.Name(), why, patience)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	s.say.Info("recorded", "file", f.Name(), "why", why)
	return nil
}

// writeRecording writes the recordings of all workers, one behind the other. A worker that
// does not answer for as long as patience says hangs.
func (s *service) writeRecording(to io.Writer, head, why string, patience time.Duration) error {
	b := bufio.NewWriter(to)
	for _, w := range s.workers {
		t, err := w.Recorded(patience, head, "why: "+why, "options: "+s.opt.recording.said)
		if err != nil {
			return err
		}
		if _, err := b.Write(t.AppendText(nil)); err != nil {
			return err
		}
	}
	return b.Flush()
}

// sendTime is how long whoever asks for a recording may take to read it.
const sendTime = time.Minute

// sendRecording answers GET /debug/recording.
func (s *service) sendRecording(w http.ResponseWriter) {
	if !s.opt.recording.on() {
		http.Error(w, "nothing is recorded: -record-size 0", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	// A reader that is not served like this has the time that all have.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(sendTime))
	// A reader that has gone, or is too slow, has a recording that says that it is torn.
	_ = s.writeRecording(w, "replay: go run ./traces/cmd/trace replay FILE", "GET /debug/recording", lastWords)
}

// saved writes the last recording, and does not wait for it any more if a signal comes that asks
// for more than those before it. The workers have ended, or hang.
func (s *service) saved(status int, ended bool) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				done <- fmt.Errorf("-record: panic: %v\n\n%s", r, debug.Stack())
			}
		}()
		done <- s.save(status, ended)
	}()
	for {
		select {
		case err := <-done:
			return err
		case sig := <-s.signals:
			if sig != syscall.SIGUSR1 && sig != syscall.SIGUSR2 && !s.repeats(sig) {
				return fmt.Errorf("-record: given up at %s", sig)
			}
		}
	}
}

// save writes the last recording, if there is to be one: if it was asked for, or something
// broke.
func (s *service) save(status int, ended bool) error {
	f, why := s.records.file, "the end"
	if status == exitBroken {
		why = "it broke"
	}
	if f == nil {
		if status != exitBroken || !s.opt.recording.on() {
			return nil
		}
		var err error
		// Those that were asked for are left alone: they may be about the cause.
		if f, err = s.opt.recording.create("end"); err != nil {
			s.say.Warn("not recorded", "why", err)
			return nil
		}
	}
	patience := lastWords
	if !ended {
		patience = 0 // it was waited for
	}
	if err := s.writeTo(f, why, patience); err != nil {
		return fmt.Errorf("-record: %w", err)
	}
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
