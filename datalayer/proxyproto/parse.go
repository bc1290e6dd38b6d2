package proxyproto

import (
	"encoding/binary"
	"hash/crc32"

	"millrace/core"
)

// Parse looks at p, which begins where the stream begins, and fills h if p holds
// a whole header, else clears it.
//
//	Done  the header is p[:n]
//	More  all of p belongs to it: n is len(p), and there is more to come
//	Bad   fault says why, and n is 0
func Parse(p []byte, h *Header) (n int, v Verdict, fault Fault) {
	*h = Header{}
	switch {
	case len(p) == 0:
		return 0, More, 0
	case p[0] == signature[0]:
		n, fault = parseV2(p, h)
	default:
		n, fault = parseV1(p, h)
	}
	switch {
	case fault != 0:
		*h = Header{}
		return 0, Bad, fault
	case n == 0:
		*h = Header{}
		return len(p), More, 0
	}
	return n, Done, 0
}

// parseV2 returns the length of the header, and 0 if it is not all there.
func parseV2(p []byte, h *Header) (n int, fault Fault) {
	body, fault := parseFixed(p, h)
	if fault != 0 || len(p) < fixed {
		return 0, fault
	}
	n = fixed + int(binary.BigEndian.Uint16(p[14:]))
	if h.Family == Unspec {
		if len(p) < n {
			return 0, 0
		}
		return n, 0
	}
	if n < fixed+body {
		return 0, BadLength
	}
	sum, fault := checkTLVs(p, fixed+body, n)
	if fault != 0 || len(p) < n {
		return 0, fault
	}
	if sum != 0 && binary.BigEndian.Uint32(p[sum:]) != checksum(p[:n], sum) {
		return 0, BadChecksum
	}
	h.addresses(p[fixed:])
	if fixed+body < n {
		h.TLVs = p[fixed+body : n : n]
	}
	return n, 0
}

// parseFixed reads as much of the first 16 bytes as is there, and returns how
// long the address block must be.
func parseFixed(p []byte, h *Header) (body int, fault Fault) {
	for i := range min(len(p), len(signature)) {
		if p[i] != signature[i] {
			return 0, NotProxy
		}
	}
	h.Version = 2
	if len(p) > 12 {
		switch p[12] {
		case 0x20:
			h.Local = true
		case 0x21:
		default:
			if p[12]>>4 != 2 {
				return 0, BadVersion
			}
			return 0, BadCommand
		}
	}
	if len(p) > 13 && !h.Local {
		family, transport := p[13]>>4, p[13]&15
		if family > uint8(Unix) || transport > 2 {
			return 0, BadFamily
		}
		if transport != 0 && family != 0 {
			h.Family, h.Dgram = Family(family), transport == 2
		}
	}
	// The first byte of the length alone may be too much.
	if len(p) > 14 {
		length := int(p[14]) << 8
		if len(p) > 15 {
			length |= int(p[15])
		}
		if fixed+length > MaxV2 {
			return 0, TooLong
		}
	}
	return addresses[h.Family], 0
}

// addresses reads the address block.
func (h *Header) addresses(p []byte) {
	switch h.Family {
	case IPv4:
		h.Src = core.Addr{IP: mapV4(p[0:4]), Port: binary.BigEndian.Uint16(p[8:])}
		h.Dst = core.Addr{IP: mapV4(p[4:8]), Port: binary.BigEndian.Uint16(p[10:])}
	case IPv6:
		h.Src = core.Addr{IP: [16]byte(p[0:16]), Port: binary.BigEndian.Uint16(p[32:])}
		h.Dst = core.Addr{IP: [16]byte(p[16:32]), Port: binary.BigEndian.Uint16(p[34:])}
	case Unix:
		h.SrcPath, h.DstPath = [108]byte(p[0:108]), [108]byte(p[108:216])
	}
}

func mapV4(p []byte) (ip [16]byte) {
	copy(ip[:], prefix4[:])
	copy(ip[12:], p)
	return ip
}

// castagnoli is the polynomial of CRC32C.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// noSum stands where the checksum will be while it is computed.
var noSum [4]byte

// checksum is the CRC32C of a header whose checksum is at sum.
func checksum(p []byte, sum int) uint32 {
	c := crc32.Update(0, castagnoli, p[:sum])
	c = crc32.Update(c, castagnoli, noSum[:])
	return crc32.Update(c, castagnoli, p[sum+4:])
}
