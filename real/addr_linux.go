package real

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"

	"millrace/core"
)

// sockaddr is an address in the kernel's form.
type sockaddr struct {
	raw unix.RawSockaddrAny
	len uint32
	own bool // a socket may get this for its own address, if nobody listens there
}

// newSockaddr converts an address. An IPv4 address mapped into IPv6 counts as
// IPv4. The zone of a link-local address must be an interface's name or number.
func newSockaddr(a netip.AddrPort) (sockaddr, error) {
	var sa sockaddr
	ip := a.Addr().Unmap()
	switch {
	case !ip.IsValid():
		return sa, fmt.Errorf("no valid address")
	case ip.Is4():
		in := (*unix.RawSockaddrInet4)(unsafe.Pointer(&sa.raw))
		in.Family = unix.AF_INET
		in.Port = bigEndian(a.Port())
		in.Addr = ip.As4()
		sa.len = unix.SizeofSockaddrInet4
	default:
		zone, err := zoneIndex(ip.Zone())
		if err != nil {
			return sa, err
		}
		in := (*unix.RawSockaddrInet6)(unsafe.Pointer(&sa.raw))
		in.Family = unix.AF_INET6
		in.Port = bigEndian(a.Port())
		in.Addr = ip.As16()
		in.Scope_id = zone
		sa.len = unix.SizeofSockaddrInet6
	}
	return sa, nil
}

func zoneIndex(zone string) (uint32, error) {
	if zone == "" {
		return 0, nil
	}
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n), nil
	}
	ifi, err := net.InterfaceByName(zone)
	if err != nil {
		return 0, fmt.Errorf("zone %s: %w", zone, err)
	}
	return uint32(ifi.Index), nil
}

// family returns AF_INET or AF_INET6.
func (sa *sockaddr) family() int { return int(sa.raw.Addr.Family) }

// addr returns the address in core's form.
func (sa *sockaddr) addr() (p core.Addr) {
	switch sa.family() {
	case unix.AF_INET:
		in := (*unix.RawSockaddrInet4)(unsafe.Pointer(&sa.raw))
		p.IP[10], p.IP[11] = 0xff, 0xff
		copy(p.IP[12:], in.Addr[:])
		p.Port = bigEndian(in.Port)
	case unix.AF_INET6:
		in := (*unix.RawSockaddrInet6)(unsafe.Pointer(&sa.raw))
		p.IP = in.Addr
		p.Port = bigEndian(in.Port)
	}
	return p
}

// written returns an address as it is usually written.
func written(p core.Addr) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom16(p.IP).Unmap(), p.Port)
}

// bigEndian converts a port between the machine's and the network's byte order.
func bigEndian(port uint16) uint16 {
	b := (*[2]byte)(unsafe.Pointer(&port))
	return uint16(b[0])<<8 | uint16(b[1])
}
