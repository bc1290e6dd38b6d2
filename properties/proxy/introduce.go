package proxy

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"millrace/core"
	"millrace/datalayer"
	"millrace/datalayer/proxyproto"
	"millrace/simfd"
	"millrace/traces/proxytrace"
)

// What a server must be told of a client is printed here once more, after the specification: of
// what the proxy's own package prints it is to be judged whether that is right.

// serverHeader is what the server of session label must get.
func (w *run) serverHeader(label uint32) []byte {
	h := proxyproto.Header{Src: w.kernel.ClientAddr(label), Dst: simfd.FrontAddr, Family: proxyproto.IPv6}
	if four(h.Src) && four(h.Dst) {
		h.Family = proxyproto.IPv4
	}
	if w.claims(label) {
		if c := w.claim(label); c.Family != proxyproto.Unspec {
			h = c
		}
	}
	if w.set[proxytrace.SendProxy] == proxytrace.SendV1 {
		return line(&h)
	}
	var ours []byte
	if w.vouches() {
		ours = vouched(w.identity)
	}
	return binaryHeader(&h, passed(ours, h.TLVs))
}

// vouches says that servers are told what is known of the client's TLS.
func (w *run) vouches() bool {
	return w.set[proxytrace.SendProxy] == proxytrace.SendV2TLS && w.set[proxytrace.ClientTLS] != proxytrace.TLSOff
}

// identities are what clients are known as, those of one world all as the same.
var identities = [...]datalayer.Identity{
	{Version: "TLSv1.3"},
	{Version: "TLSv1.2", Verified: true, Name: "client.example"},
	{Version: "TLSv1.3", Verified: true, Resumed: true, Name: "client.example"},
	{Version: "TLSv1.3", Verified: true},
}

func four(a core.Addr) bool { return netip.AddrFrom16(a.IP).Is4In6() }

// line is a header of version 1, which has words for TCP only.
func line(h *proxyproto.Header) []byte {
	word := map[proxyproto.Family]string{proxyproto.IPv4: "TCP4", proxyproto.IPv6: "TCP6"}[h.Family]
	if word == "" || h.Dgram || h.Local {
		return []byte("PROXY UNKNOWN\r\n")
	}
	src, dst := netip.AddrFrom16(h.Src.IP), netip.AddrFrom16(h.Dst.IP)
	if h.Family == proxyproto.IPv4 {
		src, dst = src.Unmap(), dst.Unmap()
	}
	return fmt.Appendf(nil, "PROXY %s %s %s %d %d\r\n", word, src, dst, h.Src.Port, h.Dst.Port)
}

// binaryHeader is one of version 2.
func binaryHeader(h *proxyproto.Header, tlvs []byte) []byte {
	var addrs []byte
	transport := byte(1) // a stream
	if h.Dgram {
		transport = 2
	}
	switch h.Family {
	case proxyproto.IPv4:
		addrs = append(append(addrs, h.Src.IP[12:]...), h.Dst.IP[12:]...)
	case proxyproto.IPv6:
		addrs = append(append(addrs, h.Src.IP[:]...), h.Dst.IP[:]...)
	case proxyproto.Unix:
		addrs = append(append(addrs, h.SrcPath[:]...), h.DstPath[:]...)
	default:
		transport = 0
	}
	if h.Family == proxyproto.IPv4 || h.Family == proxyproto.IPv6 {
		addrs = binary.BigEndian.AppendUint16(addrs, h.Src.Port)
		addrs = binary.BigEndian.AppendUint16(addrs, h.Dst.Port)
	}
	b := append([]byte("\r\n\r\n\x00\r\nQUIT\n"), 0x21, byte(h.Family)<<4|transport)
	b = binary.BigEndian.AppendUint16(b, uint16(len(addrs)+len(tlvs)))
	return append(append(b, addrs...), tlvs...)
}

// passed are the TLVs that a server gets: ours, and of those that the client's header had what
// is neither of that header itself nor known better here.
func passed(ours, theirs []byte) []byte {
	for len(theirs) > 0 {
		n := 3 + int(theirs[1])<<8 + int(theirs[2])
		hop := theirs[0] == 0x03 || theirs[0] == 0x04
		if !hop && (theirs[0] != 0x20 || len(ours) == 0) {
			ours = append(ours, theirs[:n]...)
		}
		theirs = theirs[n:]
	}
	return ours
}

// vouched is the TLV that tells of a client's TLS: a certificate is of the session, and of the
// connection only if that is where it was shown.
func vouched(i datalayer.Identity) []byte {
	b := []byte{1, 0, 0, 0, 1}
	if i.Verified {
		b = []byte{1 | 4, 0, 0, 0, 0}
		if !i.Resumed {
			b[0] |= 2
		}
	}
	b = append(append(b, 0x21, 0, byte(len(i.Version))), i.Version...)
	if i.Verified && i.Name != "" {
		b = append(append(b, 0x22, 0, byte(len(i.Name))), i.Name...)
	}
	return append([]byte{0x20, 0, byte(len(b))}, b...)
}
