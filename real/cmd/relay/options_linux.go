package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"time"

	"millrace/core"
	"millrace/real"
	"millrace/streamif"
)

// options is what the command line says, checked.
type options struct {
	listen  addresses
	to      addresses
	toFile  string
	servers serverList // what to or toFile says, resolved; empty for an applet
	applet  streamif.Maker
	version bool
	workers int
	edge    bool
	poller  string
	maxConn int // of all workers together
	// perClient and handshakes are too; handshakes is -1 if nobody has said.
	perClient, handshakes int
	buffers               int // of all workers together; 0 = two per session
	log                   bool
	stats                 string
	recording             recordOptions
	splice                string
	maxPipes              int       // of all workers together; negative = one for every four sessions
	watchdog              core.Time // how long a round may take; 0 = for ever
	onHang                string    // what happens then: end or report
	vigil                 core.Vigil
	drain                 core.Time // how long a drain may take; 0 = for ever
	headers               headerOptions
	tls                   tlsOptions
	proxy                 streamif.Config // for one worker, but for the limits above
}

// applets are the built-in services, by the name that -to gives them.
var applets = map[string]streamif.Maker{
	"echo": streamif.Echo{}, "discard": streamif.Discard{}, "chargen": streamif.Chargen{},
}

const (
	maxWorkers = 256
	maxBufSize = 16 << 20
)

// define makes the flags. Defaults are those of the proxy where it has any.
func define(o *options) *flag.FlagSet {
	o.proxy = streamif.Defaults()
	// A buffer is only held while bytes wait in it, so a large one is cheap,
	// and 64 KiB relays bulk nearly twice as fast as 16: a quarter of the calls.
	o.proxy.BufSize = 64 << 10
	o.proxy.BulkSize = 512 << 10
	p := &o.proxy
	o.watchdog = 10 * core.Second
	o.drain = 30 * core.Second // less than the 90 after which systemd kills
	o.vigil = core.Vigil{Idle: 120 * core.Second, Interval: 10 * core.Second, Count: 6}
	fs := flag.NewFlagSet("relay", flag.ContinueOnError)
	fs.SetOutput(io.Discard) // errors are ours to print, once
	o.listen.list = list{"127.0.0.1:7000"}
	fs.Var(&o.listen, "listen",
		"accept on this `address`, [host]:port; no host is every address, port 0 a free port; several by -listen again or a,b,...")
	fs.BoolVar(&o.version, "version", false, "print the version and exit")
	o.to.list = list{"echo"}
	fs.Var(&o.to, "to",
		"connect to these `servers` in turn, host:port,..., or several by -to again; or serve echo, discard or chargen")
	fs.StringVar(&o.toFile, "to-file", "",
		"connect to the servers in this `file` instead, host:port, one a line; blank lines and what follows a # do not count")
	fs.IntVar(&o.workers, "workers", 1,
		"`number` of event loops, a thread each; add one when one is busy all the time, not before")
	fs.StringVar(&o.poller, "poller", "edge", "epoll `mode`, edge or level; edge needs fewer system calls")
	fs.IntVar(&o.maxConn, "maxconn", p.MaxConn,
		"`number` of sessions at once, shared out evenly to the workers; further clients wait")
	fs.IntVar(&o.perClient, "maxconn-per-client", 0,
		"`number` of sessions at once of one client: an address, an IPv6 /64, or who a believed PROXY header names; further ones are reset; shared out evenly to the workers, rounded up; 0 is no limit but maxconn")
	fs.IntVar(&o.handshakes, "maxhandshakes", -1,
		"`number` of clients' handshakes under way at once, PROXY headers included, shared out evenly to the workers; further clients wait; by default half of maxconn")
	duration(fs, &p.ClientTimeout, "client-timeout", "how long a client may be silent, once his server is there, also while he waits for an answer, or take nothing: a `time`")
	duration(fs, &p.ServerTimeout, "server-timeout", "how long a server may be silent, or take nothing: a `time`")
	duration(fs, &p.ConnectTimeout, "connect-timeout", "how long one attempt to connect may take, TLS included: a `time`")
	duration(fs, &p.HandshakeTimeout, "handshake-timeout",
		"how long a client's PROXY header and TLS handshake may take together: a `time`")
	duration(fs, &p.ClientFin, "client-fin",
		"`time` a client may be silent once the server has ended its stream; 0 is client-timeout")
	duration(fs, &p.ServerFin, "server-fin",
		"`time` a server may be silent once the client has ended its stream; 0 is server-timeout")
	duration(fs, &o.vigil.Idle, "keepalive",
		"after this `time` of silence the kernel asks whether a client or server is still there, and ends what gets no answer for a minute; only where timeouts are longer, and then a server's connection costs four system calls more; 0 is not to ask")
	duration(fs, &o.vigil.Unanswered, "user-timeout",
		"`time` that what was sent may not be acknowledged before the kernel ends the connection, also by who is there and takes nothing; who was silent for so long and does not answer a question then has 10 s in place of a minute, or this time if it is less; a server's connection costs a system call more; 0 is the system's, about 15 minutes")
	duration(fs, &o.drain, "drain-timeout",
		"how long sessions may go on after SIGTERM, before they are reset: a `time`; 0 is for ever")
	fs.IntVar(&p.Retries, "retries", p.Retries,
		"`number` of further attempts to connect, a second apart if refused; the last goes to the next server")
	fs.IntVar(&p.BufSize, "bufsize", p.BufSize,
		"`bytes` per buffer; a session holds up to two, and only while bytes wait")
	fs.IntVar(&p.BulkBuffers, "bulkbuffers", 16,
		"`number` of buffers of 512 KiB per worker, for streams that are bulk and pass through no pipe; with TLS as much again may wait sealed, either way; they need a bufsize below that; 0 is none")
	fs.IntVar(&o.buffers, "buffers", 0, "`number` of buffers at most, at least 2 per worker; 0 is two per session")
	fs.StringVar(&o.splice, "splice", "auto",
		"which bytes stay in the kernel, through pipes, where neither side has TLS: a `mode`, auto (streams that look like bulk), on, request, response or off")
	fs.IntVar(&o.maxPipes, "maxpipes", -1,
		"`number` of pipes at most, shared out evenly to the workers; by default one for every four sessions; they get only the descriptors that sessions leave, and without one bytes are copied")
	fs.IntVar(&p.Lowat, "rcvlowat", 1<<20,
		"`bytes` that a stream which is bulk and passes through a pipe waits for at most, up to 5 ms, so that fewer and larger turns move it; less at a lower rate; 0 is to be woken for any")
	fs.BoolVar(&p.NoHalf, "no-half-close", p.NoHalf, "treat a peer that ends its stream as gone, both ways")
	fs.BoolVar(&o.log, "log", true, "print a line for each session when it has ended; -log=false does not")
	fs.StringVar(&o.stats, "stats", "", "serve counters as Prometheus text on this `address`, at /metrics")
	duration(fs, &o.watchdog, "watchdog",
		"a worker that makes no round for this `time` hangs: write where it is to standard error, and end; 0 is not to look")
	fs.StringVar(&o.onHang, "on-hang", "end", "`what` to do about a worker that hangs, end with status 3, or report it only")
	o.recording.define(fs)
	o.headers.define(fs)
	o.tls.define(fs)
	return fs
}

// addresses is a list that replaces its default when something is added.
type addresses struct {
	list
	given bool
}

// Set adds to the list.
func (a *addresses) Set(text string) error {
	if !a.given {
		a.list, a.given = nil, true
	}
	return a.list.Set(text)
}

const year = 365 * 24 * time.Hour

// span makes a flag.Value of a time.
type span core.Time

func (s *span) String() string { return time.Duration(*s).String() }

// Set takes what time.ParseDuration takes, not below 0.
func (s *span) Set(text string) error {
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return errors.New("want a time such as 500ms, 30s or 5m, a year at most")
	case d < 0:
		return errors.New("a time cannot be negative")
	case d > year:
		return errors.New("a time cannot be longer than a year")
	}
	*s = span(d)
	return nil
}

func duration(fs *flag.FlagSet, to *core.Time, name, usage string) {
	fs.Var((*span)(to), name, usage)
}

// errVersion says that the version was asked for.
var errVersion = errors.New("version")

// parse reads the command line and resolves the servers' names, last, because that
// may take a while. The error is flag.ErrHelp or errVersion if that was asked for.
func parse(args []string) (*options, error) {
	o := new(options)
	fs := define(o)
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q; try relay -h", fs.Arg(0))
	}
	if o.version {
		return nil, errVersion
	}
	if err := filled(fs); err != nil {
		return nil, err
	}
	given := given(fs)
	if err := o.checkTo(given); err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := o.recording.check(fs); err != nil {
		return nil, err
	}
	if err := o.checkHandshakes(given); err != nil {
		return nil, err
	}
	var err error
	o.servers, err = o.resolve()
	return o, err
}

// filled refuses what is given and empty, which is more likely a variable that is not set than
// a wish for less.
func filled(fs *flag.FlagSet) (err error) {
	fs.Visit(func(f *flag.Flag) {
		if f.Value.String() == "" {
			err = fmt.Errorf("-%s: empty", f.Name)
		}
	})
	return err
}

// checkTo finds out whether there are servers, and where their list is.
func (o *options) checkTo(given map[string]bool) error {
	switch {
	case !given["to-file"]:
		o.applet = applets[o.to.String()]
	case given["to"]:
		return errors.New("-to-file: means nothing with -to")
	}
	return nil
}

// splices says what each mode means for requests and for responses.
var splices = map[string][2]streamif.SpliceMode{
	"off":      {},
	"auto":     {streamif.SpliceAuto, streamif.SpliceAuto},
	"on":       {streamif.SpliceOn, streamif.SpliceOn},
	"request":  {streamif.SpliceOn, streamif.SpliceOff},
	"response": {streamif.SpliceOff, streamif.SpliceOn},
}

// splicing says whether any pipes are wanted.
func (o *options) splicing() bool { return o.splice != "off" }

// check looks at everything that needs no name service.
func (o *options) check() error {
	o.edge = o.poller == "edge"
	modes, known := splices[o.splice]
	o.proxy.SpliceReq, o.proxy.SpliceRep = modes[0], modes[1]
	p := o.proxy
	p.Applet = streamif.Echo{} // whether there are servers is not yet known
	switch {
	case o.vigil.Idle > real.MostIdle:
		return fmt.Errorf("-keepalive %v: want at most %v, or 0", time.Duration(o.vigil.Idle), time.Duration(real.MostIdle))
	case o.vigil.Unanswered > real.MostUnanswered:
		return fmt.Errorf("-user-timeout %v: want at most %v, or 0", time.Duration(o.vigil.Unanswered), time.Duration(real.MostUnanswered))
	case !o.edge && o.poller != "level":
		return fmt.Errorf("-poller %q: want edge or level", o.poller)
	case o.onHang != "end" && o.onHang != "report":
		return fmt.Errorf("-on-hang %q: want end or report", o.onHang)
	case o.watchdog != 0 && o.watchdog < core.Millisecond*looks:
		return fmt.Errorf("-watchdog %s: want at least %dms, or 0", time.Duration(o.watchdog), looks)
	case !known:
		return fmt.Errorf("-splice %q: want auto, on, request, response or off", o.splice)
	case o.maxPipes < -1 || o.maxPipes > 1<<20:
		return fmt.Errorf("-maxpipes %d: want 0 to %d", o.maxPipes, 1<<20)
	case o.workers < 1 || o.workers > maxWorkers:
		return fmt.Errorf("-workers %d: want 1 to %d", o.workers, maxWorkers)
	case o.maxConn < o.workers:
		return fmt.Errorf("-maxconn %d: want at least 1 per worker", o.maxConn)
	case o.perClient < 0:
		return fmt.Errorf("-maxconn-per-client %d: want 0 or more", o.perClient)
	case o.handshakes < -1 || o.handshakes >= 0 && o.handshakes < o.workers:
		return fmt.Errorf("-maxhandshakes %d: want at least 1 per worker", o.handshakes)
	case o.buffers != 0 && o.buffers < 2*o.workers:
		return fmt.Errorf("-buffers %d: want at least 2 per worker, or 0", o.buffers)
	case p.BufSize < 1 || p.BufSize > maxBufSize:
		return fmt.Errorf("-bufsize %d: want 1 to %d", p.BufSize, maxBufSize)
	case p.BulkBuffers < 0:
		return fmt.Errorf("-bulkbuffers %d: want 0 or more", p.BulkBuffers)
	case p.Lowat < 0 || p.Lowat > 1<<30:
		return fmt.Errorf("-rcvlowat %d: want 0 to %d bytes", p.Lowat, 1<<30)
	case p.Retries < 0 || p.Retries > 1000:
		return fmt.Errorf("-retries %d: want 0 to 1000", p.Retries)
	}
	if o.vigil.Unanswered != 0 {
		// Linux looks at it when the next question is due, and not between.
		o.vigil.Interval = min(o.vigil.Interval, o.vigil.Unanswered)
	}
	if what := p.Invalid(); what != "" {
		return errors.New(what) // of what no flag can say
	}
	return nil
}

// share is what worker number i gets of a total: the parts add up to it.
func share(total, workers, i int) int {
	n := total / workers
	if i < total%workers {
		n++
	}
	return min(n, math.MaxInt32)
}
