package properties

import (
	"millrace/core"
	"millrace/datalayer"
	"millrace/datalayer/proxyproto"
	"millrace/datalayer/tlsdouble"
	"millrace/simfd"
	"millrace/streamif"
	"millrace/traces"
)

// ends are the ciphers of one kind of TLS: of whoever accepts a connection, and
// of whoever made it.
type ends struct {
	accepts, connects datalayer.Ciphers
	span              int // bytes of one end's part of a handshake, about
}

// endsOf makes the ends of each kind of TLS that a world may have.
var endsOf = [...]func() ends{
	traces.TLSOff: func() ends { return ends{} },
	traces.TLSDouble: func() ends {
		return ends{tlsdouble.Ends{Server: true}, tlsdouble.Ends{}, 200}
	},
	traces.TLSReal: realTLS,
}

// secure gives the proxy the ciphers of the settings, and the peers those for
// the other ends.
func (w *World) secure(cfg *streamif.Config) {
	s := &w.trace.Settings
	front, back := endsOf[s[traces.ClientTLS]](), endsOf[s[traces.ServerTLS]]()
	if s[traces.AcceptFrom] != 0 && cfg.AcceptProxy != nil {
		cfg.AcceptProxy = half
	}
	w.dials, w.serves, w.ciphers = front.connects, back.accepts, 0
	if front.accepts != nil {
		cfg.ClientTLS = counted{front.accepts, &w.ciphers}
	}
	if back.connects != nil {
		cfg.ServerTLS = counted{back.connects, &w.ciphers}
	}
	w.shakeSpan = 2 + max(front.span, back.span)
	w.stock.Size = 4096
}

// counted counts the ciphers in use: each is to be freed, and once.
type counted struct {
	datalayer.Ciphers
	live *int
}

// New implements datalayer.Ciphers.
func (c counted) New(server int, protocol string) datalayer.Cipher {
	*c.live++
	return &countedCipher{c.Ciphers.New(server, protocol), c.live}
}

type countedCipher struct {
	datalayer.Cipher
	live *int
}

// Free implements datalayer.Cipher.
func (c *countedCipher) Free() {
	*c.live--
	c.Cipher.Free()
}

// clientWire is what client number label's connection begins with.
func (w *World) clientWire(label uint32) (head []byte, c datalayer.Cipher, header bool) {
	if w.claims(label) {
		h := w.claim(label)
		if head = h.Append(nil); w.trace.Settings[traces.AcceptProxy] == traces.ProxyV2Checked {
			head = h.AppendWithChecksum(nil)
		}
	}
	if w.dials != nil {
		c = w.dials.New(0, protocol)
	}
	return head, c, false
}

// serverWire is what a server's connection of session label begins with.
func (w *World) serverWire() (head []byte, c datalayer.Cipher, header bool) {
	if w.serves != nil {
		c = w.serves.New(0, "")
	}
	return nil, c, w.trace.Settings[traces.SendProxy] != 0
}

// protocol is what clients with TLS ask for. It has to get through to the server.
const protocol = "mill/1"

// half are the networks of two clients in every four.
var half = func() *proxyproto.Networks {
	var ns proxyproto.Networks
	for label := uint32(0); label < 256; label += 4 {
		ns = append(ns, proxyproto.Network{IP: simfd.ClientAddr(label).IP, Bits: 127})
	}
	return &ns
}()

// claims says whether client number label begins with a header, and is believed.
func (w *World) claims(label uint32) bool {
	s := &w.trace.Settings
	return s[traces.AcceptProxy] != 0 && (s[traces.AcceptFrom] == 0 || label < 256 && label&2 == 0)
}

// claim is the header that client number label sends.
func (w *World) claim(label uint32) proxyproto.Header {
	h := proxyproto.Header{Version: 2}
	src := core.Addr{IP: [16]byte{10: 0xff, 11: 0xff, 12: 203, 14: byte(label >> 8), 15: byte(label)}, Port: uint16(label)}
	dst := core.Addr{IP: [16]byte{10: 0xff, 11: 0xff, 12: 198, 13: 51, 14: 100, 15: 7}, Port: 443}
	switch w.trace.Settings[traces.AcceptProxy] {
	case traces.ProxyV1:
		h.Version = 1
		h.SetAddrs(src, dst)
	case traces.ProxyV1Unknown:
		h.Version = 1
	case traces.ProxyV2:
		h.SetAddrs(src, dst)
	case traces.ProxyV2IPv6:
		h.SetAddrs(core.Addr{IP: [16]byte{0: 0x20, 1: 1, 14: byte(label >> 8), 15: byte(label)}, Port: 1}, dst)
	case traces.ProxyV2Local:
		h.Local = true
	case traces.ProxyV2Unix:
		h.Family = proxyproto.Unix
		copy(h.SrcPath[:], "/run/client")
		copy(h.DstPath[:], "/run/mill")
	case traces.ProxyV2Checked:
		h.SetAddrs(src, dst)
		h.TLVs = authority
	}
	return h
}

// authority is a TLV that a proxy passes on.
var authority = []byte("\x02\x00\x0bexample.org")

// serverHeader is what the server of session label must get.
func (w *World) serverHeader(label uint32) []byte {
	h := proxyproto.Header{}
	h.SetAddrs(simfd.ClientAddr(label), simfd.FrontAddr)
	if w.claims(label) {
		if c := w.claim(label); c.Family != proxyproto.Unspec {
			h = c
		}
	}
	h.Version = uint8(w.trace.Settings[traces.SendProxy])
	return h.Append(nil)
}

// clientAddr is what the proxy must think of where client number label comes from.
func (w *World) clientAddr(label uint32) core.Addr {
	if w.claims(label) {
		if c := w.claim(label); c.Family == proxyproto.IPv4 || c.Family == proxyproto.IPv6 {
			return c.Src
		}
	}
	return simfd.ClientAddr(label)
}

// marks says whether streams have an end of their own on a side.
func (w *World) marks(front bool) bool {
	if front {
		return w.trace.Settings[traces.ClientTLS] != 0
	}
	return w.trace.Settings[traces.ServerTLS] != 0
}
