package real

import (
	"slices"

	"millrace/core"
	"millrace/streamif"
)

// told is what the log said of a server, by number, and what it has still to say.
type told struct {
	down  bool
	why   core.Errno
	said  bool      // the log's last word on it is "down"
	again core.Time // not before this may it say so again
	tls   core.Time // nor before this that TLS refused an attempt
}

// Trying has nothing to add to what the proxy knows of its servers.
func (o *observer) Trying(*streamif.Session) {}

// Tried says why TLS refused an attempt, once in a while for each server: that takes no server
// down, and the session's own line is silent if another attempt succeeds. The error alone does not
// say so: of an attempt that got no socket it is the one before's.
func (o *observer) Tried(s *streamif.Session, why streamif.Reason) {
	if why != streamif.ServerTLS || s.Back().Conn().Err() != core.ETLS {
		return
	}
	v, now := &o.lives[s.Server()], o.loop.Now()
	if now < v.tls {
		return
	}
	v.tls = now + sayAgain
	if b := o.journal.begin("WARN", `"server refused by TLS"`); b != nil {
		b = append(append(appendUint(b, " worker=", uint64(o.worker)), " server="...), o.socks.targets[s.Server()].name...)
		o.journal.end(appendQuoted(b, " detail=", s.Back().Detail(), maxLine-len("\n")))
	}
}

// Server notes that a server is down, or up again.
func (o *observer) Server(number int, up bool, why core.Errno) {
	o.lives[number].down, o.lives[number].why = !up, why
	o.sayServers()
}

// sayServers brings the log up to date, in the way of sayAccepting: a server that
// refuses every second attempt would have two lines for each. It returns when to try
// again; 0 = nothing is left unsaid.
func (o *observer) sayServers() core.Time {
	now, next := o.loop.Now(), core.Time(0)
	for n := range o.lives {
		v := &o.lives[n]
		switch {
		case v.down == v.said:
			continue
		case v.down && now < v.again:
			next = core.First(next, v.again)
			continue
		case v.down:
			v.again = now + sayAgain
		}
		v.said = v.down
		o.serverLine(n, v)
	}
	return next
}

func (o *observer) serverLine(number int, v *told) {
	level, msg := "WARN", `"server down"`
	if !v.down {
		level, msg = "INFO", `"server up"`
	}
	b := o.journal.begin(level, msg)
	if b == nil {
		return
	}
	b = appendUint(b, " worker=", uint64(o.worker))
	b = append(append(b, " server="...), o.socks.targets[number].name...)
	if v.down {
		b = append(append(b, " why="...), v.why.String()...)
	}
	o.journal.end(b)
}

// replaced follows a change of the list: of a server that is new nothing was said,
// whatever was of the one that had its number.
func (o *observer) replaced(p *streamif.Proxy) {
	o.lives = slices.Grow(o.lives, len(o.socks.targets)-len(o.lives))[:len(o.socks.targets)]
	for n := range o.lives {
		v := &o.lives[n]
		if v.tls = 0; v.down && p.Server(n).Up() {
			*v = told{}
		}
	}
}
