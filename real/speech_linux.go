package real

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	// maxSpeech is how long a line of Logger's may be: an error may name a file or
	// quote a certificate.
	maxSpeech  = 4 << 10
	speechSize = 16 * maxSpeech
)

// speech is the source of the lines that no worker wrote. Whoever says something
// waits for others who do, which is a matter of microseconds, and never for the
// reader of the log.
type speech struct {
	log  *Log
	mu   sync.Mutex
	line []byte // begun, under mu
}

func (s *speech) init(l *Log) {
	s.log = l
	l.queues[0].init(speechSize, maxSpeech, l.base, "")
}

// Write adds to the line begun.
func (s *speech) Write(p []byte) (int, error) {
	s.line = append(s.line, p...)
	return len(p), nil
}

// Logger returns a logger that writes to the log, from any goroutine.
func (l *Log) Logger() *slog.Logger {
	return slog.New(speaker{slog.NewTextHandler(&l.speech, nil), &l.speech})
}

// speaker is the handler of Logger: slog's own for text, but for the time of a
// line, which counts from when it has its place in the queue.
type speaker struct {
	slog.Handler
	s *speech
}

// Handle implements slog.Handler.
func (h speaker) Handle(ctx context.Context, r slog.Record) error {
	q := &h.s.log.queues[0]
	h.s.mu.Lock()
	defer h.s.mu.Unlock()
	var now time.Time
	if h.s.line, now = q.begin(); h.s.line == nil {
		h.s.log.poke() // it is counted, and to be told of
		return nil
	}
	r.Time = now.UTC()
	err := h.Handler.Handle(ctx, r)
	if err != nil || len(h.s.line) == 0 {
		q.drop()
	} else {
		q.end(h.s.line)
	}
	h.s.log.poke()
	return err
}

// WithAttrs implements slog.Handler.
func (h speaker) WithAttrs(a []slog.Attr) slog.Handler {
	return speaker{h.Handler.WithAttrs(a), h.s}
}

// WithGroup implements slog.Handler.
func (h speaker) WithGroup(name string) slog.Handler {
	return speaker{h.Handler.WithGroup(name), h.s}
}
