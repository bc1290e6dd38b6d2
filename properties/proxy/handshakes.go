package proxy

import (
	"millrace/core"
	"millrace/datalayer"
	"millrace/datalayer/proxyproto"
	"millrace/datalayer/tlsdouble"
	"millrace/simfd"
	"millrace/streamif"
	"millrace/traces/proxytrace"
)

// ends are the ciphers of one kind of TLS: of whoever accepts a connection, and
// of whoever made it.
type ends struct {
	accepts, connects datalayer.Ciphers
	span              int // bytes of one end's part of a handshake, about
}

// endsOf makes the ends of each kind of TLS that a world may have.
var endsOf = [...]func() ends{
	proxytrace.TLSOff: func() ends { return ends{} },
	proxytrace.TLSDouble: func() ends {
		return ends{tlsdouble.Ends{Server: true}, tlsdouble.Ends{}, 200}
	},
	proxytrace.TLSReal: realTLS,
}

// secure gives the proxy the ciphers of the settings, and the peers those for
// the other ends.
func (w *run) secure(cfg *streamif.Config) {
	s := w.set
	front, back := endsOf[s[proxytrace.ClientTLS]](), endsOf[s[proxytrace.ServerTLS]]()
	if s[proxytrace.AcceptFrom] != 0 && cfg.AcceptProxy != nil {
		cfg.AcceptProxy = half
	}
	w.identity = identities[(len(w.Trace().Sessions)+int(s[proxytrace.BufSize]))%len(identities)]
	w.dials, w.serves, w.ciphers = front.connects, back.accepts, 0
	if front.accepts != nil {
		cfg.ClientTLS = w.counted(true, front.accepts)
	}
	if back.connects != nil {
		cfg.ServerTLS = w.counted(false, back.connects)
	}
	w.shakes = proxytrace.Handshakes(s)
	w.stack = int(min(s[proxytrace.AcceptProxy], 1) + 2*min(s[proxytrace.SendProxy], 1) +
		4*min(s[proxytrace.ClientTLS], 1) + 8*min(s[proxytrace.ServerTLS], 1))
	w.shakeSpan = 2 + max(front.span, back.span)
	w.stock.Reset(4096, 0, 0)
}

// counted returns ciphers whose use is counted, and recorded if that was asked for.
func (w *run) counted(front bool, c datalayer.Ciphers) datalayer.Ciphers {
	if r := w.CipherRecorder(); r != nil {
		c = proxytrace.RecordCiphers(r, front, c)
	}
	return counted{c, &w.ciphers, w.identity}
}

// counted counts the ciphers in use: each is to be freed, and once.
type counted struct {
	datalayer.Ciphers
	live     *int
	identity datalayer.Identity
}

// New implements datalayer.Ciphers.
func (c counted) New(server int, protocol string) datalayer.Cipher {
	*c.live++
	return &countedCipher{c.Ciphers.New(server, protocol), c.live, c.identity}
}

type countedCipher struct {
	datalayer.Cipher
	live     *int
	identity datalayer.Identity
}

// Identity implements datalayer.Identified.
func (c *countedCipher) Identity() datalayer.Identity { return c.identity }

// Free implements datalayer.Cipher.
func (c *countedCipher) Free() {
	*c.live--
	c.Cipher.Free()
}

// Holds implements datalayer.Holder.
func (c *countedCipher) Holds(in *datalayer.Bytes) bool {
	return datalayer.Holds(c.Cipher, in)
}

// clientWire is what client number label's connection begins with.
func (w *run) clientWire(label uint32) (head []byte, c datalayer.Cipher, header bool) {
	if w.claims(label) {
		h := w.claim(label)
		if head = h.Append(nil); w.set[proxytrace.AcceptProxy] == proxytrace.ProxyV2Checked {
			head = h.AppendWithChecksum(nil)
		}
	}
	if w.dials != nil {
		c = w.dials.New(0, protocol)
	}
	return head, c, false
}

// serverWire is what a server's connection of session label begins with.
func (w *run) serverWire() (head []byte, c datalayer.Cipher, header bool) {
	if w.serves != nil {
		c = w.serves.New(0, "")
	}
	return nil, c, w.set[proxytrace.SendProxy] != 0
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
func (w *run) claims(label uint32) bool {
	s, home := w.set, w.kernel.Home(label)
	return s[proxytrace.AcceptProxy] != 0 && (s[proxytrace.AcceptFrom] == 0 || home < 256 && home&2 == 0)
}

// claim is the header that client number label sends.
func (w *run) claim(label uint32) proxyproto.Header {
	h := proxyproto.Header{Version: 2}
	home := w.kernel.Home(label)
	src := core.Addr{IP: [16]byte{10: 0xff, 11: 0xff, 12: 203, 14: byte(home >> 8), 15: byte(home)}, Port: uint16(label)}
	dst := core.Addr{IP: [16]byte{10: 0xff, 11: 0xff, 12: 198, 13: 51, 14: 100, 15: 7}, Port: 443}
	switch w.set[proxytrace.AcceptProxy] {
	case proxytrace.ProxyV1:
		h.Version = 1
		h.SetAddrs(src, dst)
	case proxytrace.ProxyV1Unknown:
		h.Version = 1
	case proxytrace.ProxyV2:
		h.SetAddrs(src, dst)
	case proxytrace.ProxyV2IPv6:
		h.SetAddrs(core.Addr{IP: [16]byte{0: 0x20, 1: 1, 7: byte(home), 14: byte(label >> 8), 15: byte(label)}, Port: 1}, dst)
	case proxytrace.ProxyV2Local:
		h.Local, h.TLVs = true, boast // which go with the header
	case proxytrace.ProxyV2Unix:
		h.Family = proxyproto.Unix
		copy(h.SrcPath[:], "/run/client")
		copy(h.DstPath[:], "/run/mill")
	case proxytrace.ProxyV2Checked:
		h.SetAddrs(src, dst)
		h.TLVs = authority
	case proxytrace.ProxyV2Datagram:
		h.SetAddrs(src, dst)
		h.Dgram, h.TLVs = true, boast
	}
	return h
}

// authority is a TLV that a proxy passes on.
var authority = []byte("\x02\x00\x0bexample.org")

// boast are TLVs with filling, and with what a client says of its TLS, which counts only where
// nothing is known of that.
var boast = []byte("\x04\x00\x02??" + "\x20\x00\x0e\x07\x00\x00\x00\x00\x22\x00\x06nobody" + "\x02\x00\x0bexample.org")

// clientAddr is what the proxy must think of where client number label comes from.
func (w *run) clientAddr(label uint32) core.Addr {
	if w.claims(label) {
		if c := w.claim(label); c.Family == proxyproto.IPv4 || c.Family == proxyproto.IPv6 {
			return c.Src
		}
	}
	return w.kernel.ClientAddr(label)
}

// marks says whether streams have an end of their own on a side.
func (w *run) marks(front bool) bool {
	if front {
		return w.set[proxytrace.ClientTLS] != 0
	}
	return w.set[proxytrace.ServerTLS] != 0
}
