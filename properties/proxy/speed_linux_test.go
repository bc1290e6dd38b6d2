package proxy

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"millrace/properties"
	"millrace/sim"
)

// How fast worlds are is said in yards, so that it is the same number on any machine and
// beside any neighbours: a yard is a call through an interface and what it draws from a
// PCG, some 80 million a second. Work and yards take turns within each benchmark, and what
// counts is the time of the processor.

// ruler is the yardstick. What is in it the compiler does not know here.
var ruler interface{ IntN(n int) int } = rand.New(rand.NewPCG(1, 2))

// meter measures work in yards.
type meter struct {
	worked, walked time.Duration
	yards          int
	since          time.Duration
	sum            int //  so that the draws are made
}

// lap is how many yards are walked between two stretches of work: some milliseconds.
const lap = 200_000

// begin starts a stretch of work.
func (m *meter) begin() { m.since = processor() }

// end ends it, and walks.
func (m *meter) end() {
	now := processor()
	m.worked += now - m.since
	for range lap {
		m.sum += ruler.IntN(1000)
	}
	m.walked += processor() - now
	m.yards += lap
}

// took returns the work so far in yards.
func (m *meter) took() float64 {
	return float64(m.worked) * float64(m.yards) / max(float64(m.walked), 1)
}

// processor is how long this process has computed.
func processor() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		panic(err)
	}
	return time.Duration(t.Nano())
}

// measure does something again and again, a stretch of times between two laps.
func measure(b *testing.B, stretch int, do func()) *meter {
	m := new(meter)
	b.ReportAllocs()
	b.ResetTimer()
	for done := 0; done < b.N; {
		m.begin()
		for range min(stretch, b.N-done) {
			do()
			done++
		}
		m.end()
	}
	return m
}

// BenchmarkWorlds runs drawn worlds, as a hunt does, and worlds of one short session.
func BenchmarkWorlds(b *testing.B) {
	report := func(b *testing.B, w *properties.World, m *meter) {
		var t properties.Totals
		w.Flush(&t)
		b.ReportMetric(float64(t.Calls)/m.took(), "calls/yard")
		b.ReportMetric(m.took()/float64(b.N), "yards/world")
		b.ReportMetric(float64(t.Steps)/float64(b.N), "steps/world")
	}
	b.Run("drawn", func(b *testing.B) {
		w, seed := properties.NewWorld(Program), uint64(0)
		report(b, w, measure(b, 16, func() {
			seed++
			w.Hunt(seed)
		}))
	})
	b.Run("short", func(b *testing.B) {
		w, src := properties.NewWorld(Program), &sim.Seeded{Rates: someRates()}
		tr := parse(b, "world\nsession 0 client=send:100,recv:100,close\n")
		report(b, w, measure(b, 64, func() {
			src.Seed++
			if f := w.Run(tr, src, properties.Options{}); f != nil {
				b.Fatal(f)
			}
		}))
	})
}

// someRates are those of a network in which harmless things happen.
func someRates() (rates sim.Rates) {
	for _, op := range harmless {
		rates[op] = 300
	}
	return rates
}

// crowd is a world of so many sessions, of which so many are busy and the others idle.
func crowd(b testing.TB, sessions, busy int, settings string) *properties.World {
	var text strings.Builder
	fmt.Fprintf(&text, "world files=1000000 maxconn=1000000 queue=65536 client-timeout=1h server-timeout=1h %s\n", settings)
	for i := range sessions {
		if i < busy {
			fmt.Fprintf(&text, "session %d client=send:100000000000,close server=send:100000000000,close\n", i)
		} else {
			fmt.Fprintf(&text, "session %d client=send:1,recv:1,eof,close\n", i)
		}
	}
	w := properties.NewWorld(Program)
	w.Begin(parse(b, text.String()), &sim.Seeded{Seed: 1, Rates: someRates()}, properties.Options{})
	for w.Sim().Now() < 20*sim.Millisecond {
		w.Sim().Step()
	}
	return w
}

// BenchmarkSteps takes single steps in worlds with few and many sessions, one of which is
// busy, or all: what nobody touches is to cost nothing.
func BenchmarkSteps(b *testing.B) {
	for _, kind := range []string{"idle", "busy"} {
		for _, n := range []int{1, 10, 100, 1000} {
			b.Run(fmt.Sprintf("%s/%d", kind, n), func(b *testing.B) {
				busy := n
				if kind == "idle" {
					busy = 1
				}
				w := crowd(b, n, busy, "bufsize=1000 sndbuf=4000 rcvbuf=4000 segment=500")
				before := calls(w)
				m := measure(b, 8192, func() { w.Sim().Step() })
				if f := w.Failed(); f != nil {
					b.Fatal(f)
				}
				b.ReportMetric(m.took()/float64(b.N), "yards/step")
				b.ReportMetric(float64(calls(w)-before)/m.took(), "calls/yard")
				w.Abandon()
			})
		}
	}
}

// calls is how many calls the program made.
func calls(w *properties.World) uint64 {
	return w.Kernel().Stats.Calls + w.Epoll().Stats.Sets + w.Epoll().Stats.Waits
}

// BenchmarkMemory says how much of it an idle session takes, and a busy one.
func BenchmarkMemory(b *testing.B) {
	const n = 1000
	for _, busy := range []int{0, n} {
		b.Run([...]string{"idle", "busy"}[busy/n], func(b *testing.B) {
			var w *properties.World
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			for b.Loop() {
				w = crowd(b, n, busy, "")
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "B/session")
			if got := w.Kernel().Open(); got < 2*n {
				b.Fatal("not all sessions are there: ", got)
			}
		})
	}
}
