package real

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"millrace/core"
	"millrace/streamif"
	"millrace/traces"
	"millrace/traces/proxytrace"
)

// ErrCannotRecord is what a configuration gets whose runs no trace can describe.
var ErrCannotRecord = errors.New("cannot record")

// recording is a worker's run, written down as it happens, or its last part. A nil
// recording is none.
type recording struct {
	r     *traces.Recorder
	trace traces.Trace // without its steps
	began time.Time
}

// newRecording starts one in a ring of so many bytes. That no trace can describe the
// configuration is an error if it must be possible to play it, and else the first comment.
func newRecording(id int, cfg *Config, now core.Time) (*recording, error) {
	s, err := settings(cfg)
	c := &recording{
		r:     traces.NewRing(now, cfg.Record),
		trace: traces.Trace{Live: true, Settings: s, Recorded: &traces.About{Worker: id, By: cfg.Build}},
		began: time.Now(),
	}
	switch {
	case err == nil:
	case cfg.MustPlay || !errors.Is(err, ErrCannotRecord):
		return nil, err
	default:
		c.trace.Comments = []string{"to be read only, " + err.Error()}
	}
	return c, nil
}

// settings says in a trace's words what the configuration is. Not all can be
// said: a player makes its proxy from the words alone.
func settings(cfg *Config) (traces.Settings, error) {
	p := &cfg.Proxy
	s := traces.Default()
	for param, value := range map[traces.Param]int64{
		proxytrace.BufSize: int64(p.BufSize), proxytrace.Buffers: int64(p.Buffers), proxytrace.Reserve: int64(p.Reserve),
		proxytrace.Window: p.Window, proxytrace.MaxConn: int64(p.MaxConn), proxytrace.MaxAccept: int64(p.MaxAccept), proxytrace.MaxHandshakes: int64(p.MaxHandshakes), proxytrace.MaxPerClient: int64(p.MaxPerClient),
		proxytrace.MaxReads: int64(p.MaxReads), proxytrace.Retries: int64(p.Retries), proxytrace.NoHalf: oneIf(p.NoHalf),
		proxytrace.Indep: oneIf(p.Indep), proxytrace.AbortOnClose: oneIf(p.AbortOnClose),
		proxytrace.ClientTimeout: int64(p.ClientTimeout), proxytrace.ServerTimeout: int64(p.ServerTimeout),
		proxytrace.ConnectTimeout: int64(p.ConnectTimeout), proxytrace.ClientFin: int64(p.ClientFin),
		proxytrace.ServerFin: int64(p.ServerFin), proxytrace.HandshakeTimeout: int64(p.HandshakeTimeout),
		proxytrace.Servers:   int64(max(1, p.Servers)),
		proxytrace.SpliceReq: int64(p.SpliceReq), proxytrace.SpliceRep: int64(p.SpliceRep), proxytrace.MaxPipes: int64(p.MaxPipes),
		proxytrace.PipeEnough: int64(p.PipeEnough), proxytrace.Lowat: int64(p.Lowat), proxytrace.BulkSize: int64(p.BulkSize), proxytrace.BulkBuffers: int64(p.BulkBuffers),
		traces.Poller: oneIf(cfg.Edge), proxytrace.Events: maxEvents,
	} {
		s[param] = value
	}
	s[proxytrace.SendProxy] = int64(p.SendProxy)
	if p.AcceptProxy != nil {
		s[proxytrace.AcceptProxy] = proxytrace.ProxyV2 // or another one: it is as long as it was
	}
	if p.ClientTLS != nil {
		s[proxytrace.ClientTLS] = proxytrace.TLSReal
	}
	if p.ServerTLS != nil {
		s[proxytrace.ServerTLS] = proxytrace.TLSReal
	}
	switch p.Applet {
	case streamif.Echo{}:
		s[proxytrace.Applet] = proxytrace.AppletEcho
	case streamif.Discard{}:
		s[proxytrace.Applet] = proxytrace.AppletDiscard
	case streamif.Chargen{}:
		s[proxytrace.Applet] = proxytrace.AppletChargen
	}
	asked := *p
	asked.AcceptProxy, asked.ClientTLS, asked.ServerTLS, asked.Judge, asked.SendTLS = nil, nil, nil, nil, false // a player has its own
	said := proxytrace.Config(&s)
	said.AcceptProxy = nil
	asked.HashSeed = 0                // nothing that a proxy does depends on it
	asked.Servers = max(1, p.Servers) // an applet's proxy never looks
	asked.Redispatch = p.Redispatch && p.Servers > 1
	text := (&traces.Trace{Live: true, Settings: s}).AppendText(nil)
	if _, err := traces.Parse("trace", text); err != nil {
		return s, fmt.Errorf("%w: no trace can say this: %w", ErrCannotRecord, err)
	}
	if said != asked {
		return s, fmt.Errorf("%w: a trace has no words for this configuration", ErrCannotRecord)
	}
	return s, nil
}

func oneIf(on bool) int64 {
	if on {
		return 1
	}
	return 0
}

// outcomes has those of the proxy's ciphers recorded, and of its limit on clients.
func (c *recording) outcomes(p *streamif.Config) {
	if p.MaxPerClient != 0 {
		p.Judge = proxytrace.RecordShares(c.r)
	}
	if p.ClientTLS != nil {
		p.ClientTLS = proxytrace.RecordCiphers(c.r, true, p.ClientTLS)
	}
	if p.ServerTLS != nil {
		p.ServerTLS = proxytrace.RecordCiphers(c.r, false, p.ServerTLS)
	}
}

// stop records that the listener is about to be closed by order.
func (c *recording) stop() {
	if c != nil {
		c.r.Stop()
	}
}

// fail writes down what was found broken.
func (c *recording) fail(why error) {
	if c != nil {
		c.trace.Fail = why.Error()
	}
}

// shed records that a pipe is about to be given back.
func (c *recording) shed() {
	if c != nil {
		c.r.Shed()
	}
}

// anew begins again, for a list of servers that has changed: of what was before nothing can
// be played any more.
func (c *recording) anew(servers int) {
	if c != nil {
		c.r.Forget()
		c.trace.Settings[proxytrace.Servers] = int64(min(servers, maxTraceServers))
	}
}

// maxTraceServers is how many a trace may have. Which of them a session went to is said by
// its steps.
const maxTraceServers = 1000

// freeze ends the recording. A kill is not in a trace's words, and a trace may
// end anywhere: so it ends before.
func (c *recording) freeze() {
	if c != nil {
		c.r.Freeze()
	}
}

// copy is what was recorded so far, to be read while the worker goes on.
func (c *recording) copy() *recording {
	own := *c
	own.r = c.r.Copy()
	return &own
}

// whole is the recording as a trace, which is the caller's: several may ask for that of a worker
// that has ended. It takes a while.
func (c *recording) whole(comments []string) *traces.Trace {
	t, about := c.trace, *c.trace.Recorded
	t.Comments = append(slices.Clone(comments), t.Comments...)
	about.At = c.began.Add(c.r.Age())
	t.Recorded = &about
	c.r.Fill(&t)
	return &t
}

// Recorded returns what was recorded so far, with comments at its head. It may be called from
// any goroutine, also when Run has returned, with a *core.Breach or a *Panic or without.
// A worker that does not answer for as long as patience says hangs; it is read as it stands
// then, and if it goes on in the middle of that after all the trace may be torn.
func (w *Worker) Recorded(patience time.Duration, comments ...string) (t *traces.Trace, err error) {
	if w.rec == nil {
		return nil, errors.New("nothing was recorded")
	}
	var now *recording
	select {
	case <-w.Do(func() { now = w.rec.copy() }):
		if now == nil {
			now = w.rec // it has ended
		}
		return now.whole(comments), nil
	case <-time.After(patience):
	}
	defer func() {
		if r := recover(); r != nil {
			t, err = nil, fmt.Errorf("the worker was at work: %v", r)
		}
	}()
	hung := w.rec.copy()
	if hung.trace.Fail == "" {
		hung.trace.Fail = fmt.Sprintf("worker %d hangs", w.id)
	}
	return hung.whole(comments), nil
}
