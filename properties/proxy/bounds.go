package proxy

import (
	"math"

	"millrace/core"
	"millrace/streamif"
)

// bound is what may be asked for of one thing.
type bound struct {
	name        string
	set         func(c *streamif.Config, v int64)
	least, most int64 // math.MaxInt64 is no bound
}

const (
	unbounded = math.MaxInt64
	year      = 366 * 24 * 3600 * int64(core.Second)
)

// bounds are those that the proxy's options have, whatever the others are.
var bounds = [...]bound{
	{"servers", func(c *streamif.Config, v int64) { c.Applet, c.Servers = nil, int(v) }, 1, unbounded},
	{"buffer size", func(c *streamif.Config, v int64) { c.Reserve, c.BufSize = 0, int(v) }, 1, unbounded},
	{"buffers", func(c *streamif.Config, v int64) { c.Buffers = int(v) }, 2, unbounded},
	{"reserve", func(c *streamif.Config, v int64) { c.BufSize, c.Reserve = 100, int(v) }, 0, 99},
	{"large buffers", func(c *streamif.Config, v int64) { c.BulkBuffers = int(v) }, 0, unbounded},
	{"size of large buffers", func(c *streamif.Config, v int64) { c.BulkSize = int(v) }, 0, unbounded},
	{"window", func(c *streamif.Config, v int64) { c.Window = v }, 0, 1 << 40},
	{"pipes", func(c *streamif.Config, v int64) { c.MaxPipes = int(v) }, 0, 1 << 24},
	{"bytes in a pipe", func(c *streamif.Config, v int64) { c.PipeEnough = int(v) }, 0, unbounded},
	{"bytes to wait for", func(c *streamif.Config, v int64) { c.Lowat = int(v) }, 0, 1 << 30},
	{"version of the PROXY protocol", func(c *streamif.Config, v int64) { c.SendTLS, c.SendProxy = false, uint8(v) }, 0, 2},
	{"version of the PROXY protocol that tells of TLS", func(c *streamif.Config, v int64) { c.SendTLS, c.SendProxy = true, uint8(v) }, 2, 2},
	{"sessions of a client", func(c *streamif.Config, v int64) { c.MaxPerClient = int(v) }, 0, unbounded},
	{"handshakes", func(c *streamif.Config, v int64) { c.MaxHandshakes = int(v) }, 0, unbounded},
	{"sessions", func(c *streamif.Config, v int64) { c.MaxConn = int(v) }, 1, unbounded},
	{"accepts", func(c *streamif.Config, v int64) { c.MaxAccept = int(v) }, 1, unbounded},
	{"reads", func(c *streamif.Config, v int64) { c.MaxReads = int(v) }, 1, unbounded},
	{"retries", func(c *streamif.Config, v int64) { c.Retries = int(v) }, 0, 1000},
	{"client's timeout", func(c *streamif.Config, v int64) { c.ClientTimeout = core.Time(v) }, 0, year},
	{"server's timeout", func(c *streamif.Config, v int64) { c.ServerTimeout = core.Time(v) }, 0, year},
	{"timeout of attempts", func(c *streamif.Config, v int64) { c.ConnectTimeout = core.Time(v) }, 0, year},
	{"timeout of handshakes", func(c *streamif.Config, v int64) { c.HandshakeTimeout = core.Time(v) }, 0, year},
	{"client's timeout behind our end", func(c *streamif.Config, v int64) { c.ClientFin = core.Time(v) }, 0, year},
	{"server's timeout behind our end", func(c *streamif.Config, v int64) { c.ServerFin = core.Time(v) }, 0, year},
}

// asked checks that of one thing, another one in each world, as much may be asked for as there
// is to be had, and neither more nor less.
func (w *run) asked(cfg streamif.Config) {
	common := streamif.Defaults()
	common.Servers = 1
	if what := common.Invalid(); what != "" {
		w.Breach("I99", "config", "nothing was asked for, and it says %q", what)
	}
	sum := uint64(len(w.Trace().Sessions))
	for _, v := range w.set {
		sum += uint64(v) % 1009
	}
	b := &bounds[sum%uint64(len(bounds))]
	for _, try := range [...]struct {
		v    int64
		fine bool
	}{{b.least, true}, {b.least - 1, false}, {b.most, true}, {b.most + 1, false}} {
		if b.most == unbounded && (try.v == b.most || try.v == math.MinInt64) {
			continue
		}
		b.set(&cfg, try.v)
		if what := cfg.Invalid(); (what == "") != try.fine {
			w.Breach("I99", "config", "%s of %d are asked for, and between %d and %d there may be: it says %q", b.name, try.v, b.least, b.most, what)
		}
	}
}
