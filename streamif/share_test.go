package streamif

import (
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/core"
	"millrace/sim"
)

// v4 is an IPv4 address.
func v4(n uint32) core.Addr {
	return core.Addr{IP: [16]byte{10: 0xff, 11: 0xff, 12: byte(n >> 24), 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}}
}

// TestSharesAreCountedAsAMapWouldCountThem: whatever comes and goes in whatever order,
// and however many meet in one place.
func TestSharesAreCountedAsAMapWouldCountThem(t *testing.T) {
	for seed := range uint64(50) {
		r := sim.NewRand(seed)
		s := shares{seed: sim.Mix(seed)}
		want := map[[2]uint64]int{}
		var live [][2]uint64
		for range 3000 {
			if len(live) > 0 && r.Intn(5) < 2 {
				i := r.Intn(len(live))
				k := live[i]
				live = append(live[:i], live[i+1:]...)
				s.give(k)
				if want[k]--; want[k] == 0 {
					delete(want, k)
				}
				continue
			}
			k := clientKey(v4(uint32(r.Intn(200))))
			s.take(k)
			want[k]++
			live = append(live, k)
		}
		require.Equal(t, len(want), s.used)
		for n := range uint32(200) {
			require.Equal(t, want[clientKey(v4(n))], s.of(v4(n)), "seed %d, client %d", seed, n)
		}
		require.LessOrEqual(t, 2*s.used, len(s.slots))
	}
}

func TestAClientIsAnAddressOrASixtyFour(t *testing.T) {
	a := core.Addr{IP: [16]byte{0: 0x20, 1: 1, 7: 1, 15: 1}, Port: 1}
	b := core.Addr{IP: [16]byte{0: 0x20, 1: 1, 7: 1, 8: 9, 15: 2}, Port: 2}
	c := core.Addr{IP: [16]byte{0: 0x20, 1: 1, 7: 2, 15: 1}}
	require.Equal(t, clientKey(a), clientKey(b), "one /64")
	require.NotEqual(t, clientKey(a), clientKey(c))
	require.NotEqual(t, clientKey(v4(1)), clientKey(v4(2)))
	require.NotEqual(t, clientKey(v4(0)), clientKey(core.Addr{}))
	d := v4(7)
	d.Port = 9
	require.Equal(t, clientKey(v4(7)), clientKey(d), "ports are many")
}

// TestAWarmTableOfSharesDoesNotAllocate: sessions come and go for ever.
func TestAWarmTableOfSharesDoesNotAllocate(t *testing.T) {
	var s shares
	keys := make([][2]uint64, 1000)
	for i := range keys {
		keys[i] = clientKey(v4(uint32(i)))
		s.take(keys[i])
	}
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for _, k := range keys {
			s.give(k)
		}
		for _, k := range keys {
			s.take(k)
		}
	}))
}
