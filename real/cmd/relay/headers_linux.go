package main

import (
	"errors"
	"flag"
	"fmt"
	"net/netip"

	"millrace/core"
	"millrace/datalayer/proxyproto"
)

// headerOptions is what the command line says of PROXY headers.
type headerOptions struct {
	accept  list
	send    string
	trusted *proxyproto.Networks // what accept says; nil is nobody
	version uint8                // what send says; 0 is none
	tls     bool                 // and whether it tells of TLS
}

func (h *headerOptions) define(fs *flag.FlagSet) {
	fs.Var(&h.accept, "accept-proxy",
		"clients from these `networks` begin with a PROXY header, version 1 or 2, which says who they speak for; all, or 10.0.0.0/8,::1,..., or several by -accept-proxy again; an IPv6 network has no IPv4 client")
	fs.StringVar(&h.send, "send-proxy", "",
		"begin each connection to a server with a PROXY header that says who the client is; its `version`, v1, v2, or v2-ssl-cn, which says what its TLS and the name in its certificate are, too")
}

// check understands the options given.
func (h *headerOptions) check() error {
	switch h.send {
	case "":
	case "v1":
		h.version = 1
	case "v2":
		h.version = 2
	case "v2-ssl-cn":
		h.version, h.tls = 2, true
	default:
		return fmt.Errorf("-send-proxy %q: want v1, v2 or v2-ssl-cn", h.send)
	}
	if len(h.accept) == 0 {
		return nil
	}
	h.trusted = new(proxyproto.Networks)
	for _, text := range h.accept {
		list, err := networks(text)
		if err != nil {
			return fmt.Errorf("-accept-proxy %q: %w", text, err)
		}
		*h.trusted = append(*h.trusted, list...)
	}
	return nil
}

// networks reads a network, an address, or all. Who may claim to be anybody should
// be written without doubt: bits behind the prefix are more likely a slip than
// an intention.
func networks(text string) (proxyproto.Networks, error) {
	if text == "all" {
		return proxyproto.Everybody(), nil
	}
	p, err := netip.ParsePrefix(text)
	a, e := netip.ParseAddr(text)
	if e == nil {
		p, err = netip.PrefixFrom(a, a.BitLen()), nil
	}
	switch {
	case err != nil:
		return nil, errors.New("want an address, a network such as 10.0.0.0/8, or all")
	case a.Zone() != "":
		return nil, errors.New("an address with a zone cannot be told from one without")
	case p.Masked() != p:
		return nil, fmt.Errorf("not the beginning of a network; want %s or %s", p.Masked(), p.Addr())
	}
	n := proxyproto.Network{IP: p.Addr().As16(), Bits: p.Bits()}
	if p.Addr().Is4() {
		n.Bits += 8*len(core.Addr{}.IP) - 32
	}
	return proxyproto.Networks{n}, nil
}
