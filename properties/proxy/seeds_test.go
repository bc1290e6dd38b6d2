package proxy

import (
	"millrace/properties"
	"millrace/traces/proxytrace"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/sim"
	"millrace/streamif"
	"millrace/traces"
)

// TestSeedsKeepEveryInvariant is a small campaign; cmd/soak is a large one. The
// seeds are fixed, so that what it reaches is too.
func TestSeedsKeepEveryInvariant(t *testing.T) {
	w := properties.NewWorld(Program)
	for n := range uint64(*seeds) {
		if tr := w.Hunt(*first + n); tr != nil {
			report(t, tr, w.Failed())
		}
	}
	var total properties.Totals
	w.Flush(&total)
	t.Logf("%d worlds, %d calls", total.Worlds, total.Calls)
	if *seeds >= 3000 {
		require.Empty(t, Program.Account(&total).Never(), "a campaign of this size reaches everything")
	}
}

// TestManyConnectionsAtOnce puts far more sessions into one world than the
// drawn ones have.
func TestManyConnectionsAtOnce(t *testing.T) {
	for _, settings := range []string{
		"world poller=edge bufsize=1000 steps=4000000\n",
		"world steps=4000000 maxconn=50 queue=400 files=80 buffers=20 bufsize=100\n",
	} {
		text := settings
		for i := range 400 {
			text += "session " + strconv.Itoa(i) + " client=send:3000,shutw,eof,close\n"
		}
		tr := parse(t, text)
		_, src := Program.Generate(7)
		src.Rates = properties.DrawRates(sim.NewRand(11))
		w := properties.NewWorld(Program)
		if f := w.Run(tr, src, properties.Options{}); f != nil {
			report(t, recorded(w, tr), f)
		}
		normal := 0
		for i := range 400 {
			if o := ended(w, i); o.Ended && o.Reason == streamif.Normal && o.DownGot == 3000 {
				normal++
			}
		}
		require.Greater(t, normal, 20, "some get through whole, whatever happens")
	}
}

// TestHealthyNetworkDeliversEverything: without faults every session of every
// workload that ends by itself ends normally and complete, whatever the sizes.
func TestHealthyNetworkDeliversEverything(t *testing.T) {
	w := properties.NewWorld(Program)
	for n := range uint64(500) {
		tr, _ := Program.Generate(n)
		quiet(&tr.Settings)
		tr.Settings[traces.Steps] = 4_000_000
		tr.Sessions = tr.Sessions[:min(len(tr.Sessions), 5)]
		for i := range tr.Sessions {
			tr.Sessions[i] = calmScripts[int(n+uint64(i))%len(calmScripts)]
		}
		if f := w.Replay(tr, properties.Options{}); f != nil {
			report(t, tr, f)
		}
		for i := range w.Outcomes() {
			o := ended(w, i)
			require.Equal(t, "--", o.Reason.String(), "seed %d session %d: %s\n%s", n, i, o, tr)
			require.Equal(t, o.UpSent, o.UpGot, "seed %d session %d: %s", n, i, o)
			require.Equal(t, o.DownSent, o.DownGot, "seed %d session %d: %s", n, i, o)
		}
	}
}

// quiet takes everything out of the settings that ends a session early.
func quiet(s *traces.Settings) {
	d := traces.Default()
	for _, p := range []traces.Param{
		proxytrace.MaxPerClient, traces.Drain, traces.Stop, traces.Patience, proxytrace.NoHalf, proxytrace.AbortOnClose, proxytrace.Indep, proxytrace.ClientFin, proxytrace.ServerFin, proxytrace.Applet,
		traces.Files, traces.Calm, proxytrace.ClientTimeout, proxytrace.ServerTimeout, proxytrace.ConnectTimeout,
	} {
		s[p] = d[p]
	}
	if proxytrace.Handshakes(s) { // byte by byte, and with records around each, it takes a while
		for _, p := range []traces.Param{
			proxytrace.HandshakeTimeout, proxytrace.ConnectTimeout, proxytrace.ClientTimeout, proxytrace.ServerTimeout,
		} {
			s[p] = 0
		}
	}
}

// calmScripts end by themselves, with every byte accounted for. In none does
// anything depend on which of two things happens first.
var calmScripts = func() (list []traces.Session) {
	for _, text := range [][2]string{
		{"send:300,recv:200,close", "recv:300,send:200,eof,close"},
		{"send:2000,shutw,eof,close", "send:2000,shutw,eof,close"},
		{"send:1000,shutw,eof,close", "eof,send:1500,close"},
		{"recv:1500,send:1000,shutw,eof,close", "send:1500,shutw,eof,close"},
		{"send:700,recv:700,shutw,eof,close", "echo,close"},
		{"send:10,recv:5,send:10,recv:10,send:10,recv:15,close", "recv:10,send:5,recv:20,send:5,recv:30,send:5,eof,close"},
		{"drip:50,send:500,shutw,eof,close", "eof,drip:50,send:900,close"},
		{"hold,send:100,wait:10ms,go,recv:2500,shutw,eof,close", "recv:100,send:2500,eof,close"},
	} {
		client, err := traces.ParseScript(text[0])
		server, err2 := traces.ParseScript(text[1])
		if err != nil || err2 != nil {
			panic(text[0])
		}
		list = append(list, traces.Session{Client: client, Server: server})
	}
	return list
}()
