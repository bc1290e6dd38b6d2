package proxyproto

import (
	"encoding/binary"
	"strconv"
)

// Append prints the header behind b, as version 1 if that is h.Version and else
// as version 2. Parse accepts what it prints.
//
// Version 1 has words for TCP only; anything else becomes UNKNOWN. Version 2 has
// h.TLVs as they are, so a checksum among them is right only if the header is the
// one it was parsed from. TLVs too long for MaxV2 are left out: a length that is
// wrong would make the client's bytes of them.
func (h *Header) Append(b []byte) []byte {
	if h.Version == 1 {
		return h.appendV1(b)
	}
	return h.appendV2(b, 0)
}

// AppendWithChecksum prints a header of version 2, whatever h.Version says, with a
// checksum: where h.TLVs has one, else behind them.
func (h *Header) AppendWithChecksum(b []byte) []byte {
	from, room := len(b), 0
	if sum, _ := checkTLVs(h.TLVs, 0, len(h.TLVs)); sum == 0 {
		room = tlvHead + len(noSum)
	}
	b = h.appendV2(b, room)
	sum, _ := checkTLVs(b, from+fixed+addresses[h.family()], len(b))
	if sum == 0 {
		sum = len(b) + tlvHead
		b = AppendTLV(b, CRC32C, noSum[:])
		binary.BigEndian.PutUint16(b[from+14:], uint16(len(b)-from-fixed))
	}
	binary.BigEndian.PutUint32(b[sum:], checksum(b[from:], sum-from))
	return b
}

// family is the one that is printed: who speaks for himself has none.
func (h *Header) family() Family {
	if h.Local {
		return Unspec
	}
	return h.Family
}

func (h *Header) appendV1(b []byte) []byte {
	f := h.family()
	if h.Dgram || f != IPv4 && f != IPv6 {
		return append(b, "PROXY UNKNOWN\r\n"...)
	}
	if f == IPv4 {
		b = append(b, "PROXY TCP4 "...)
		b = append(appendQuad(b, h.Src.IP[12:]), ' ')
		b = append(appendQuad(b, h.Dst.IP[12:]), ' ')
	} else {
		b = append(b, "PROXY TCP6 "...)
		b = append(appendGroups(b, &h.Src.IP), ' ')
		b = append(appendGroups(b, &h.Dst.IP), ' ')
	}
	b = append(strconv.AppendUint(b, uint64(h.Src.Port), 10), ' ')
	b = strconv.AppendUint(b, uint64(h.Dst.Port), 10)
	return append(b, "\r\n"...)
}

// appendV2 leaves room for so many bytes more.
func (h *Header) appendV2(b []byte, room int) []byte {
	f := h.family()
	command, transport := byte(0x21), byte(1)
	if h.Local {
		command = 0x20
	}
	if h.Dgram {
		transport = 2
	}
	if f == Unspec {
		transport = 0
	}
	tlvs := h.TLVs
	if fixed+addresses[f]+len(tlvs)+room > MaxV2 {
		tlvs = nil
	}
	b = append(b, signature...)
	b = append(b, command, byte(f)<<4|transport)
	b = binary.BigEndian.AppendUint16(b, uint16(addresses[f]+len(tlvs)))
	switch f {
	case IPv4:
		b = append(append(b, h.Src.IP[12:]...), h.Dst.IP[12:]...)
	case IPv6:
		b = append(append(b, h.Src.IP[:]...), h.Dst.IP[:]...)
	case Unix:
		b = append(append(b, h.SrcPath[:]...), h.DstPath[:]...)
	}
	if f == IPv4 || f == IPv6 {
		b = binary.BigEndian.AppendUint16(b, h.Src.Port)
		b = binary.BigEndian.AppendUint16(b, h.Dst.Port)
	}
	return append(b, tlvs...)
}
