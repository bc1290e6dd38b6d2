package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"millrace/streamif"
)

// recordOptions is what the command line says of recordings.
type recordOptions struct {
	file      string // of the last one
	size      int    // of each worker's ring; -1: nobody has said
	dir       string // where others go
	most      int    // how many of them are kept
	events    list
	reasons   []streamif.Reason // what events says
	addresses bool              // are recorded too
	said      string            // the command line, without addresses and names
}

const (
	// ringSize is enough for the last two thousand short sessions. It fits into a cache
	// beside what the worker needs: four times as much costs 3 % of its time instead of 1.
	ringSize = 1 << 20
	// longRingSize is what a recording of everything gets, which the machine gives page
	// by page as they are reached.
	longRingSize = 64 << 20
	maxRingSize  = 1 << 30
)

func (o *recordOptions) define(fs *flag.FlagSet) {
	fs.StringVar(&o.file, "record", "",
		"write every call of the proxy to this `file` at exit, for traces/cmd/trace replay: the last 7 million of each worker, or as -record-size says")
	fs.IntVar(&o.size, "record-size", -1,
		"`bytes` of memory in which each worker keeps its last calls, nine bytes a call, to be written when something breaks, at SIGUSR2, or for -record-on; by default 1 MiB, two thousand short sessions; 0 keeps none")
	fs.StringVar(&o.dir, "record-dir", "", "the `directory` for what is written then; by default that for temporary files")
	fs.IntVar(&o.most, "record-max", 8, "`number` of such files that are kept, the last ones")
	fs.Var(&o.events, "record-on",
		"write what led to it when a session ends for one of these `reasons`, as the log's end has them: SD,sC,..., or several by -record-on again; one in ten seconds, and the log says how many were not written")
	fs.BoolVar(&o.addresses, "record-addresses", false,
		"have recordings say of each session where its client came from, and which server it went to; by default no address is in them")
}

// bytes is how large a worker's ring is.
func (o *recordOptions) bytes() int {
	switch {
	case o.size >= 0:
		return o.size
	case o.file != "":
		return longRingSize
	}
	return ringSize
}

// on says whether anything is recorded.
func (o *recordOptions) on() bool { return o.bytes() > 0 }

// open are the flags whose values say neither who nor where: those go into a recording.
var open = []string{
	"workers", "poller", "maxconn", "maxconn-per-client", "maxhandshakes", "client-timeout", "server-timeout",
	"connect-timeout", "handshake-timeout", "client-fin", "server-fin", "keepalive", "user-timeout", "drain-timeout",
	"retries", "bufsize", "bulkbuffers", "buffers", "splice", "maxpipes", "rcvlowat", "no-half-close", "log", "watchdog",
	"on-hang", "record-size", "record-max", "record-on", "record-addresses", "send-proxy", "tls-min", "tls-cbc", "tls-to",
	"tls-to-insecure",
}

// check looks at the options given.
func (o *recordOptions) check(fs *flag.FlagSet) error {
	fs.Visit(func(f *flag.Flag) {
		o.said += " -" + f.Name
		if slices.Contains(open, f.Name) {
			o.said += "=" + f.Value.String()
		}
	})
	o.said = strings.TrimSpace(o.said)
	switch {
	case o.size < -1 || o.size > maxRingSize:
		return fmt.Errorf("-record-size %d: want 0 to %d bytes", o.size, maxRingSize)
	case o.most < 1 || o.most > 1000:
		return fmt.Errorf("-record-max %d: want 1 to 1000", o.most)
	}
	given := given(fs)
	given["record-addresses"] = o.addresses
	for _, name := range []string{"record", "record-addresses", "record-on", "record-dir", "record-max"} {
		if given[name] && !o.on() {
			return fmt.Errorf("-%s: means nothing with -record-size 0", name)
		}
	}
	if o.dir == "" {
		o.dir = os.TempDir()
	} else if info, err := os.Stat(o.dir); err != nil || !info.IsDir() {
		return fmt.Errorf("-record-dir %s: want a directory", o.dir)
	}
	for _, text := range o.events {
		i := slices.IndexFunc(streamif.Reasons[:], func(r streamif.Reason) bool { return r.String() == text })
		if i < 0 {
			return fmt.Errorf("-record-on %q: want some of %s", text, reasonNames())
		}
		o.reasons = append(o.reasons, streamif.Reasons[i])
	}
	return nil
}

func reasonNames() string {
	names := make([]string, len(streamif.Reasons))
	for i, r := range streamif.Reasons {
		names[i] = r.String()
	}
	return strings.Join(names, ",")
}
