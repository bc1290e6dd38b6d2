package proxy

import (
	"millrace/properties"
	"millrace/traces/proxytrace"
	"testing"

	"millrace/sim"
	"millrace/traces"
	"pgregory.net/rapid"
)

// drawScript draws what a peer does. Every script ends, and the timeouts end the
// sessions of those that wait for what does not come.
func drawScript(t *rapid.T, who string) traces.Script {
	acts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) traces.Act {
		verb := rapid.SampledFrom([]traces.Verb{
			traces.Send, traces.Send, traces.Recv, traces.EOF, traces.ShutW, traces.Wait, traces.Hold, traces.Go, traces.Drip,
		}).Draw(t, "verb")
		switch verb {
		case traces.Send, traces.Recv, traces.Drip:
			return traces.Act{Verb: verb, N: int64(rapid.IntRange(1, 300).Draw(t, "n"))}
		case traces.Wait:
			return traces.Act{Verb: verb, N: int64(rapid.IntRange(1, 300).Draw(t, "ms")) * ms}
		}
		return traces.Act{Verb: verb}
	}), 0, 6).Draw(t, who)
	if last := rapid.SampledFrom([]string{"", "close", "reset"}).Draw(t, who+" ends with"); last != "" {
		end, _ := traces.ParseScript(last)
		acts = append(acts, end...)
	}
	return acts
}

// drawWorld draws a whole scenario.
func drawWorld(t *rapid.T) *traces.Trace {
	tr := &traces.Trace{Settings: traces.Default()}
	s := &tr.Settings
	size := rapid.SampledFrom([]int64{1, 2, 3, 10, 100, 1000, 16384})
	s[traces.Poller] = rapid.Int64Range(0, 1).Draw(t, "edge")
	s[proxytrace.BufSize] = size.Draw(t, "bufsize")
	s[traces.SndBuf] = size.Draw(t, "sndbuf")
	s[traces.RcvBuf] = size.Draw(t, "rcvbuf")
	s[traces.Segment] = size.Draw(t, "segment")
	s[proxytrace.Buffers] = rapid.SampledFrom([]int64{0, 2, 3}).Draw(t, "buffers")
	s[proxytrace.Window] = rapid.SampledFrom([]int64{0, 0, 1, 50}).Draw(t, "window")
	s[proxytrace.MaxReads] = rapid.Int64Range(1, 4).Draw(t, "maxreads")
	s[proxytrace.Retries] = rapid.Int64Range(0, 2).Draw(t, "retries")
	s[proxytrace.NoHalf] = b2i(rapid.Bool().Draw(t, "nohalf"))
	s[proxytrace.ClientTimeout] = rapid.Int64Range(50, 5000).Draw(t, "client timeout") * ms
	s[proxytrace.ServerTimeout] = rapid.Int64Range(50, 5000).Draw(t, "server timeout") * ms
	s[proxytrace.ServerFin] = rapid.SampledFrom([]int64{0, 100 * ms}).Draw(t, "server fin")
	for range rapid.IntRange(1, 4).Draw(t, "sessions") {
		tr.Sessions = append(tr.Sessions, traces.Session{
			At:     rapid.Int64Range(0, 5).Draw(t, "at") * ms,
			Client: drawScript(t, "client"), Server: drawScript(t, "server"),
		})
	}
	return tr
}

// TestDrawnWorkloadsKeepEveryInvariant lets rapid draw the workload and only the
// seed of the faults: left to draw the schedule itself it would hardly ever
// leave the beginning of it.
func TestDrawnWorkloadsKeepEveryInvariant(t *testing.T) {
	w := properties.NewWorld(Program)
	rapid.Check(t, func(rt *rapid.T) {
		tr := drawWorld(rt)
		seed := rapid.Uint64().Draw(rt, "faults")
		src := &sim.Seeded{Seed: seed, Rates: properties.DrawRates(sim.NewRand(seed))}
		if f := w.Run(tr, src, properties.Options{}); f != nil {
			tr = recorded(w, tr)
			tr.Fail = f.Line()
			rt.Fatalf("%s", save(t, tr))
		}
	})
}

// decider lets rapid itself make the choices of a small world, so that it can
// shrink them.
type decider struct{ t *rapid.T }

func (d decider) Choose(_ sim.Actor, op sim.Op, _ uint32, n int) int {
	switch op {
	case sim.OpRank, sim.OpPriority, sim.OpDemote, sim.OpHole, sim.OpStall, sim.OpClockJump, sim.OpLost, sim.OpPartition, sim.OpRebooted:
		return 0
	}
	if rapid.IntRange(0, 9).Draw(d.t, op.String()) != 9 {
		return 0
	}
	return rapid.IntRange(0, n-1).Draw(d.t, "value")
}

// TestChoicesDrawnByRapidKeepEveryInvariant drives a world of one or two short
// sessions with rapid as the source of choices.
func TestChoicesDrawnByRapidKeepEveryInvariant(t *testing.T) {
	w := properties.NewWorld(Program)
	rapid.Check(t, func(rt *rapid.T) {
		tr := parse(t, "world bufsize=10 segment=4 sndbuf=8 rcvbuf=8 poller="+
			rapid.SampledFrom([]string{"level", "edge"}).Draw(rt, "poller")+
			"\nsession 0 client=send:12,shutw,eof,close server=recv:5,send:9,shutw,eof,close\n")
		if f := w.Run(tr, decider{rt}, properties.Options{}); f != nil {
			tr = recorded(w, tr)
			tr.Fail = f.Line()
			rt.Fatalf("%s", save(t, tr))
		}
	})
}
