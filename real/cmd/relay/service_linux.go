package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"millrace/real"
)

// lastWords is how long an exit waits for workers that were told to end at once
// and for the log: a log that nobody reads must not keep the process alive.
const lastWords = 2 * time.Second

// sameOrder is how long after a signal that drains, or kills, others mean the same: a service
// manager signals all processes of a service, and a shell or an init between passes
// it on once more.
const sameOrder = time.Second

// service is a relay that has started.
type service struct {
	opt     *options
	servers serverList // in force
	workers []*real.Worker
	log     *real.Log
	say     *slog.Logger
	secrets *secrets
	signals chan os.Signal
	hangups chan os.Signal
	results chan error // one per worker
	broken  chan error // of other goroutines
	hung    chan hang
	records *records
	ordered time.Time     // when a signal last had it end; zero until then
	lull    time.Duration // see thrift
}

// start brings everything up that may fail, then prints the start-up line.
func start(o *options, hangups chan os.Signal, stdout io.Writer) (*service, error) {
	s := &service{
		opt: o, servers: o.servers, hangups: hangups, lull: lull,
		signals: make(chan os.Signal, 16),
		broken:  make(chan error, maxReaders+8), // more than there are goroutines that may send
		hung:    make(chan hang, o.workers),
		results: make(chan error, o.workers),
	}
	descriptors, err := raiseDescriptors()
	if err != nil {
		return nil, err
	}
	fits, err := o.fit(descriptors)
	if err != nil {
		return nil, err
	}
	if s.secrets, err = newSecrets(o); err != nil {
		return nil, err
	}
	tune(o.workers)
	listeners, addrs, err := listen(o.listen.list, o.workers)
	if err != nil {
		return nil, err
	}
	stats, err := listenStats(o.stats)
	if err != nil {
		return nil, err
	}
	if s.records, err = newRecords(&o.recording); err != nil {
		return nil, err
	}
	s.log = real.NewLog(stdout, o.workers)
	s.say = s.log.Logger()
	for i, lns := range listeners {
		w, err := real.NewWorker(i, s.worker(o, i, fits), lns...)
		if errors.Is(err, real.ErrCannotRecord) {
			err = fmt.Errorf("-record: %w", err)
		}
		if err != nil {
			return nil, err
		}
		s.workers = append(s.workers, w)
	}
	s.catch()
	if fits.sessions < o.maxConn {
		s.say.Warn("maxconn lowered to fit the descriptor limit", "from", o.maxConn, "to", fits.sessions, "descriptors", descriptors)
	}
	s.secrets.first.warn(s.say)
	if o.tls.insecure {
		s.say.Warn("servers are not verified: -tls-to-insecure")
	}
	s.announce(o, strings.Join(addrs, ","), fits, stats)
	if stats != nil {
		go s.guard(func() {
			s.say.Warn("there are no statistics any more", "why", stats.serve(s, s.guard))
		})
	}
	return s, nil
}

// listen binds all addresses for all workers, and returns the listeners of each
// worker, and the addresses in force.
func listen(texts []string, workers int) (all [][]*real.Listener, addrs []string, err error) {
	all = make([][]*real.Listener, workers)
	for _, text := range texts {
		list, err := listenOn(text, workers)
		if err != nil {
			if cause := errors.Unwrap(err); cause != nil {
				err = cause // the address is said already
			}
			return nil, nil, fmt.Errorf("-listen %q: %w", text, err)
		}
		for i := range all {
			all[i] = append(all[i], list[i])
		}
		addrs = append(addrs, list[0].Addr().String())
	}
	return all, addrs, nil
}

// listenOn binds one address for all workers.
func listenOn(text string, workers int) ([]*real.Listener, error) {
	a, err := resolveTCP(text)
	if err != nil {
		return nil, err
	}
	if a.Addr().IsValid() {
		return real.Listen(a, workers)
	}
	all, err := real.Listen(netip.AddrPortFrom(netip.IPv6Unspecified(), a.Port()), workers)
	if errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EADDRNOTAVAIL) {
		return real.Listen(netip.AddrPortFrom(netip.IPv4Unspecified(), a.Port()), workers)
	}
	return all, err
}

// worker is the configuration of worker number i.
func (s *service) worker(o *options, i int, fits room) real.Config {
	c := real.Config{
		Proxy: o.proxy, Servers: o.servers.addrs, Edge: o.edge, Applet: o.to.String(), Log: s.log, Sessions: o.log,
		Vigil: o.vigil,
	}
	c.Proxy.Applet = o.applet
	c.Proxy.AcceptProxy, c.Proxy.SendProxy, c.Proxy.SendTLS = o.headers.trusted, o.headers.version, o.headers.tls
	if s.secrets.server != nil {
		c.Proxy.ClientTLS = s.secrets.server
	}
	c.Proxy.ServerTLS = ciphers(s.secrets.client)
	c.Proxy.MaxConn = share(fits.sessions, o.workers, i)
	c.Proxy.MaxPerClient = share(o.perClient, o.workers, 0) // the largest, for each of them
	if c.Proxy.MaxHandshakes = share(o.handshakes, o.workers, i); o.handshakes < 0 {
		c.Proxy.MaxHandshakes = (c.Proxy.MaxConn + 1) / 2
	}
	c.Proxy.HashSeed = rand.Uint64()
	c.Descriptors = share(fits.descriptors, o.workers, i)
	c.Proxy.MaxPipes = share(fits.pipes, o.workers, i)
	c.Proxy.Buffers = share(o.buffers, o.workers, i)
	c.Record, c.Build, c.MustPlay = o.recording.bytes(), "relay/"+build()+"/"+runtime.Version(), o.recording.file != ""
	c.Addresses = o.recording.addresses
	if len(o.recording.reasons) > 0 {
		c.Alarm = &real.Alarm{On: o.recording.reasons, Sound: s.records.ended}
	}
	return c
}

// catchHangups takes over SIGHUP, before anything else is done: it is an order to
// read files again, and must not end a relay that is still reading them for the
// first time. The channel is not that of other signals, so that however many come
// none takes SIGTERM's place.
func catchHangups() chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	return c
}

// catch takes over the signals that end the relay, and those with which others
// reopen logs and the like: to end it is not what whoever sends them wants.
func (s *service) catch() {
	signal.Notify(s.signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2)
	// A reader of the log that goes away must not take the relay with it.
	signal.Ignore(syscall.SIGPIPE)
}

// announce prints the start-up line.
func (s *service) announce(o *options, addr string, fits room, stats *statistics) {
	args := []any{"addr", addr, "to", o.destination(), "workers", o.workers, "poller", o.poller, "maxconn", fits.sessions}
	if fits.pipes > 0 {
		args = append(args, "splice", o.splice, "maxpipes", fits.pipes)
	}
	if len(o.headers.accept) > 0 {
		args = append(args, "proxy", "v1/v2", "from", o.headers.accept.String())
	}
	if s.secrets.server != nil {
		args = append(args, "tls", "on")
	}
	if o.tls.clientCA != "" {
		args = append(args, "clients", "verified")
	}
	if o.headers.send != "" {
		args = append(args, "send-proxy", o.headers.send)
	}
	if s.secrets.client != nil {
		verified := "verified"
		if o.tls.insecure {
			verified = "insecure"
		}
		args = append(args, "tls-to", verified)
	}
	if stats != nil {
		args = append(args, "stats", stats.Addr())
	}
	s.say.Info("listening", args...)
}

// destination is where sessions go, as the start-up line says it.
func (o *options) destination() string {
	switch {
	case o.applet != nil:
		return o.to.String()
	case o.toFile != "":
		return o.toFile
	}
	names := make([]string, len(o.servers.addrs))
	for i, a := range o.servers.addrs {
		names[i] = a.String()
	}
	return strings.Join(names, ",")
}
