package proxyproto

import (
	"encoding/binary"
	"slices"
)

// TLV is the type of a TLV.
type TLV uint8

// The types that concern the header itself, and so one hop. All others are for
// whoever reads them.
const (
	CRC32C TLV = 0x03 // checksum of the header it stands in
	Noop   TLV = 0x04 // filling
)

// tlvHead is what stands before a value.
const tlvHead = 3

// CutTLV takes the first TLV off p, which is not empty. ok is false if p does not
// begin with a whole one; those of a parsed header all are.
func CutTLV(p []byte) (typ TLV, value, rest []byte, ok bool) {
	if len(p) < tlvHead {
		return 0, nil, p, false
	}
	end := tlvHead + int(binary.BigEndian.Uint16(p[1:]))
	if end > len(p) {
		return 0, nil, p, false
	}
	return TLV(p[0]), p[tlvHead:end:end], p[end:], true
}

// AppendTLV appends one TLV, whose value is at most 65535 bytes long.
func AppendTLV(b []byte, typ TLV, value []byte) []byte {
	b = append(b, byte(typ))
	b = binary.BigEndian.AppendUint16(b, uint16(len(value)))
	return append(b, value...)
}

// PassTLVs appends the TLVs that a relay hands on when it writes a header of its
// own: all but the checksum, which is of this header, the filling, and those that
// the relay knows better.
func (h *Header) PassTLVs(b []byte, known ...TLV) []byte {
	for p := h.TLVs; len(p) > 0; {
		typ, value, rest, ok := CutTLV(p)
		if !ok {
			return b
		}
		if typ != CRC32C && typ != Noop && !slices.Contains(known, typ) {
			b = AppendTLV(b, typ, value)
		}
		p = rest
	}
	return b
}

// checkTLVs says whether the TLVs fill a header from at to end, as far as they
// have come, and where the value of the checksum is, 0 being nowhere.
func checkTLVs(p []byte, at, end int) (sum int, fault Fault) {
	for at < end {
		if end-at < tlvHead {
			return 0, BadTLV
		}
		if len(p) < at+tlvHead {
			return sum, 0
		}
		length := int(binary.BigEndian.Uint16(p[at+1:]))
		if length > end-at-tlvHead {
			return 0, BadTLV
		}
		if TLV(p[at]) == CRC32C {
			if sum != 0 || length != 4 {
				return 0, BadTLV
			}
			sum = at + tlvHead
		}
		at += tlvHead + length
	}
	return sum, 0
}
