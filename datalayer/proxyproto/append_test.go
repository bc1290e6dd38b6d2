package proxyproto

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestWhatIsPrintedParsesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawHeader(t)
		printed := func(p []byte) (h Header) {
			require.Equal(t, "before", string(p[:6]))
			n, v, fault := Parse(p[6:], &h)
			require.Equal(t, Done, v, fault)
			require.Equal(t, len(p)-6, n)
			return h
		}
		h := printed(want.Append([]byte("before")))
		require.True(t, same(want, h), "%+v, not %+v", h, want)
		h = printed(want.AppendWithChecksum([]byte("before")))
		if want.Family != Unspec {
			want.TLVs = append(want.TLVs, h.TLVs[len(want.TLVs):]...)
			require.Equal(t, byte(CRC32C), want.TLVs[len(want.TLVs)-7])
		}
		want.Version = 2
		require.True(t, same(want, h), "%+v, not %+v", h, want)
	})
}

func TestVersion1HasNoWordsButForTCP(t *testing.T) {
	tcp := Header{Version: 1, Family: IPv4, Src: addr("1.2.3.4:5"), Dst: addr("6.7.8.9:10")}
	require.Equal(t, "PROXY TCP4 1.2.3.4 6.7.8.9 5 10\r\n", string(tcp.Append(nil)))
	tcp.Family = IPv6
	require.Equal(t, "PROXY TCP6 ::ffff:1.2.3.4 ::ffff:6.7.8.9 5 10\r\n", string(tcp.Append(nil)))
	udp, local := tcp, tcp
	udp.Dgram, local.Local = true, true
	for _, h := range []Header{udp, local, {Version: 1}, {Version: 1, Family: Unix}} {
		require.Equal(t, "PROXY UNKNOWN\r\n", string(h.Append(nil)))
	}
}

func TestWhoSpeaksForHimselfPrintsNoAddresses(t *testing.T) {
	h := Header{Version: 2, Local: true, Family: IPv4, Dgram: true, Src: addr("1.2.3.4:5"), TLVs: []byte("\x05\x00\x02id")}
	require.Equal(t, v2(0x20, 0x00, "\x05\x00\x02id"), string(h.Append(nil)))
}

func TestTLVsThatDoNotFitAreLeftOut(t *testing.T) {
	h := Header{Version: 2, Family: IPv4, Src: addr("1.2.3.4:258"), Dst: addr("5.6.7.8:772")}
	bare, room := v2(0x21, 0x11, block4), MaxV2-fixed-len(block4)
	h.TLVs = AppendTLV(nil, 0xe0, make([]byte, room-tlvHead))
	p := h.Append(nil)
	require.Len(t, p, MaxV2)
	v, fault := say(p)
	require.Equal(t, Done, v, fault)
	require.Len(t, h.AppendWithChecksum(nil), len(bare)+7)
	h.TLVs = AppendTLV(nil, 0xe0, make([]byte, room-tlvHead+1))
	require.Equal(t, bare, string(h.Append(nil)))
}

func TestAChecksumThatIsThereNeedsNoMoreRoom(t *testing.T) {
	h := Header{Version: 2, Family: IPv4}
	h.TLVs = AppendTLV(AppendTLV(nil, CRC32C, noSum[:]), 0xe0, make([]byte, MaxV2-fixed-len(block4)-7-tlvHead))
	p := h.AppendWithChecksum(nil)
	require.Len(t, p, MaxV2)
	v, fault := say(p)
	require.Equal(t, Done, v, fault)
}

func TestTLVsArePassedOnWithoutChecksumAndFilling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := Header{Version: 2, Family: IPv6, TLVs: drawTLVs(t)}
		want := h.PassTLVs(nil)
		var all, others Header
		_, v, fault := Parse(h.AppendWithChecksum(nil), &all)
		require.Equal(t, Done, v, fault)
		require.Equal(t, want, all.PassTLVs(nil))
		others.TLVs = want
		require.True(t, bytes.Equal(want, others.PassTLVs(nil)), "what is passed on is passed on")
		for p := want; len(p) > 0; {
			typ, _, rest, ok := CutTLV(p)
			require.True(t, ok)
			require.NotContains(t, []TLV{CRC32C, Noop}, typ)
			p = rest
		}
	})
	h := Header{TLVs: []byte("\x01\x00\x01a\x04\x00\x02..\x03\x00\x04summ\x02\x00\x01b")}
	require.Equal(t, "for\x01\x00\x01a\x02\x00\x01b", string(h.PassTLVs([]byte("for"))))
}

func TestHalfATLVIsNone(t *testing.T) {
	for _, p := range []string{"", "\x01\x00", "\x01\x00\x01", "\x01\x01\x00x"} {
		_, _, rest, ok := CutTLV([]byte(p))
		require.False(t, ok)
		require.Equal(t, p, string(rest))
	}
	h := Header{TLVs: []byte("\x01\x00\x01a\x02\x00\x02b")}
	require.Equal(t, "\x01\x00\x01a", string(h.PassTLVs(nil)))
}
