package real

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAPanicEndsTheWorkerWithItsStack(t *testing.T) {
	cfg := config(true, anyPort)
	cfg.Record = 100
	ln := bind(t)
	w, err := NewWorker(3, cfg, ln)
	require.NoError(t, err)
	over := make(chan error, 1)
	go func() { over <- w.Run() }()
	w.Do(func() { panic("on purpose") })
	var p *Panic
	require.ErrorAs(t, <-over, &p)
	require.EqualError(t, p, "worker 3: panic: on purpose")
	require.Contains(t, string(p.Stack), "panic_linux_test.go:")
	require.Equal(t, p.Error(), w.rec.trace.Fail)
	require.Zero(t, ln.Close())
}

// TestAWorkerThatCannotEvenEndIsStillAResult: what broke first is told.
func TestAWorkerThatCannotEvenEndIsStillAResult(t *testing.T) {
	cfg := config(true, anyPort)
	cfg.Record = 100
	w, err := NewWorker(0, cfg, bind(t))
	require.NoError(t, err)
	over := make(chan error, 1)
	go func() { over <- w.Run() }()
	w.Do(func() {
		w.pub.values = nil
		panic("on purpose")
	})
	require.EqualError(t, <-over, "worker 0: panic: on purpose")
	tr, err := w.Recorded(10 * time.Millisecond) // it will not answer: what it has is taken from it
	require.NoError(t, err)
	require.Equal(t, "worker 0: panic: on purpose", tr.Fail)
}

// TestNobodyWaitsForAnErrandThatAPanicEnded, nor for those that would have come behind it.
func TestNobodyWaitsForAnErrandThatAPanicEnded(t *testing.T) {
	ln := bind(t)
	w, err := NewWorker(0, config(true, anyPort), ln)
	require.NoError(t, err)
	first := w.Do(func() { panic("on purpose") })
	second := w.Do(func() {})
	require.EqualError(t, w.Run(), "worker 0: panic: on purpose")
	for i, done := range []<-chan struct{}{first, second} {
		select {
		case <-done:
		default:
			require.Fail(t, "somebody waits for ever", "errand %d", i)
		}
	}
	require.Zero(t, ln.Close())
}

// TestAPulseTellsAHangFromIdleness: a loop that waits for the kernel rests, and one
// that is at work beats with every round.
func TestAPulseTellsAHangFromIdleness(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		r := start(t, config(edge, anyPort))
		rests := func() bool {
			_, waits := r.Pulse()
			return waits
		}
		require.Eventually(t, func() bool { return r.Thread() != 0 }, patience, time.Millisecond)
		require.Eventually(t, rests, patience, time.Millisecond)
		before, _ := r.Pulse()
		gate, inside := make(chan struct{}), make(chan struct{})
		done := r.Do(func() {
			close(inside)
			<-gate
		})
		<-inside
		first, waits := r.Pulse()
		require.False(t, waits)
		require.NotEqual(t, before, first)
		time.Sleep(20 * time.Millisecond)
		second, _ := r.Pulse()
		require.Equal(t, first, second)
		close(gate)
		<-done
		require.Eventually(t, rests, patience, time.Millisecond)
		require.NoError(t, r.stop(t))
		require.True(t, rests(), "it does not run")
		require.Zero(t, r.Thread())
	})
}
