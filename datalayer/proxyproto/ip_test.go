package proxyproto

import (
	"net/netip"
	"strings"
	"testing"

	"millrace/core"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// drawAddressText draws what is, or is almost, an IPv6 address.
func drawAddressText(t *rapid.T) string {
	text := rapid.OneOf(
		rapid.StringOfN(rapid.RuneFrom([]rune(":::01aF.")), 0, 45, -1),
		rapid.StringMatching(`([0-9a-f]{1,4}:){1,7}(:?[0-9a-fA-F]{1,4}){1,6}`),
		rapid.StringMatching(`([0-9a-f]{1,2}:){0,6}:?((1?[0-9]{1,2}|2[0-5][0-9])\.){3}[0-9]{1,2}`),
		rapid.StringMatching(`(0:){0,7}:?(:0){0,7}`),
		rapid.Custom(func(t *rapid.T) string { return netip.AddrFrom16(drawAddr(t, IPv6).IP).String() }),
	).Draw(t, "text")
	if len(text) > 0 && rapid.Bool().Draw(t, "change") {
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		text = text[:at] + rapid.SampledFrom([]string{"", ":", "0", "1:", ".", "f"}).Draw(t, "by") + text[at+1:]
	}
	return text
}

func TestIPv6AddressesAreReadAsNetipReadsThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawAddressText(t)
		want, err := netip.ParseAddr(text)
		var a core.Addr
		l := line{p: []byte(text + " ")}
		ok := l.address(IPv6, &a)
		require.Equal(t, err == nil && want.Is6(), ok, "%q", text)
		if ok {
			require.Equal(t, want.As16(), a.IP, "%q", text)
		}
	})
}

func TestIPv4AddressesAreReadAsNetipReadsThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`([0-9]{0,2}|1?[0-9]{1,2}|2[0-6][0-9])(\.([1-9][0-9]{0,1}|1[0-9]{1,2}|2[0-5][0-9])){2,3}(\.0|\.|)`).Draw(t, "text")
		want, err := netip.ParseAddr(text)
		var a core.Addr
		l := line{p: []byte(text + " ")}
		ok := l.address(IPv4, &a)
		require.Equal(t, err == nil, ok, "%q", text)
		if ok {
			require.Equal(t, want.As16(), a.IP, "%q", text)
		}
	})
}

func TestAddressesArePrintedAsNetipPrintsThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawAddr(t, IPv6)
		want := netip.AddrFrom16(a.IP)
		require.Equal(t, want.String(), string(appendGroups(nil, &a.IP)))
		require.Equal(t, netip.AddrFrom4([4]byte(a.IP[12:])).String(), string(appendQuad(nil, a.IP[12:])))
	})
}

// endings complete whatever can become a line of addresses, if it is tried in
// all places.
func endings() (list []string) {
	var address []string
	for _, first := range []string{"", "0", ":"} {
		for k := range 8 {
			address = append(address, first+strings.Repeat(":0", k), first+strings.Repeat(".0", min(k, 3)))
		}
	}
	for _, fields := range []string{" ::1 1 2\r\n", " 1.2.3.4 1 2\r\n", " 1 2\r\n", " 2\r\n", "\r\n"} {
		for _, a := range address {
			list = append(list, a+fields)
		}
	}
	return append(list, "\n")
}

// TestWhatIsNotRefusedCanStillBecomeAHeader: More is said of nothing else, as
// long as the line is not so long that only its length is against it.
func TestWhatIsNotRefusedCanStillBecomeAHeader(t *testing.T) {
	list := endings()
	rapid.Check(t, func(t *rapid.T) {
		begin := "PROXY TCP6 "
		if rapid.Bool().Draw(t, "second") {
			begin += "::1 "
		}
		begin += drawAddressText(t)
		begin += rapid.SampledFrom([]string{"", " ", " 0", " 6553", " 1 ", " 1 65535", " 1 2\r"}).Draw(t, "behind")
		if v, _ := say([]byte(begin)); v != More {
			t.Skip("refused")
		}
		for _, end := range list {
			if v, fault := say([]byte(begin + end)); v == Done || fault == TooLong {
				return
			}
		}
		t.Fatalf("%q begins nothing", begin)
	})
}
