package proxyproto

import (
	"net/netip"
	"testing"

	"millrace/core"

	"github.com/stretchr/testify/require"
)

// TestANetworkContainsWhatItsFirstBitsSay flips every bit under every length.
func TestANetworkContainsWhatItsFirstBitsSay(t *testing.T) {
	ip := addr("[2001:db8:1234:5678:9abc:def0:f00d:cafe]:0").IP
	for bits := range 129 {
		n := Network{IP: ip, Bits: bits}
		require.True(t, n.Contains(core.Addr{IP: ip, Port: 80}))
		for bit := range 128 {
			other := ip
			other[bit/8] ^= 0x80 >> (bit % 8)
			want := netip.PrefixFrom(netip.AddrFrom16(ip), bits).Contains(netip.AddrFrom16(other))
			require.Equal(t, want, n.Contains(core.Addr{IP: other}), "bit %d of /%d", bit, bits)
		}
	}
}

func TestAnIPv4NetworkIsOneOfMappedAddresses(t *testing.T) {
	ns := Networks{{IP: addr("10.0.0.0:0").IP, Bits: 104}, {IP: addr("[2001:db8::]:0").IP, Bits: 32}}
	for _, in := range []string{"10.1.2.3:4", "[::ffff:10.0.0.1]:5", "[2001:db8:ffff::1]:6"} {
		require.True(t, ns.Contain(addr(in)), in)
	}
	for _, out := range []string{"11.1.2.3:4", "[::10.0.0.1]:5", "[2001:db9::1]:6"} {
		require.False(t, ns.Contain(addr(out)), out)
	}
	require.False(t, Networks(nil).Contain(addr("10.0.0.1:1")))
}

// TestAnIPv6NetworkHasNoIPv4Addresses, though all of these lie in ::/0: to believe every IPv6
// client is not to believe every client.
func TestAnIPv6NetworkHasNoIPv4Addresses(t *testing.T) {
	four, six := addr("10.0.0.1:1"), addr("[::fffe:10.0.0.1]:1")
	for bits := range 81 {
		require.False(t, Network{Bits: bits}.Contains(four), "::/%d", bits)
		require.True(t, Network{Bits: bits}.Contains(six), "::/%d", bits)
	}
	require.True(t, Network{IP: four.IP, Bits: 96}.Contains(four), "0.0.0.0/0")
	require.False(t, Network{IP: four.IP, Bits: 96}.Contains(six))
	require.True(t, Everybody().Contain(four))
	require.True(t, Everybody().Contain(six))
}
