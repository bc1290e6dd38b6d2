package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// serverList is whom to relay to.
type serverList struct {
	addrs []netip.AddrPort
	hosts []string // as written
}

// maxServers is how many there may be: a list is looked through to find one that is up, and a
// file that is longer is more likely another file.
const maxServers = 10_000

// longestName is more than any host:port has. What is longer is of another file, and quoted whole
// it would leave no room in a line of the log for what is wrong.
const longestName = 260

// resolve finds out what -to or -to-file means, now. Of an applet the list is
// empty.
func (o *options) resolve() (l serverList, err error) {
	switch {
	case o.toFile != "":
		return o.resolveFile()
	case o.applet != nil:
		return l, nil
	}
	for _, text := range o.to.list {
		if err := l.add(text); err != nil {
			return l, fmt.Errorf("-to %w", err)
		}
	}
	return l, nil
}

// resolveFile reads -to-file. An empty file is more likely a slip of whoever wrote
// it than the wish to serve nobody.
func (o *options) resolveFile() (l serverList, err error) {
	text, err := readFile("to-file", o.toFile)
	if err != nil {
		return l, err
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		line, _, _ = strings.Cut(line, "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		if err := l.add(line); err != nil {
			return l, fmt.Errorf("-to-file %s: line %d: %w", o.toFile, n, err)
		}
	}
	if len(l.addrs) == 0 {
		return l, fmt.Errorf("-to-file %s: there is no server in it", o.toFile)
	}
	return l, nil
}

// add adds one server, host:port.
func (l *serverList) add(text string) error {
	text = strings.TrimSpace(text)
	if len(text) > longestName {
		return fmt.Errorf("%q…: longer than a name and a port", text[:longestName/4])
	}
	a, err := resolveTCP(text)
	switch {
	case err != nil:
		return fmt.Errorf("%q: %w", text, err)
	case !a.Addr().IsValid():
		return fmt.Errorf("%q: no host", text)
	case a.Port() == 0:
		return fmt.Errorf("%q: no port", text)
	case len(l.addrs) == maxServers:
		return fmt.Errorf("%q: more than %d servers", text, maxServers)
	}
	host, _, _ := net.SplitHostPort(text) // it was resolved
	l.addrs, l.hosts = append(l.addrs, a), append(l.hosts, host)
	return nil
}

// resolveTCP converts host:port, where either may be a name. Of a host with
// several addresses it takes one, IPv4 if there is one. The address is invalid
// if there is no host.
func resolveTCP(text string) (netip.AddrPort, error) {
	if strings.HasPrefix(text, "unix:") || strings.Contains(text, "/") {
		return netip.AddrPort{}, errors.New("want host:port; there are no UNIX sockets here")
	}
	a, err := net.ResolveTCPAddr("tcp", text)
	if err != nil {
		var cause *net.AddrError
		if errors.As(err, &cause) {
			return netip.AddrPort{}, errors.New(cause.Err) // the text is quoted already
		}
		return netip.AddrPort{}, err
	}
	ip := a.AddrPort().Addr().Unmap()
	return netip.AddrPortFrom(ip, a.AddrPort().Port()), nil
}

// changes counts what is new in a list and what is gone.
func (l *serverList) changes(now *serverList) (added, gone int) {
	count := map[netip.AddrPort]int{}
	for _, a := range l.addrs {
		count[a]--
	}
	for _, a := range now.addrs {
		count[a]++
	}
	for _, n := range count {
		added, gone = added+max(0, n), gone+max(0, -n)
	}
	return added, gone
}
