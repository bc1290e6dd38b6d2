package traces_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"millrace/core"
	"millrace/sim"
	. "millrace/traces"
)

// TestATapeKeepsTheLastSteps whatever they are: what it has is the end of what a recorder
// without a limit has.
func TestATapeKeepsTheLastSteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all, ring := NewRecorder(1000, 0), NewRing(1000, rapid.IntRange(0, 3*MinRing).Draw(t, "bytes"))
		for range rapid.IntRange(0, 4000).Draw(t, "steps") {
			s := drawnStep(t)
			all.Add(s)
			ring.Add(s)
		}
		want, got := all.Steps(), ring.Steps()
		require.Equal(t, all.Count(), ring.Count())
		require.Equal(t, uint64(len(want)), ring.Skipped()+uint64(len(got)))
		require.Equal(t, want[ring.Skipped():], append([]Step{}, got...))
	})
}

// drawnStep draws a step that a text could hold.
func drawnStep(t *rapid.T) Step {
	text := rapid.SampledFrom([]string{
		"+40µs p0 wait 1ms = 2", "+0s p0 wait never = EINTR", "+0s l0 accept = f2", "+0s f16777215 recv 65536 = 0",
		"+0s b77 socket 3 = EMFILE", "+0s b2 set IN|OUT = OK", "+277h46m40s p0 wait 277h46m40s = 0",
		"+0s f2 open 16384 = 512 dry took 534 said 0", "+0s b2 shake 0 = 0 ETLS took 2147483647 said 7", "+0s p0 event IN",
		"+0s f7 close reset = OK", "+0s f7 send 4611686018427387903 more = 1", "+0s w0 stop", "+0s w0 shed",
	}).Draw(t, "step")
	tr, err := Parse("drawn", []byte("millrace 1\nlive\n"+text+"\n"))
	require.NoError(t, err)
	require.Equal(t, text, tr.Steps[0].String())
	return tr.Steps[0]
}

func TestARingSaysHowOldItIs(t *testing.T) {
	r := NewRing(1000, MinRing)
	b := newBench(r)
	for range 1000 {
		b.round()
	}
	require.Greater(t, r.Skipped(), uint64(1000))
	age := core.Time(r.Age())
	for _, s := range r.Steps() {
		age += core.Time(s.After)
	}
	require.Equal(t, b.k.now-1000, age, "from its first step on the ring knows all time that passed")
}

func TestARingAllocatesNothing(t *testing.T) {
	b := newBench(NewRing(1000, 1<<16))
	b.round()
	require.Zero(t, testing.AllocsPerRun(1000, b.round))
}

func BenchmarkRecordedStep(b *testing.B) {
	for name, r := range map[string]*Recorder{"ring": NewRing(1000, 4<<20), "steps": NewRecorder(1000, 1<<16)} {
		b.Run(name, func(b *testing.B) {
			s := Step{Actor: sim.Front | 77777, Call: CallRecv, Arg: 65536, Answer: 512}
			b.ReportAllocs()
			for b.Loop() {
				r.Add(s)
			}
		})
	}
}
