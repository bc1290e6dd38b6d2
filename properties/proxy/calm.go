package proxy

import (
	"millrace/sim"
	"millrace/traces"
	"millrace/traces/proxytrace"
)

// calm says that nothing in the settings of the proxy ends a session early: neither a
// limit, nor a rule that says so, nor a timeout that is near what peers and network need.
func calm(t *traces.Trace, label int) bool {
	s := &t.Settings
	return steady(t, label) && s[proxytrace.Applet] == 0 && s[proxytrace.Buffers] == 0
}

// steady says that nothing in the settings of the proxy ends a session early, or another
// way when something else comes first.
func steady(t *traces.Trace, label int) bool {
	s := &t.Settings
	narrow, latency := t.Narrowest(label)
	if s[proxytrace.Applet] == proxytrace.AppletChargen || s[proxytrace.NoHalf] != 0 || s[proxytrace.AbortOnClose] != 0 ||
		s[proxytrace.MaxPerClient] != 0 || s[traces.Drain] != 0 || s[traces.Files] < 1<<20 || latency > 5*sim.Millisecond {
		return false
	}
	if s[proxytrace.Buffers] != 0 && len(t.Sessions) > 1 {
		return false // who waits for a buffer waits for another session, however slow that is, or the other one does
	}
	pause := int64(0) // the longest of a peer's
	for i := range t.Sessions {
		pause = max(pause, rests(t.Sessions[i].Client, t.Link(i, true)), rests(t.Sessions[i].Server, t.Link(i, false)))
	}
	need := 10000*ms + 3*pause
	if min(narrow, s[proxytrace.BufSize]) >= 100 && latency <= sim.Millisecond {
		need = 800*ms + 3*pause
	} else if proxytrace.Handshakes(s) {
		return false // byte by byte it takes a while
	}
	for _, p := range [...]traces.Param{
		proxytrace.ClientTimeout, proxytrace.ServerTimeout, proxytrace.ClientFin, proxytrace.ServerFin,
		proxytrace.ConnectTimeout, proxytrace.HandshakeTimeout, traces.Patience,
	} {
		if v := s[p]; v != 0 && v < need && (p != proxytrace.ConnectTimeout && p != proxytrace.HandshakeTimeout || v < 800*ms) {
			return false
		}
	}
	return true
}

// rests is for how long at most a peer lets nothing in, or sends nothing. Who reads drop by
// drop opens its window when there is room for a good part of its buffer, and not before; and
// until it has all that it waits for it says nothing, for which the other side may wait in turn.
func rests(script traces.Script, link sim.Link) int64 {
	pause, drip, drops := int64(0), int64(0), int64(link.RcvBuf)
	for _, a := range script {
		switch a.Verb {
		case traces.Wait:
			pause = max(pause, a.N)
		case traces.Drip:
			drip = a.N
		case traces.Recv:
			drops += a.N
		}
	}
	if drip > 0 {
		pause = max(pause, drops/drip*ms)
	}
	return pause
}
