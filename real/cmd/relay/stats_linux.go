package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"millrace/real"
)

// maxReaders is how many connections to the statistics there are at most. They come
// out of descriptors that are kept for them, and never out of those for sessions.
const maxReaders = 8

// statistics answers GET /metrics, and GET /debug/recording, until the process ends.
type statistics struct {
	net.Listener
	mu      sync.Mutex
	readers []net.Conn // the oldest first
	began   time.Time
}

// listenStats binds the address for statistics; nil if there is none.
func listenStats(addr string) (*statistics, error) {
	if addr == "" {
		return nil, nil
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("-stats %q: %w", addr, err)
	}
	return &statistics{Listener: ln, began: time.Now()}, nil
}

// Accept takes one more reader. If there are too many the one that has been there
// longest has to go: whoever asks is answered at once, and who does not ask, or does
// not read the answer, keeps nobody out.
func (s *statistics) Accept() (net.Conn, error) {
	c, err := s.Listener.Accept()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.readers) == maxReaders {
		s.readers[0].Close() // it has gone already, or is told so
		s.readers = append(s.readers[:0], s.readers[1:]...)
	}
	s.readers = append(s.readers, c)
	return c, nil
}

// left forgets a reader that has gone.
func (s *statistics) left(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, r := range s.readers {
		if r == c {
			s.readers = append(s.readers[:i], s.readers[i+1:]...)
			return
		}
	}
}

// serve answers, for a service, until the listener fails for good. A panic, which the server
// would keep to itself, is told by guard.
func (s *statistics) serve(of *service, guard func(func())) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		guard(func() { s.write(w, of.workers) })
	})
	mux.HandleFunc("GET /debug/recording", func(w http.ResponseWriter, _ *http.Request) {
		guard(func() { of.sendRecording(w) })
	})
	server := http.Server{
		Handler:     mux,
		ReadTimeout: 2 * time.Second, WriteTimeout: 5 * time.Second, MaxHeaderBytes: 8 << 10,
		// When the process is out of descriptors the server would say so in a
		// line per attempt. The relay says it once.
		ErrorLog: log.New(io.Discard, "", 0),
		ConnState: func(c net.Conn, state http.ConnState) {
			if state == http.StateClosed {
				s.left(c)
			}
		},
	}
	server.SetKeepAlivesEnabled(false) // whoever asks every few seconds needs no descriptor between
	return server.Serve(s)
}

func (s *statistics) write(w http.ResponseWriter, workers []*real.Worker) {
	var text bytes.Buffer
	err := writeBuild(&text, s.began)
	if err == nil {
		err = real.WriteMetrics(&text, workers)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	// A reader that has gone needs no answer.
	_, _ = w.Write(text.Bytes())
}
