package simulated

import (
	"millrace/core"
	"millrace/core/kerneltest"
	"millrace/simpoller"
)

// sleeper is a poller that somebody may sleep in, who looks at what there is as soon as the
// network is quiet.
type sleeper struct {
	simpoller.Poller
	sleeps bool // or has not said what woke him
	woken  bool
	said   [kerneltest.MaxLines]core.Ready
	n      int
}

var _ kerneltest.Sleeper = (*sleeper)(nil)

// Sleep implements kerneltest.Sleeper.
func (s *sleeper) Sleep() {
	if !s.sleeps {
		s.sleeps, s.Asleep = true, true
	}
}

// look ends the sleep if there is anything to report.
func (s *sleeper) look() {
	if s.sleeps && !s.woken && s.Pending() {
		s.n, _, _ = s.Wait(s.said[:], 0)
		s.woken, s.Asleep = true, false
	}
}

// Add implements core.Registrar.
func (s *sleeper) Add(key core.Key, want core.Events) core.Errno {
	defer s.look()
	return s.Poller.Add(key, want)
}

// Mod implements core.Registrar.
func (s *sleeper) Mod(key core.Key, want core.Events) core.Errno {
	defer s.look()
	return s.Poller.Mod(key, want)
}

// Set implements core.Poller.
func (s *sleeper) Set(key core.Key, old, want core.Events) core.Errno {
	defer s.look()
	return s.Poller.Set(key, old, want)
}

// Woken implements kerneltest.Sleeper.
func (s *sleeper) Woken() ([]core.Ready, bool) {
	s.look()
	if !s.woken {
		return nil, false
	}
	s.sleeps, s.woken = false, false
	return s.said[:s.n], true
}
