package main

import (
	"strings"
)

const helpHead = `relay accepts TCP connections and relays each to a server.

  relay [-listen ADDR,...] [-to ADDR,... | -to-file FILE] [options]

Without any option it echoes on 127.0.0.1:7000. In another terminal:

  nc 127.0.0.1 7000                                   # type a line, get it back

A web server on two machines, with statistics:

  relay -listen :8080 -to 10.0.0.1:80,10.0.0.2:80 -stats 127.0.0.1:9100
  curl -s http://127.0.0.1:9100/metrics

The same with TLS, towards clients and towards servers:

  relay -listen :8443 -tls-cert site.pem -tls-key site.key -to a.internal:443 -tls-to -tls-to-ca ca.pem

Behind a load balancer in 10.0.0.0/8 that says who its clients are, which is passed on:

  relay -listen :8080 -accept-proxy 10.0.0.0/8 -to 10.0.0.1:80 -send-proxy v2

Options:
`

const helpTail = `
Times are written 500ms, 30s, 5m; 0 means never.

Signals:
  SIGTERM, SIGINT   take who waits already, stop listening, and exit when the last
                    session has ended. Another within a second is the same order
  again, or after -drain-timeout
                    reset what is left
  SIGHUP            for connections to come, read -to-file and the files of certificates,
                    keys and authorities again, and look up the names of servers again;
                    sessions go on with the server they have. The log says what changed;
                    if anything is bad nothing changes, and the log says why; a pipe with
                    no writer is bad, and one with a writer is read for a minute at most
  SIGUSR2           write the last calls of every worker to a file in -record-dir; curl of
                    -stats at /debug/recording gets the same
  SIGQUIT           reset everything, and print what every goroutine does

Recordings hold who did what, when and with how many bytes, but no key, no byte of anything,
and no address unless -record-addresses is given: then whoever reaches the address of -stats
can read them there. Files are mode 0600. "trace replay FILE" has the relay do the same again,
"trace session 7 FILE" shows what became of the session that the log calls 7. A recording
begins anew when the list of servers becomes another one.

Exit status:
  0   all sessions came to their end
  1   some were reset, by a signal or after -drain-timeout
  2   could not start
  3   broke while running: a bug of relay's own, a worker that hangs (-watchdog), a
      -record that could not be written. The log and the recording are written first,
      but not if the Go runtime itself gives up, which aborts

The log goes to standard output, one line per event:

  time=… level=INFO msg=session worker=0 id=7 client=10.0.0.9:41312 server=10.0.0.1:80
      in=120 out=5318 ms=3.141 tries=1 end=--

in and out are bytes from and to the client, spliced those of both that stayed in the
kernel, if any did. end is who ended it and when: -- is
normal; C client, S server, c and s their timeouts, R resources, K killed; then P
before the PROXY header, T in the TLS handshake, C while connecting, D while relaying.
client is what a PROXY header said, and via is then where the connection came from.
err and detail follow if that side's connection failed, or could not be made:
EADDRNOTAVAIL is that no port of this machine is free, ETRUNCATED is an end in
the middle, or without TLS's goodbye; ETLS is a handshake or a record that one side
refused, EHEADER a bad PROXY header.
`

// help returns the manual.
func help() string {
	var b strings.Builder
	b.WriteString(helpHead)
	fs := define(new(options))
	fs.SetOutput(&b)
	fs.PrintDefaults()
	b.WriteString(helpTail)
	return b.String()
}
