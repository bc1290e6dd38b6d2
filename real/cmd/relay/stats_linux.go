package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"millrace/real"
)

// serveStats answers GET /metrics on ln until the process ends.
func serveStats(ln net.Listener, workers []*real.Worker) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		var text bytes.Buffer
		if err := real.WriteMetrics(&text, workers); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		// A reader that has gone needs no answer.
		_, _ = w.Write(text.Bytes())
	})
	server := http.Server{
		Handler: mux, ReadTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		// When the process is out of descriptors the server would say so in a
		// line per attempt. The relay says it once.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	// It returns when the listener fails for good. The relay goes on without.
	_ = server.Serve(ln)
}

// listenStats binds the address for statistics; nil if there is none.
func listenStats(addr string) (net.Listener, error) {
	if addr == "" {
		return nil, nil
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("-stats %q: %w", addr, err)
	}
	return ln, nil
}
