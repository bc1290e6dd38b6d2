package proxytrace

import (
	"errors"

	"millrace/core"
	"millrace/datalayer/proxyproto"
	"millrace/sim"
	"millrace/streamif"
	"millrace/traces"
)

// Name is the proxy's in traces.
const Name = traces.DefaultProgram

// Program is the proxy, as traces know it.
var Program = &traces.Program{Name: Name, Settings: settings[:], Invalid: invalid, Play: play, Introduces: introduces, Sends: sends}

func init() { traces.Register(Program) }

// Running is a proxy that plays a recording.
type Running struct {
	Loop  *core.Loop
	Proxy *streamif.Proxy
	tasks int
}

// play starts a proxy as the settings say.
func play(s *traces.Settings, k traces.Kernel) (traces.Running, error) {
	cfg := Config(s)
	switch {
	case Handshakes(s) && (k.Played == nil || !k.Played.Live()):
		return nil, errors.New("the trace has handshakes, whose bytes are not in a recording: its steps can be read, " +
			"and a world be run again from its decisions")
	case cfg.MaxPerClient != 0 && (k.Played == nil || !k.Played.Live()):
		return nil, errors.New("the trace limits what one client may have, and where clients come from is not in a recording: " +
			"its steps can be read, and a world be run again from its decisions")
	case cfg.Invalid() != "":
		return nil, errors.New(cfg.Invalid())
	}
	cfg.SendTLS = false // of that a recording has nothing
	if cfg.AcceptProxy != nil {
		cfg.AcceptProxy = &proxyproto.Networks{{IP: traces.Speaker.IP, Bits: 8}}
	}
	if cfg.MaxPerClient != 0 {
		cfg.MaxPerClient, cfg.Judge = cfg.MaxConn+1, playedShares{k.Played}
	}
	if s[ClientTLS] != 0 {
		cfg.ClientTLS = playedCiphers{k.Played, true}
	}
	if s[ServerTLS] != 0 {
		cfg.ServerTLS = playedCiphers{k.Played, false}
	}
	r := &Running{Loop: core.NewLoop(k.Poller, int(s[Events]), k.Now), tasks: int(s[Tasks])}
	r.Delay(false)
	if k.Played != nil {
		r.Loop.Admit(func(d *core.Desc) bool { return k.Played.MayTurn(d.Num()) })
	}
	r.Proxy = streamif.New(cfg, r.Loop, k.Dialer, nil)
	r.Proxy.Listen(k.Listener)
	return r, nil
}

// EventLoop is what the proxy runs on.
func (r *Running) EventLoop() *core.Loop { return r.Loop }

// Step implements traces.Running.
func (r *Running) Step() { r.Loop.Step() }

// Stop implements traces.Running.
func (r *Running) Stop() { r.Proxy.Stop() }

// Delay implements traces.Delayer.
func (r *Running) Delay(on bool) {
	r.Loop.Budget = r.tasks
	if on {
		r.Loop.Budget = 0
	}
}

// Shed implements traces.Shedder.
func (r *Running) Shed() { r.Proxy.Pipes().Shed() }

// Redirect implements traces.Redirector.
func (r *Running) Redirect(label uint32, server int) {
	for _, s := range r.Proxy.Sessions() {
		if s.Peer().Label == label {
			s.Redirect(server)
		}
	}
}

// introduces says that a server is told who the client is.
func introduces(s *traces.Settings) bool { return s[SendProxy] != 0 }

// sends is what must leave a socket: what came in at the other one, or what an applet
// makes.
func sends(s *traces.Settings, by sim.Actor, offset int64, n int) []byte {
	label := uint32(by.Num())
	if by.Kind() == sim.Back {
		return sim.Payload(sim.Upstream(label), offset, n)
	}
	switch s[Applet] {
	case AppletEcho:
		return sim.Payload(sim.Upstream(label), offset, n)
	case AppletChargen:
		b := make([]byte, n)
		for i := range b {
			b[i] = streamif.Char(offset + int64(i))
		}
		return b
	}
	return sim.Payload(sim.Downstream(label), offset, n)
}
