package proxyproto

import "millrace/core"

// Network is a range of addresses: those that begin like IP. IPv4 networks are
// those of the mapped addresses, so 10.0.0.0/8 has 104 bits. The empty Network
// is every IPv6 address, and no IPv4 one: see Everybody.
type Network struct {
	IP   [16]byte
	Bits int // how many count, of 128
}

// mapped is where IPv4 addresses are. Of the IPv6 networks that are larger none means them:
// who believes ::/0 does not think of every client with an IPv4 address.
var mapped = Network{IP: [16]byte{10: 0xff, 11: 0xff}, Bits: 96}

// Contains says whether a is in the range. Its port does not matter.
func (n Network) Contains(a core.Addr) bool {
	return n.begins(a) && (n.Bits >= mapped.Bits || !mapped.begins(a))
}

// begins says whether a begins like n.
func (n Network) begins(a core.Addr) bool {
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

// Everybody is all networks there are.
func Everybody() Networks { return Networks{{}, mapped} }

// Contain says whether one of them has a.
func (ns Networks) Contain(a core.Addr) bool {
	for _, n := range ns {
		if n.Contains(a) {
			return true
		}
	}
	return false
}
