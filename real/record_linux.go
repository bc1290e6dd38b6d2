package real

import (
	"errors"
	"fmt"
	"io"

	"millrace/core"
	"millrace/streamif"
	"millrace/traces"
	"millrace/traces/proxytrace"
)

// ErrCannotRecord is what a configuration gets whose runs no trace can describe.
var ErrCannotRecord = errors.New("cannot record")

// recording is a worker's run, written down as it happens. A nil recording is
// none.
type recording struct {
	r     *traces.Recorder
	trace traces.Trace
	done  bool // the trace has its steps; what follows is not recorded
}

// newRecording starts one that keeps so many steps.
func newRecording(cfg *Config, now core.Time) (*recording, error) {
	s, err := settings(cfg)
	if err != nil {
		return nil, err
	}
	return &recording{r: traces.NewRecorder(now, cfg.Record), trace: traces.Trace{Live: true, Settings: s}}, nil
}

// settings says in a trace's words what the configuration is. Not all can be
// said: a player makes its proxy from the words alone.
func settings(cfg *Config) (traces.Settings, error) {
	p := &cfg.Proxy
	s := traces.Default()
	for param, value := range map[traces.Param]int64{
		proxytrace.BufSize: int64(p.BufSize), proxytrace.Buffers: int64(p.Buffers), proxytrace.Reserve: int64(p.Reserve),
		proxytrace.Window: p.Window, proxytrace.MaxConn: int64(p.MaxConn), proxytrace.MaxAccept: int64(p.MaxAccept), proxytrace.MaxHandshakes: int64(p.MaxHandshakes),
		proxytrace.MaxReads: int64(p.MaxReads), proxytrace.Retries: int64(p.Retries), proxytrace.NoHalf: oneIf(p.NoHalf),
		proxytrace.Indep: oneIf(p.Indep), proxytrace.AbortOnClose: oneIf(p.AbortOnClose),
		proxytrace.ClientTimeout: int64(p.ClientTimeout), proxytrace.ServerTimeout: int64(p.ServerTimeout),
		proxytrace.ConnectTimeout: int64(p.ConnectTimeout), proxytrace.ClientFin: int64(p.ClientFin),
		proxytrace.ServerFin: int64(p.ServerFin), proxytrace.HandshakeTimeout: int64(p.HandshakeTimeout),
		proxytrace.Servers:   int64(max(1, p.Servers)),
		proxytrace.SpliceReq: int64(p.SpliceReq), proxytrace.SpliceRep: int64(p.SpliceRep), proxytrace.MaxPipes: int64(p.MaxPipes),
		proxytrace.PipeEnough: int64(p.PipeEnough),
		traces.Poller:         oneIf(cfg.Edge), proxytrace.Events: maxEvents,
	} {
		s[param] = value
	}
	switch p.Applet {
	case streamif.Echo{}:
		s[proxytrace.Applet] = proxytrace.AppletEcho
	case streamif.Discard{}:
		s[proxytrace.Applet] = proxytrace.AppletDiscard
	case streamif.Chargen{}:
		s[proxytrace.Applet] = proxytrace.AppletChargen
	}
	if p.AcceptProxy != nil || p.SendProxy != 0 || p.ClientTLS != nil || p.ServerTLS != nil {
		return s, fmt.Errorf("%w: the bytes of handshakes are not in a trace, and it would not play again", ErrCannotRecord)
	}
	if p.MaxPerClient != 0 {
		return s, fmt.Errorf("%w: where clients come from is not in a trace, and it would not play again", ErrCannotRecord)
	}
	asked := *p
	asked.HashSeed = 0                // nothing that a proxy does depends on it
	asked.Servers = max(1, p.Servers) // an applet's proxy never looks
	asked.Redispatch = p.Redispatch && p.Servers > 1
	text := (&traces.Trace{Live: true, Settings: s}).AppendText(nil)
	if _, err := traces.Parse("trace", text); err != nil {
		return s, fmt.Errorf("%w: no trace can say this: %w", ErrCannotRecord, err)
	}
	if proxytrace.Config(&s) != asked {
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

// freeze ends the recording. A kill is not in a trace's words, and a trace may
// end anywhere: so it ends before.
func (c *recording) freeze() {
	if c != nil && !c.done {
		c.done = true
		c.r.Fill(&c.trace)
	}
}

// WriteTrace writes what was recorded; comments go to its head. It may be called
// when Run has returned, also with a *core.Breach or a *Panic.
func (w *Worker) WriteTrace(to io.Writer, comments ...string) error {
	if w.rec == nil {
		return errors.New("nothing was recorded")
	}
	w.rec.trace.Comments = comments
	_, err := to.Write(w.rec.trace.AppendText(nil))
	return err
}

// WriteTraceOfHung is WriteTrace for a worker that hangs, and may do so for ever. If
// it goes on in the middle of it after all the trace may be torn.
func (w *Worker) WriteTraceOfHung(to io.Writer, comments ...string) (err error) {
	if w.rec == nil {
		return errors.New("nothing was recorded")
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the worker was at work: %v", r)
		}
	}()
	t := w.rec.trace // whose steps belong to the worker
	t.Comments, t.Fail = comments, fmt.Sprintf("worker %d hangs", w.id)
	w.rec.r.Fill(&t)
	_, err = to.Write(t.AppendText(nil))
	return err
}
