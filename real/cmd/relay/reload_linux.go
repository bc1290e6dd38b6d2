package main

import (
	"time"

	"millrace/datalayer"
	"millrace/real"
)

// reloads serves SIGHUP, beside everything else: a file system or a name service
// that does not answer must not keep SIGTERM waiting. Nor must it keep the next SIGHUP
// waiting without a word: whoever sent that believes that his new list is in force.
func (s *service) reloads() {
	var began time.Time // zero while none is under way
	again, done := false, make(chan struct{})
	for {
		select {
		case <-s.hangups:
			again = true
			if d := time.Since(began); !began.IsZero() && d >= sameOrder {
				s.say.Warn("a reload has not come back, the next one follows when it has", "since", d.Round(time.Millisecond).String())
			}
		case <-done:
			began = time.Time{}
		}
		if again && began.IsZero() {
			again, began = false, time.Now()
			go s.guard(func() {
				s.reload()
				done <- struct{}{}
			})
		}
	}
}

// reload looks at the files of certificates and at the servers again, for
// connections to come, and says what came of it.
func (s *service) reload() {
	if !s.secrets.any() && len(s.servers.addrs) == 0 {
		s.say.Info("nothing to reload: there are no certificates and no servers")
		return
	}
	args, err := s.tryReload()
	if err != nil {
		s.say.Warn("not reloaded, what was loaded before stays in force", "why", err)
		return
	}
	s.say.Info("reloaded", args...)
}

// tryReload returns what is said of a success. If anything is bad everything stays
// as it is, because half of a change is nobody's wish.
func (s *service) tryReload() (said []any, err error) {
	now, err := s.opt.resolve()
	if err != nil {
		return nil, err
	}
	c, err := s.opt.tls.load(now.hosts)
	if err != nil {
		return nil, err
	}
	if len(now.addrs) > 0 {
		if err := s.turnTo(&now, ciphers(c.client())); err != nil {
			return nil, err
		}
		added, gone := s.servers.changes(&now)
		said = append(said, "servers", len(now.addrs), "new", added, "gone", gone)
	}
	s.servers = now
	c.warn(s.say)
	if s.secrets.server != nil {
		s.secrets.server.Set(c.server)
	}
	if s.secrets.any() {
		said = append(said, "certificates", len(s.opt.tls.certs))
	}
	if !c.until.IsZero() {
		said = append(said, "until", c.until.UTC())
	}
	return said, nil
}

// turnTo makes the workers use other servers, and waits until they do: what is
// said afterwards shall be true.
func (s *service) turnTo(now *serverList, tls datalayer.Ciphers) error {
	list, err := real.NewServers(now.addrs, tls)
	if err != nil {
		return err
	}
	var all []<-chan struct{}
	for _, w := range s.workers {
		taken, err := w.SetServers(list)
		if err != nil {
			return err
		}
		all = append(all, taken)
	}
	timeout := time.After(lastWords)
	for i, taken := range all {
		select {
		case <-taken:
		case <-timeout:
			s.say.Warn("a worker is late to reload", "worker", i)
		}
	}
	return nil
}
