package proxyproto

import "millrace/core"

// Network is a range of addresses: those that begin like IP. IPv4 networks are
// those of the mapped addresses, so 10.0.0.0/8 has 104 bits.
type Network struct {
	IP   [16]byte
	Bits int // how many count, of 128
}

// Contains says whether a is in the range. Its port does not matter.
func (n Network) Contains(a core.Addr) bool {
	for i := range n.IP {
		left := n.Bits - 8*i
		if left <= 0 {
			return true
		}
		mask := byte(0xff)
		if left < 8 {
			mask <<= 8 - left
		}
		if (n.IP[i]^a.IP[i])&mask != 0 {
			return false
		}
	}
	return true
}

// Networks are the ranges of a rule, as in "a header is read from these".
type Networks []Network

// Contain says whether one of them has a.
func (ns Networks) Contain(a core.Addr) bool {
	for _, n := range ns {
		if n.Contains(a) {
			return true
		}
	}
	return false
}
