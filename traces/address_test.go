package traces_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	. "millrace/traces"
)

// at is an address of whoever has a number.
func at(n int) core.Addr {
	a := core.Addr{IP: netip.MustParseAddr("192.0.2.0").As16(), Port: uint16(1000 + n)}
	a.IP[15] = byte(n)
	return a
}

// guests is a listener to which another client comes each time.
type guests struct {
	core.Listener
	count uint32
}

func (g *guests) Accept() (core.FD, core.Peer, core.Errno) {
	fd, p, e := g.Listener.Accept()
	g.count++
	p.Label, p.Addr = g.count, at(int(g.count%200))
	return fd, p, e
}

// visited is a recorder, and a bench to which clients come from everywhere.
func visited(bytes int, keep bool) (*Recorder, *bench) {
	r := NewRing(1000, bytes)
	if keep {
		r.KeepAddresses(func(n int) core.Addr { return at(200 + n) })
	}
	b := newBench(r)
	b.l = r.Listener(&guests{Listener: b.k})
	return r, b
}

// TestARingKeepsAddressesIfAskedTo with the steps that they belong to, and as long as those,
// which are the same without.
func TestARingKeepsAddressesIfAskedTo(t *testing.T) {
	for _, rounds := range []int{3, 2000} {
		with, a := visited(4096, true)
		without, b := visited(8192, false)
		for range rounds {
			a.round()
			b.round()
		}
		var kept, plain Trace
		with.Copy().Fill(&kept)
		without.Fill(&plain)
		require.Nil(t, plain.Addresses)
		all := plain.Steps[len(plain.Steps)-len(kept.Steps):]
		require.Equal(t, all, kept.Steps)
		require.Equal(t, with.Count(), kept.Skipped+uint64(len(kept.Steps)))
		accepted := 0
		for _, s := range kept.Steps {
			if label, _ := s.Session(); s.Call == CallAccept {
				accepted++
				known := kept.AddressOf(label)
				require.NotNil(t, known)
				want := at(label % 200)
				require.Equal(t, netip.AddrPortFrom(netip.AddrFrom16(want.IP).Unmap(), want.Port), known.Client)
			} else if s.Call == CallSocket {
				require.Equal(t, "192.0.2.203:1203", kept.AddressOf(label).Server.String())
			}
		}
		require.GreaterOrEqual(t, accepted, 3)
		require.LessOrEqual(t, len(kept.Addresses), accepted+1, "one more had its socket only")
		if rounds > 3 {
			require.Positive(t, kept.Skipped)
		}
	}
}

func TestAddressesAllocateNothing(t *testing.T) {
	_, b := visited(1<<16, true)
	b.round()
	require.Zero(t, testing.AllocsPerRun(1000, b.round))
}

// TestATornAddressIsNone: its first digits are an address too.
func TestATornAddressIsNone(t *testing.T) {
	tr := recorded(0)
	tr.Addresses = []Address{
		{Session: 2, Client: netip.MustParseAddrPort("192.0.2.1:41312"), Server: netip.MustParseAddrPort("[2001:db8::1]:8080")},
		{Session: 7, Client: netip.MustParseAddrPort("192.0.2.2:41312")},
	}
	text := tr.String()
	require.Contains(t, text, "\naddress 2 client=192.0.2.1:41312 server=[2001:db8::1]:8080\naddress 7 client=192.0.2.2:41312\n")
	again, err := Parse("x", []byte(text))
	require.NoError(t, err)
	require.Equal(t, tr, again)
	require.Equal(t, tr, tr.Clone())
	for cut := strings.Index(text, "address 2"); cut < len(text)-1; cut++ {
		torn, err := Parse("x", []byte(text[:cut]))
		require.NoError(t, err, "%q", text[:cut])
		require.NotEmpty(t, torn.Torn, "%q", text[:cut])
		for i, a := range torn.Addresses {
			require.Equal(t, tr.Addresses[i], a, "%q", text[:cut])
		}
	}
	changed, err := Parse("x", []byte(strings.Replace(text, "192.0.2.2", "192.0.2.3", 1)))
	require.NoError(t, err)
	require.Contains(t, changed.Torn, "it was changed")
}
