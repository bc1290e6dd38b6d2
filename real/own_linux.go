package real

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"os"

	"millrace/core"
)

// Two calls of connect() that meet are a connection, and a socket may meet itself:
// its server is on this machine, nobody listens at its port, and the port is the one
// that the kernel has just chosen for the socket. What it is sent is then sent back.
// That is a connection refused. It can only happen to ports that the kernel chooses
// from; for all others nobody is asked.

// mayBeOwn says whether it can happen to sockets that are aimed at an address.
func mayBeOwn(a netip.AddrPort) (bool, error) {
	low, high := 1024, 65535 // where the range cannot be read
	if text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range"); err == nil {
		if _, err := fmt.Fscan(bytes.NewReader(text), &low, &high); err != nil {
			return false, fmt.Errorf("the range of ports: %w", err)
		}
	}
	if port := int(a.Port()); port < low || port > high {
		return false, nil
	}
	ip := a.Addr().Unmap().WithZone("")
	if ip.IsLoopback() || ip.IsUnspecified() {
		return true, nil
	}
	mine, err := net.InterfaceAddrs()
	if err != nil {
		return false, fmt.Errorf("addresses of this machine: %w", err)
	}
	for _, m := range mine {
		if p, err := netip.ParsePrefix(m.String()); err == nil && p.Addr().Unmap().WithZone("") == ip {
			return true, nil
		}
	}
	return false, nil
}

// metItself says whether a socket that connects has the address that it connects to.
func (s *socket) metItself() bool {
	local, e := s.Local()
	to := s.to.addr()
	return e == 0 && local.Port == to.Port && (local.IP == to.IP || written(to).Addr().IsUnspecified())
}

// attempt notes how a first connect() went.
func (s *socket) attempt(e core.Errno) core.Errno {
	first := s.to.own && !s.tried
	s.tried = true
	if first && (e == 0 || e == core.EINPROGRESS) && s.metItself() {
		return core.ECONNREFUSED
	}
	return e
}
