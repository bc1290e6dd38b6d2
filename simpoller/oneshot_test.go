package simpoller

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/sim"
)

func TestAOneShotIsOneReportForEachSet(t *testing.T) {
	d := newDeck(false, sim.Benign{})
	d.Oneshot = true
	fd := d.connect(t, in)
	d.say(0, 10)
	require.Equal(t, "fd0.1 IN", d.wait(9))
	require.Equal(t, "-", d.wait(9), "reported twice")
	woken := d.woken
	d.say(0, 10)
	d.peers[0].Close(true)
	d.run()
	require.Equal(t, "-", d.wait(9), "reported without having been asked")
	require.Equal(t, woken, d.woken)
	d.set(fd, 1, in, core.EvOut)
	require.Equal(t, "fd0.1 OUT|ERR|HUP", d.wait(9))
}

// TestFaultsLeaveAOneShotOne: neither halves of a report nor invented ones are more
// than one report.
func TestFaultsLeaveAOneShotOne(t *testing.T) {
	for seed := range uint64(200) {
		rates := sim.Rates{}
		for _, op := range []sim.Op{sim.OpSplit, sim.OpSpurious, sim.OpLate, sim.OpRotate, sim.OpTruncate} {
			rates[op] = 1 << 15
		}
		d := newDeck(false, &sim.Seeded{Seed: seed, Rates: rates})
		d.Oneshot = true
		d.connect(t, both)
		d.say(0, 10)
		said := 0
		for range 20 {
			if d.wait(9) != "-" {
				said++
			}
		}
		require.Equal(t, 1, said, "seed %d", seed)
	}
}
