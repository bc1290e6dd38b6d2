package proxy

import (
	"fmt"
	"millrace/properties"
	"millrace/traces/proxytrace"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/sim"
	"millrace/streamif"
	"millrace/traces"
)

// stacks are all combinations of what may come before the data, with the double
// for TLS.
var stacks = func() (list []traces.Settings) {
	for bits := range 16 {
		s := traces.Default()
		s[proxytrace.AcceptProxy] = int64(bits&1) * proxytrace.ProxyV2Checked
		s[proxytrace.SendProxy] = int64(bits >> 1 & 1)
		s[proxytrace.ClientTLS] = int64(bits >> 2 & 1)
		s[proxytrace.ServerTLS] = int64(bits >> 3 & 1)
		if bits%3 == 1 {
			s[traces.Poller] = traces.Edge
		}
		list = append(list, s)
	}
	return list
}()

// talk is a session in which both speak, and both half-close.
var talk = func() traces.Session {
	client, _ := traces.ParseScript("send:30,recv:40,shutw,eof,close")
	server, _ := traces.ParseScript("recv:30,send:40,eof,close")
	return traces.Session{Client: client, Server: server}
}()

// hold runs a world that must keep all invariants, and returns how its only
// session ended.
func hold(t *testing.T, w *properties.World, tr *traces.Trace) outcome {
	t.Helper()
	if f := w.Replay(tr, properties.Options{}); f != nil {
		report(t, tr, f)
	}
	return ended(w, 0)
}

// TestHandshakesMayBeSplitAtAnyByte lets every handshake arrive in two pieces, cut
// at each place in turn, then in pieces of each size.
func TestHandshakesMayBeSplitAtAnyByte(t *testing.T) {
	w := properties.NewWorld(Program)
	for i, s := range stacks {
		for size := 1; size <= 260; size++ {
			tr := &traces.Trace{Settings: s, Sessions: []traces.Session{talk}}
			tr.Settings[traces.Segment] = int64(size)
			o := hold(t, w, tr)
			require.Equal(t, "-- up 30/30 down 40/40 client eof=true rst=false server eof=true rst=false", o.String(), "stack %d, %d", i, size)
			tr.Settings[traces.Segment] = 1448
			tr.Decisions = []sim.Decision{
				{Actor: sim.Client, Op: sim.OpSegment, Val: size}, {Actor: sim.Server, Op: sim.OpSegment, Val: size},
				{Actor: sim.Front, Op: sim.OpShortWrite, Val: size}, {Actor: sim.Back, Op: sim.OpShortWrite, Val: size},
			}
			o = hold(t, w, tr)
			require.Equal(t, "-- up 30/30 down 40/40 client eof=true rst=false server eof=true rst=false", o.String(), "stack %d, %d", i, size)
		}
	}
}

// TestHandshakesMayFailAtAnyByte resets, ends, silences and falsifies the
// handshakes of either peer at every place. Whatever happens, the session ends,
// with all invariants kept and everything given back.
func TestHandshakesMayFailAtAnyByte(t *testing.T) {
	w := properties.NewWorld(Program)
	ends := map[string]int{}
	for _, s := range stacks {
		s[proxytrace.HandshakeTimeout], s[proxytrace.ConnectTimeout] = 1e9, 1e9
		s[proxytrace.Retries] = 0
		for _, peer := range []sim.Actor{sim.Client, sim.Server} {
			for _, op := range []sim.Op{sim.OpShakeReset, sim.OpShakeFin, sim.OpShakeMute, sim.OpShakeFlip} {
				for val := 1; ; val += step(op) {
					tr := &traces.Trace{Settings: s, Sessions: []traces.Session{talk}}
					tr.Decisions = []sim.Decision{{Actor: peer, Op: op, Val: val}}
					o := hold(t, w, tr)
					ends[fmt.Sprintf("%s of %s: %s", op, peer, o.Reason)]++
					phase(t, w, s, peer, op, val, o)
					if asked := w.Decisions(); len(asked) == 0 || asked[0].Val != val {
						break // beyond its last byte
					}
				}
			}
		}
	}
	for _, want := range []string{
		"shake-reset of c0: CP", "shake-fin of c0: CP", "shake-mute of c0: cP", "shake-flip of c0: CP",
		"shake-reset of c0: CT", "shake-fin of c0: CT", "shake-mute of c0: cT", "shake-flip of c0: CT",
		"shake-reset of s0: ST", "shake-fin of s0: ST", "shake-mute of s0: sT", "shake-flip of s0: ST",
	} {
		require.NotZero(t, ends[want], "%s never happened: %v", want, ends)
	}
}

// step is 1 byte, or one bit and something: every byte has one turned.
func step(op sim.Op) int {
	if op == sim.OpShakeFlip {
		return 7
	}
	return 1
}

// TestCryptoTLSStandsInForItsDouble runs the same with crypto/tls, at some of the
// places: what was hunted with the double holds for the real thing.
func TestCryptoTLSStandsInForItsDouble(t *testing.T) {
	w := properties.NewWorld(Program)
	real := func(s traces.Settings) traces.Settings {
		for _, p := range []traces.Param{proxytrace.ClientTLS, proxytrace.ServerTLS} {
			s[p] *= proxytrace.TLSReal
		}
		return s
	}
	for i, s := range stacks {
		if s[proxytrace.ClientTLS] == 0 && s[proxytrace.ServerTLS] == 0 {
			continue
		}
		for size := 1 + i; size < 1200; size += 131 {
			tr := &traces.Trace{Settings: real(s), Sessions: []traces.Session{talk, talk}}
			tr.Settings[traces.Segment] = int64(size)
			o := hold(t, w, tr)
			require.Equal(t, "-- up 30/30 down 40/40 client eof=true rst=false server eof=true rst=false", o.String())
			for _, op := range []sim.Op{sim.OpShakeReset, sim.OpShakeFin, sim.OpShakeMute, sim.OpShakeFlip, sim.OpNoGoodbye} {
				tr.Decisions = []sim.Decision{{Actor: sim.Client, Op: op, Val: size}, {Actor: sim.Server | 1, Op: op, Val: size}}
				hold(t, w, tr)
			}
		}
	}
}

// TestKeysMayChangeAtAnyTime renews the keys in front of every send, in each way.
func TestKeysMayChangeAtAnyTime(t *testing.T) {
	w := properties.NewWorld(Program)
	for _, s := range stacks[4:] {
		for kind := 1; kind < sim.NumRenew; kind++ {
			for _, room := range []int64{1, 7, 50, 16384} {
				tr := &traces.Trace{Settings: s, Sessions: []traces.Session{talk}}
				tr.Settings[proxytrace.BufSize], tr.Settings[traces.SndBuf] = room, room
				for ord := range uint32(3) {
					tr.Decisions = append(tr.Decisions, sim.Decision{Actor: sim.Client, Op: sim.OpRenew, Ord: ord, Val: kind},
						sim.Decision{Actor: sim.Server, Op: sim.OpRenew, Ord: ord, Val: kind})
				}
				o := hold(t, w, tr)
				require.Equal(t, "-- up 30/30 down 40/40 client eof=true rst=false server eof=true rst=false", o.String(), tr.String())
			}
		}
	}
}

// TestAStreamCutShortIsAnErrorToWhoeverGetsIt: one side ends without the end that
// its layer has, and the other side must not take it for one.
func TestAStreamCutShortIsAnErrorToWhoeverGetsIt(t *testing.T) {
	w := properties.NewWorld(Program)
	for _, c := range []struct {
		world string
		actor sim.Actor
		want  string
	}{
		{"client-tls=double", sim.Client, "CD up 30/30 down 40/40 client eof=false rst=true server eof=false rst=true"},
		{"client-tls=double server-tls=double", sim.Client, "CD up 30/30 down 40/40 client eof=false rst=true server eof=false rst=true"},
		{"server-tls=double", sim.Server, "SD up 30/30 down 40/40 client eof=false rst=true server eof=false rst=true"},
	} {
		tr := parse(t, "world "+c.world+"\nsession 0 client=send:30,recv:40,wait:10ms,shutw,eof,close server=recv:30,send:40,eof,close\n")
		if c.actor == sim.Server {
			tr = parse(t, "world "+c.world+"\nsession 0 client=send:30,eof,close server=recv:30,send:40,wait:10ms,shutw,eof,close\n")
		}
		tr.Decisions = []sim.Decision{{Actor: c.actor, Op: sim.OpNoGoodbye, Val: 1}}
		require.Equal(t, c.want, hold(t, w, tr).String(), c.world)
	}
}

// phase checks that a client is blamed for the part of its handshakes that was cut.
func phase(t *testing.T, w *properties.World, s traces.Settings, peer sim.Actor, op sim.Op, val int, o outcome) {
	if peer != sim.Client || op == sim.OpShakeFlip || o.Reason[1] != 'P' && o.Reason[1] != 'T' {
		return
	}
	want := byte('T')
	if h := w.Program().(*run).claim(0); s[proxytrace.AcceptProxy] != 0 && val-1 < len(h.AppendWithChecksum(nil)) {
		want = 'P'
	}
	require.Equal(t, string(want), string(o.Reason[1:]), "%s after %d bytes", op, val-1)
}

// TestASlowReaderOfARecordIsNotTimedOut: what is owed of a record leaves a few bytes
// at a time, and that is progress, though the channel has nothing left to send.
func TestASlowReaderOfARecordIsNotTimedOut(t *testing.T) {
	w := properties.NewWorld(Program)
	tr := parse(t, "world client-tls=double client-timeout=200ms server-timeout=1m sndbuf=60 rcvbuf=60\n"+
		"session 0 client=send:1,drip:3,eof,close server=recv:1,send:4000,eof,close\n")
	o := hold(t, w, tr)
	require.EqualValues(t, 4000, o.DownGot, o.String())
}

// TestNothingIsSplicedWhereACipherHasToSeeIt: with TLS on either side bytes are
// copied, whatever the settings say.
func TestNothingIsSplicedWhereACipherHasToSeeIt(t *testing.T) {
	w := properties.NewWorld(Program)
	for _, s := range stacks {
		tr := &traces.Trace{Settings: s, Sessions: []traces.Session{talk}}
		tr.Settings[proxytrace.SpliceReq], tr.Settings[proxytrace.SpliceRep] = int64(streamif.SpliceOn), int64(streamif.SpliceOn)
		o := hold(t, w, tr)
		require.Equal(t, "-- up 30/30 down 40/40 client eof=true rst=false server eof=true rst=false", o.String())
		plain := s[proxytrace.ClientTLS] == 0 && s[proxytrace.ServerTLS] == 0
		require.Equal(t, plain, w.Kernel().Stats.Spliced > 0)
	}
}
