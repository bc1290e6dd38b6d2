package simnet

import (
	"cmp"
	"net"
	"time"

	"millrace/core"
)

// usual is what package net asks of the kernel for every connection, unless it is told not to:
// a question after a quarter of a minute of silence, and then again, nine times.
var usual = core.Vigil{Idle: 15 * core.Second, Interval: 15 * core.Second, Count: 9}

// keep has the kernel keep another vigil than it does.
func (c *Conn) keep(other func(v core.Vigil) core.Vigil) error {
	return c.set(func() {
		v := other(c.vigil)
		c.vigil = v
		c.n.later(&call{id: c.id, verb: verbKeep, on: c.on, try: func() bool {
			if fd, can := c.fd.(core.Vigilant); can && !c.closed && !c.n.broken {
				fd.Watch(v)
			}
			return true
		}})
	})
}

// begun is a vigil that is kept: the usual one, if none was.
func begun(v core.Vigil) core.Vigil {
	if v == (core.Vigil{}) {
		return usual
	}
	return v
}

// SetKeepAlive says whether the kernel finds out that nobody is at the other end.
func (c *Conn) SetKeepAlive(on bool) error {
	return c.keep(func(v core.Vigil) core.Vigil {
		if !on {
			return core.Vigil{}
		}
		return begun(v)
	})
}

// SetKeepAlivePeriod says after how long a silence it asks, if it does.
func (c *Conn) SetKeepAlivePeriod(d time.Duration) error {
	return c.keep(func(v core.Vigil) core.Vigil {
		if v.Idle != 0 {
			v.Idle = max(core.Second, core.Time(d))
		}
		return v
	})
}

// SetKeepAliveConfig says all there is to say of it. What is 0 is as package net has it, and
// what is negative as it was.
func (c *Conn) SetKeepAliveConfig(k net.KeepAliveConfig) error {
	return c.keep(func(v core.Vigil) core.Vigil {
		if !k.Enable {
			return core.Vigil{}
		}
		v = begun(v)
		if k.Idle >= 0 {
			v.Idle = cmp.Or(core.Time(k.Idle), usual.Idle)
		}
		if k.Interval >= 0 {
			v.Interval = cmp.Or(core.Time(k.Interval), usual.Interval)
		}
		if k.Count >= 0 {
			v.Count = cmp.Or(k.Count, usual.Count)
		}
		return v
	})
}
