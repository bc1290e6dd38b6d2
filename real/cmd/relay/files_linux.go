package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"syscall"
	"time"
)

// stale is a file with certificates that are not valid now. It is no reason to
// refuse them: a clock may be wrong, and what is served already goes on to be served.
// But nobody else says it before clients do.
type stale struct {
	flag, file, subject, why string
	others                   int // in the same file
}

// look finds what is stale in a file.
func (c *contents) look(flag, file string, certs [][]byte) {
	s := stale{flag: flag, file: file, others: -1}
	now := time.Now()
	for _, der := range certs {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			continue // what cannot be read is not used either
		}
		why := ""
		switch {
		case now.After(cert.NotAfter):
			why = "expired at " + cert.NotAfter.UTC().Format(time.RFC3339)
		case now.Before(cert.NotBefore):
			why = "not valid before " + cert.NotBefore.UTC().Format(time.RFC3339)
		default:
			continue
		}
		if s.others++; s.others == 0 {
			s.subject, s.why = cert.Subject.String(), why
		}
	}
	if s.others >= 0 {
		c.stale = append(c.stale, s)
	}
}

// warn says what is stale.
func (c *contents) warn(say *slog.Logger) {
	for _, s := range c.stale {
		say.Warn("a certificate is not valid now", "why", s.why, "subject", s.subject, "flag", "-"+s.flag, "file", s.file, "others", s.others)
	}
}

// loadPair reads a certificate and its key. Errors never quote what is in them.
func loadPair(certFile, keyFile string) (tls.Certificate, error) {
	cert, err := readFile("tls-cert", certFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := readFile("tls-key", keyFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return pair, fmt.Errorf("-tls-cert %s, -tls-key %s: %w", certFile, keyFile, err)
	}
	return pair, nil
}

// loadPool reads authorities.
func (c *contents) loadPool(flag, file string) (*x509.CertPool, error) {
	text, err := readFile(flag, file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("-%s %s: there is no certificate in it", flag, file)
	}
	var certs [][]byte
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			certs = append(certs, block.Bytes)
		}
	}
	c.look(flag, file, certs)
	return pool, nil
}

// maxText is the longest file that is read: one that is longer is another file, or
// one that does not end.
const maxText = 16 << 20

func readFile(flag, file string) ([]byte, error) {
	text, err := readText(file)
	if err != nil {
		var cause *fs.PathError
		if errors.As(err, &cause) {
			err = cause.Err // the name is said already
		}
		return nil, fmt.Errorf("-%s %s: %w", flag, file, err)
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, fmt.Errorf("-%s %s: the file is empty", flag, file)
	}
	return text, nil
}

// readTime is how long a file may take that is a pipe or a terminal. It is enough for whoever
// types a list at the start, and bounds a reload whose writer says nothing.
const readTime = time.Minute

// readText does not wait for somebody to open the other end of a pipe, as an open without
// O_NONBLOCK does, for ever: a pipe with a writer, such as the shell's <(...), is read to
// its end.
func readText(file string) ([]byte, error) {
	f, err := os.OpenFile(file, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	// It is refused where reading never waits, or cannot be bounded: of a file on a disk.
	_ = f.SetReadDeadline(time.Now().Add(readTime))
	text, err := io.ReadAll(io.LimitReader(f, maxText+1))
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, fmt.Errorf("its end did not come in %v", readTime)
	case err != nil:
		return nil, err
	case len(text) > maxText:
		return nil, fmt.Errorf("longer than %d bytes", maxText)
	case len(text) == 0 && isPipe(f):
		return nil, errors.New("a pipe that nobody writes to; want a file")
	}
	return text, nil
}

func isPipe(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&fs.ModeNamedPipe != 0
}
