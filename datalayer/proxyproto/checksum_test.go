package proxyproto

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// loadBalancer is a header of an AWS network load balancer, which its makers give
// as an example: a checksum that somebody else computed.
const loadBalancer = signature + "\x21\x11\x00\x54" +
	"\xac\x1f\x07\x71\xac\x1f\x0a\x1f\xc8\xf2\x00\x50" +
	"\x03\x00\x04\xe8\xd6\x89\x2d" +
	"\xea\x00\x17\x01vpce-08d2bf15fac5001c9" +
	"\x04\x00\x24\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

func TestTheChecksumIsTheOneThatOthersCompute(t *testing.T) {
	var h Header
	_, v, fault := Parse([]byte(loadBalancer), &h)
	require.Equal(t, Done, v, fault)
	h.TLVs = append([]byte(nil), h.TLVs...)
	copy(h.TLVs[tlvHead:], "summ")
	require.Equal(t, loadBalancer, string(h.AppendWithChecksum(nil)))
}

// checksummed is a header with a checksum, and where its parts are.
type checksummed struct {
	p      []byte
	framed []bool // for each byte, whether it decides where the checksum is looked for
}

func drawChecksummed(t *rapid.T) (c checksummed) {
	h := drawHeader(t)
	h.Version, h.Local = 2, false
	if h.Family == Unspec {
		h.Family = IPv4
	}
	if rapid.Bool().Draw(t, "in front") {
		h.TLVs = append(AppendTLV(nil, CRC32C, noSum[:]), h.TLVs...)
	}
	c.p = h.AppendWithChecksum(nil)
	c.framed = make([]bool, len(c.p))
	for i := range fixed {
		c.framed[i] = true
	}
	for at := fixed + addresses[h.Family]; at < len(c.p); {
		_, value, _, _ := CutTLV(c.p[at:])
		for range tlvHead {
			c.framed[at] = true
			at++
		}
		at += len(value)
	}
	return c
}

// TestOneWrongByteInAChecksummedHeaderIsNoticed: CRC32C finds every one, if it is
// looked for. A byte that says where to look can hide it: the command that becomes
// LOCAL, a family or a length that moves the TLVs, the type of the checksum.
// What is read then has no checksum in it, or is none of the addresses.
func TestOneWrongByteInAChecksummedHeaderIsNoticed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawChecksummed(t)
		v, fault := say(c.p)
		require.Equal(t, Done, v, fault)
		at := rapid.IntRange(0, len(c.p)-1).Draw(t, "at")
		c.p[at] ^= rapid.ByteRange(1, 255).Draw(t, "flip")
		var h Header
		_, v, fault = Parse(c.p, &h)
		if !c.framed[at] {
			require.Equal(t, Bad, v)
			require.Equal(t, BadChecksum, fault)
			return
		}
		if v == Done {
			sum, fault := checkTLVs(h.TLVs, 0, len(h.TLVs))
			require.Zero(t, fault)
			require.Zero(t, sum, "byte %d is wrong, and the checksum says nothing", at)
		}
	})
}

// TestNoChecksumIsLookedForWhereNothingIsRead: a sender may put one there, and a
// wrong one is not noticed.
func TestNoChecksumIsLookedForWhereNothingIsRead(t *testing.T) {
	for _, h := range []Header{{Version: 2, Local: true}, {Version: 2}} {
		p := h.AppendWithChecksum(nil)
		require.Len(t, p, fixed+7)
		require.NotEqual(t, noSum[:], p[fixed+3:])
		p[len(p)-1] ^= 1
		v, fault := say(p)
		require.Equal(t, Done, v, fault)
	}
}
