package streamif

import "millrace/core"

// Timeouts returns the spans behind Deadlines; 0 = never.
func (ch *Channel) Timeouts() (rto, wto core.Time) { return ch.rto(), ch.wto() }

// rto is how long the producer may say nothing, 0 = for ever.
func (ch *Channel) rto() core.Time {
	if si := ch.prod(); si.out().flags.Any(ShutW) && si.fin() != 0 {
		return si.fin()
	}
	return ch.prod().span()
}

// wto is how long the consumer may take nothing, 0 = for ever.
func (ch *Channel) wto() core.Time { return ch.cons().span() }

// span is how long an endpoint may do nothing that it is waited for. A server has none
// before it is connected, and an applet never.
func (si *StreamInterface) span() core.Time {
	cfg := &si.s.proxy.cfg
	switch {
	case si == &si.s.front:
		return cfg.ClientTimeout
	case si.state == EST && cfg.Applet == nil:
		return cfg.ServerTimeout
	}
	return 0
}

// fin is how long it may say nothing once our FIN is out, 0 = as before.
func (si *StreamInterface) fin() core.Time {
	cfg := &si.s.proxy.cfg
	switch {
	case si == &si.s.front:
		return cfg.ClientFin
	case cfg.Applet == nil:
		return cfg.ServerFin
	}
	return 0
}
