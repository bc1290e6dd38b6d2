package streamif

import (
	"iter"

	"millrace/core"
	"millrace/datalayer"
	"millrace/datalayer/proxyproto"
)

// Config is what a proxy is asked to be. Spans of 0 mean never.
type Config struct {
	Servers int   // how many servers the dialer knows
	Applet  Maker // makes what serves a session instead of the servers; nil is nothing

	// AcceptProxy is where clients come from who begin with a PROXY header; who
	// comes from elsewhere is not believed, and not expected to. Nil is nobody.
	AcceptProxy *proxyproto.Networks
	SendProxy   uint8             // version of the PROXY header that servers get, 0 = none
	SendTLS     bool              // and says what is known of the client's TLS; version 2 only
	ClientTLS   datalayer.Ciphers // towards clients; nil is plain TCP
	ServerTLS   datalayer.Ciphers // towards servers; nil is plain TCP

	BufSize int // bytes per buffer, at least 1
	Buffers int // buffers in the pool, at least 2; 0 means two per session
	Reserve int // bytes kept free behind undecided input, less than BufSize

	BulkSize    int // bytes of a larger buffer for bulk that is copied, there are none if it is no larger than BufSize
	BulkBuffers int // of these at once, 0 = none; as many more may hold what was sealed of them

	Window int64 // bytes a session lets pass at a time; 0 means no limit

	SpliceReq, SpliceRep SpliceMode // of each direction
	MaxPipes             int        // pipes at once; 0 is none
	PipeEnough           int        // bytes in a pipe that make it as good as full; 0 is 1 MiB
	Lowat                int        // bytes that bulk through a pipe waits for at most; 0 = any wake it

	MaxConn       int    // sessions at once, at least 1
	MaxPerClient  int    // sessions of one client at once; 0 = MaxConn
	Judge         Judge  // has the last word on who has that many; nil: nobody
	MaxHandshakes int    // handshakes of clients under way at once; 0 = MaxConn
	HashSeed      uint64 // of what is looked up by what clients choose: a secret
	MaxAccept     int    // connections taken in one turn of the listener
	MaxReads      int    // reads in one turn of a connection

	Retries      int  // attempts after the first
	Redispatch   bool // the last attempt may go to another server
	NoHalf       bool // a peer that half-closes is gone
	Indep        bool // writing does not refresh the read timer
	AbortOnClose bool // a half-close gives up a pending attempt, data or not

	ClientTimeout    core.Time
	ServerTimeout    core.Time
	ConnectTimeout   core.Time // its handshakes included
	HandshakeTimeout core.Time // a client's PROXY header and TLS together
	ClientFin        core.Time // reading from a client that got our FIN; 0 = ClientTimeout
	ServerFin        core.Time // the same for a server
}

// Judge has the last word on whether a client has his share: it writes it down, or knows
// it from where that was done.
type Judge interface {
	// Full says whether the client of what becomes a session of this label has his share. full
	// is what the count says. It is asked when a connection was accepted of whom no PROXY
	// header is believed, and when one was read.
	Full(label uint32, full bool) bool
}

// Defaults returns the configuration of a proxy that nobody configured.
func Defaults() Config {
	return Config{
		BufSize: 16384, MaxConn: 2000, MaxAccept: 64, MaxReads: 4, Retries: 3, Redispatch: true,
		ClientTimeout: 60 * core.Second, ServerTimeout: 60 * core.Second,
		ConnectTimeout: 5 * core.Second, HandshakeTimeout: 10 * core.Second,
	}
}

// maxTimeout keeps deadlines far from the end of time.
const maxTimeout = 366 * 24 * 3600 * core.Second

// Invalid returns one sentence on what is wrong with the configuration, and ""
// if nothing is.
func (c *Config) Invalid() string {
	switch {
	case c.Applet == nil && c.Servers < 1:
		return "no server to relay to"
	case c.BufSize < 1:
		return "the buffer size must be at least 1 byte"
	case c.Buffers != 0 && c.Buffers < poolReserve:
		return "at least 2 buffers are needed"
	case c.Reserve < 0 || c.Reserve >= c.BufSize:
		return "the reserve must be smaller than the buffer"
	case c.BulkBuffers < 0 || c.BulkSize < 0:
		return "the buffers for bulk cannot have a negative size or number"
	case c.Window < 0 || c.Window > 1<<40:
		return "the window must be between 0 and 2^40 bytes"
	case c.MaxPipes < 0 || c.MaxPipes > 1<<24:
		return "the number of pipes must be between 0 and 2^24"
	case c.PipeEnough < 0:
		return "enough bytes in a pipe cannot be a negative number"
	case c.Lowat < 0 || c.Lowat > 1<<30:
		return "the bytes that bulk waits for must be between 0 and 2^30"
	case c.SendProxy > 2:
		return "the PROXY protocol has versions 1 and 2"
	case c.SendTLS && c.SendProxy != 2:
		return "only version 2 of the PROXY protocol can tell of TLS"
	case c.MaxPerClient < 0 || c.MaxHandshakes < 0:
		return "the limits on a client's sessions and on handshakes cannot be negative"
	case c.MaxConn < 1 || c.MaxAccept < 1 || c.MaxReads < 1:
		return "the limits on connections, accepts and reads must be at least 1"
	case c.Retries < 0 || c.Retries > 1000:
		return "retries must be between 0 and 1000"
	case min(c.ClientTimeout, c.ServerTimeout, c.ConnectTimeout, c.HandshakeTimeout, c.ClientFin, c.ServerFin) < 0:
		return "a timeout cannot be negative"
	case max(c.ClientTimeout, c.ServerTimeout, c.ConnectTimeout, c.HandshakeTimeout, c.ClientFin, c.ServerFin) > maxTimeout:
		return "a timeout cannot be longer than a year"
	}
	return ""
}

// Observer is told what a proxy does, in the middle of it: it may look, and must
// not call the proxy. Nil is allowed.
type Observer interface {
	// Opened is called when a session begins.
	Opened(s *Session)
	// Closed is called when a session ended; s is valid during the call.
	Closed(s *Session)
	// Accepting is called when the proxy stops or resumes accepting; why is the
	// error that stopped it, 0 for the connection limit, EBUSY for that on handshakes.
	Accepting(on bool, why core.Errno)
	// Refused is called when a client who has his share of sessions wanted another one.
	Refused(client core.Addr)
	// Trying is called when an attempt to connect to the session's server begins.
	Trying(s *Session)
	// Tried is called when it has succeeded, and then why is no reason, or failed.
	// There is no such call for one that is given up.
	Tried(s *Session, why Reason)
	// Server is called when a server is down or up again; why is the error of the
	// attempt that found it down.
	Server(number int, up bool, why core.Errno)
}

// Stats counts what a proxy did since it was made.
type Stats struct {
	Accepted   uint64
	Ended      uint64
	Connects   uint64 // attempts begun
	ConnFailed uint64 // attempts failed
	Retries    uint64 // attempts after the first
	BytesIn    uint64 // from clients, of ended sessions
	BytesOut   uint64 // to clients, of ended sessions
	Spliced    uint64 // read in either direction without being copied, of ended sessions
	Refusals   uint64 // errors of accept()
	Shed       uint64 // connections of clients who had their share
	Clean      uint64 // sessions that ended normally
}

// Proxy is one worker's proxy: a listener, sessions, a pool of buffers.
type Proxy struct {
	cfg    Config
	loop   *core.Loop
	dialer core.Dialer
	obs    Observer
	pool   Pool
	stock  datalayer.Stock // what passes through ciphers
	pipes  PipePool
	lst    listener
	shares shares
	greets int // handshakes of clients that are under way
	made   core.Pile[Session]
	order  core.Pile[int32] // the places in made of the live ones, and behind them of those that have ended, the last one first
	live   int              // how many are

	ring   ring
	asides spare[aside]
	ducts  spare[[2]duct]
	Stats  Stats
}

// New makes a proxy on a loop. The configuration must be valid.
func New(cfg Config, l *core.Loop, d core.Dialer, obs Observer) *Proxy {
	p := new(Proxy)
	p.Reset(cfg, l, d, obs)
	return p
}

// Reset makes the proxy as New makes one, in the memory that it has: for who runs one after
// the other. What it had is gone.
func (p *Proxy) Reset(cfg Config, l *core.Loop, d core.Dialer, obs Observer) {
	core.BugOn(cfg.Invalid() != "", "I56", "config", cfg.Invalid())
	if cfg.Buffers == 0 {
		cfg.Buffers = 2*cfg.MaxConn + poolReserve
	}
	if cfg.BulkBuffers == 0 || cfg.BulkSize <= cfg.BufSize {
		cfg.BulkBuffers, cfg.BulkSize = 0, 0
	}
	if cfg.PipeEnough == 0 {
		cfg.PipeEnough = pipeEnough
	}
	*p = Proxy{
		cfg: cfg, loop: l, dialer: d, obs: obs, made: p.made.Emptied(), order: p.order.Emptied(),
		asides: p.asides, ducts: p.ducts, pool: p.pool, stock: p.stock, ring: ring{numbers: p.ring.numbers[:0], known: p.ring.known[:0], redispatch: cfg.Redispatch},
	}
	p.asides.reset()
	p.ducts.reset()
	p.shares.seed = cfg.HashSeed
	p.SetServers(upTo(cfg.Servers))
	p.pool.init(&cfg)
	p.stock.Reset(withSpace(cfg.BufSize), withSpace(cfg.BulkSize), cfg.BulkBuffers)
	p.pipes.init(d, cfg.MaxPipes)
}

// withSpace is how large memory has to be for n bytes sealed.
func withSpace(n int) int { return n + datalayer.RecordSpace(n) }

// Config returns the configuration in force.
func (p *Proxy) Config() *Config { return &p.cfg }

// Loop returns the loop the proxy runs on.
func (p *Proxy) Loop() *core.Loop { return p.loop }

// Stock returns the memory of ciphers, to be looked at only.
func (p *Proxy) Stock() *datalayer.Stock { return &p.stock }

// Trim gives up the memory that nobody has needed since the last call, as a burst leaves it, and
// returns how many bytes of buffers. It changes nothing else, and is to be called between two
// rounds, now and then.
func (p *Proxy) Trim() int {
	p.asides.trim()
	p.ducts.trim()
	return p.pool.trim() + p.stock.Trim()
}

// Pipes returns the pool of pipes, to be looked at only.
func (p *Proxy) Pipes() *PipePool { return &p.pipes }

// Pool returns the buffer pool, to be looked at only.
func (p *Proxy) Pool() *Pool { return &p.pool }

// Live returns how many sessions are live.
func (p *Proxy) Live() int { return p.live }

// Session returns one of them, by a number from 0 up to how many there are. Which number it
// has changes when others end.
func (p *Proxy) Session(i int) *Session { return p.made.At(int(*p.order.At(i))) }

// Sessions goes through the live sessions, in no particular order. None may end meanwhile.
func (p *Proxy) Sessions() iter.Seq2[int, *Session] {
	return func(yield func(int, *Session) bool) {
		for i := range p.live {
			if !yield(i, p.Session(i)) {
				return
			}
		}
	}
}

// seat makes one session more live: the last one that ended, or a new one.
func (p *Proxy) seat() *Session {
	n := p.live
	if n == p.made.Len() {
		p.made.Push(Session{})
		p.order.Push(int32(n))
	}
	p.live++
	s := p.Session(n)
	s.index = int32(n)
	return s
}

// unseat makes it one that has ended.
func (p *Proxy) unseat(s *Session) {
	p.live--
	p.Session(p.live).index = s.index
	at, last := p.order.At(int(s.index)), p.order.At(p.live)
	*at, *last = *last, *at
}

// open starts a session for an accepted connection.
func (p *Proxy) open(fd core.FD, peer core.Peer) {
	s := p.seat()
	p.Stats.Accepted++
	s.begin(p, peer)
	s.welcome()
	s.front.conn.Attach(&p.loop.Table, fd, &s.front)
	if s.front.Chain() == nil {
		s.front.on(EvAttach)
	} else {
		s.front.on(EvGreet)
		s.greets = true
		p.greets++
		s.front.setExp(core.After(p.loop.Now(), p.cfg.HandshakeTimeout))
	}
	if p.obs != nil {
		p.obs.Opened(s)
	}
}

// release ends a session: everything it held goes back.
func (p *Proxy) release(s *Session) {
	core.BugOn(s.front.conn.Open() || s.back.conn.Open(), "I43", "session", "released with an open descriptor")
	s.end(Normal)
	s.endApplet()
	for _, ch := range [...]*Channel{&s.req, &s.rep} {
		p.pool.leave(ch)
		if ch.pipe() != nil {
			ch.unpipe()
		}
		if ch.buf.Allocated() {
			p.pool.release(ch)
		}
	}
	p.loop.Drop(&s.task)
	p.Stats.Ended++
	p.Stats.BytesIn += uint64(s.req.total)
	p.Stats.BytesOut += uint64(s.rep.sent)
	p.Stats.Spliced += uint64(s.req.Spliced() + s.rep.Spliced())
	if s.reason == Normal {
		p.Stats.Clean++
	}
	if p.obs != nil {
		p.obs.Closed(s)
	}
	s.unprobe()
	s.unchoose()
	s.uncount()
	s.greeted()
	s.empty()
	p.unseat(s)
	p.lst.resume()
}

// Abandon gives back what the layers of live sessions hold, without a call on any
// descriptor: the kernel is gone. The proxy must not be used again.
func (p *Proxy) Abandon() {
	for _, s := range p.Sessions() {
		for _, si := range [...]*StreamInterface{&s.front, &s.back} {
			si.layer().Free()
		}
	}
}

// Kill ends every session at once, with a reset.
func (p *Proxy) Kill() {
	for p.live > 0 {
		s := p.Session(p.live - 1)
		s.end(Killed)
		for _, si := range [...]*StreamInterface{&s.front, &s.back} {
			si.hangUp(true)
			si.state = CLO
		}
		p.release(s)
	}
}
