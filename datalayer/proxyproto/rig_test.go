package proxyproto

import (
	"bytes"
	"encoding/binary"
	"net/netip"

	"millrace/core"

	"pgregory.net/rapid"
)

// v2 builds a header of version 2 whose length is right.
func v2(command, family byte, body string) string {
	b := append([]byte(signature), command, family)
	return string(binary.BigEndian.AppendUint16(b, uint16(len(body)))) + body
}

// block4 is an IPv4 address block: 1.2.3.4:258 to 5.6.7.8:772.
const block4 = "\x01\x02\x03\x04\x05\x06\x07\x08\x01\x02\x03\x04"

func addr(text string) core.Addr {
	a := netip.MustParseAddrPort(text)
	return core.Addr{IP: a.Addr().As16(), Port: a.Port()}
}

func path(text string) (p [108]byte) {
	copy(p[:], text)
	return p
}

// say parses p and leaves out where.
func say(p []byte) (Verdict, Fault) {
	var h Header
	_, v, fault := Parse(p, &h)
	return v, fault
}

// same compares what two headers say.
func same(a, b Header) bool {
	if !bytes.Equal(a.TLVs, b.TLVs) {
		return false
	}
	a.TLVs, b.TLVs = nil, nil
	return a.Version == b.Version && a.Local == b.Local && a.Family == b.Family && a.Dgram == b.Dgram &&
		a.Src == b.Src && a.Dst == b.Dst && a.SrcPath == b.SrcPath && a.DstPath == b.DstPath
}

// drawHeader draws a header as Parse could have filled it, without a checksum.
func drawHeader(t *rapid.T) Header {
	h := Header{Version: rapid.Uint8Range(1, 2).Draw(t, "version")}
	if h.Version == 1 {
		h.Family = rapid.SampledFrom([]Family{Unspec, IPv4, IPv6}).Draw(t, "family")
	} else {
		h = drawV2(t)
	}
	switch h.Family {
	case IPv4, IPv6:
		h.Src, h.Dst = drawAddr(t, h.Family), drawAddr(t, h.Family)
	case Unix:
		h.SrcPath, h.DstPath = path(rapid.StringN(0, -1, 108).Draw(t, "src")), path(rapid.StringN(0, -1, 108).Draw(t, "dst"))
	}
	return h
}

func drawV2(t *rapid.T) Header {
	h := Header{Version: 2, Local: rapid.Bool().Draw(t, "local")}
	if h.Local {
		return h
	}
	h.Family = rapid.SampledFrom([]Family{Unspec, IPv4, IPv6, Unix}).Draw(t, "family")
	if h.Family != Unspec {
		h.Dgram = rapid.Bool().Draw(t, "dgram")
		h.TLVs = drawTLVs(t)
	}
	return h
}

// drawAddr draws addresses with the zeros in them that IPv6 writes in so many
// ways.
func drawAddr(t *rapid.T, f Family) (a core.Addr) {
	octet := rapid.OneOf(rapid.Just(byte(0)), rapid.SampledFrom([]byte{0, 0, 1, 0xff}), rapid.Byte())
	for i := range a.IP {
		a.IP[i] = octet.Draw(t, "octet")
	}
	if f == IPv4 || rapid.IntRange(0, 9).Draw(t, "mapped") == 0 {
		copy(a.IP[:], prefix4[:])
	}
	a.Port = rapid.Uint16().Draw(t, "port")
	return a
}

func drawTLVs(t *rapid.T) (b []byte) {
	for range rapid.IntRange(0, 4).Draw(t, "tlvs") {
		typ := rapid.OneOf(rapid.Just(Noop), rapid.Map(rapid.Byte(), func(b byte) TLV { return TLV(b) })).
			Filter(func(typ TLV) bool { return typ != CRC32C }).Draw(t, "type")
		b = AppendTLV(b, typ, rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "value"))
	}
	return b
}
