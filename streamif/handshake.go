package streamif

import (
	"millrace/core"
	"millrace/datalayer"
	"millrace/datalayer/proxyproto"
)

// lower is what stands between an endpoint's descriptor and its data where that
// is more than plain TCP. It stays with the session object from one life to the
// next, so that connections allocate only what their ciphers do.
type lower struct {
	chain  core.Chain
	header proxyproto.Reader
	intro  proxyproto.Sender
	secure datalayer.Secure
	detail string // why the handshake failed
}

// lay prepares a new connection of the endpoint: plain, or with a cipher.
func (si *StreamInterface) lay(c datalayer.Ciphers, server int, protocol string) {
	if si.lower != nil {
		si.lower.chain = core.Chain{}
	}
	if c != nil {
		l := si.need()
		l.secure.Use(c.New(server, protocol), &si.s.proxy.stock)
		l.chain[2] = &l.secure
	}
}

// layer moves the endpoint's bytes.
func (si *StreamInterface) layer() datalayer.Layer {
	if l := si.lower; l != nil && l.chain[2] != nil {
		return &l.secure
	}
	return datalayer.Raw{}
}

func (si *StreamInterface) need() *lower {
	if si.lower == nil {
		si.lower = new(lower)
	}
	return si.lower
}

// Chain implements core.Upper.
func (si *StreamInterface) Chain() *core.Chain {
	if si.lower == nil || si.lower.chain == (core.Chain{}) {
		return nil
	}
	return &si.lower.chain
}

// welcome prepares the client's connection: its PROXY header if it comes from
// where they are to be believed, then its TLS.
func (s *Session) welcome() {
	cfg, si := &s.proxy.cfg, &s.front
	si.lay(cfg.ClientTLS, 0, "")
	if s.proxy.believes(s.peer.Addr) {
		l := si.need()
		l.header.Reset()
		l.chain[0] = named{s}
	} else {
		s.counts(s.peer.Addr) // there was room, or it would not be here
	}
}

// introduce prepares the connection to the chosen server: a PROXY header that
// tells who the client is, then TLS.
func (s *Session) introduce() {
	cfg, si := &s.proxy.cfg, &s.back
	si.lay(cfg.ServerTLS, int(s.server), s.front.Protocol())
	if cfg.SendProxy != 0 {
		l := si.need()
		h := s.introduction()
		l.intro.Use(&h, cfg.ServerTLS != nil || !s.req.Empty())
		l.chain[1] = &l.intro
	}
}

// introduction is the header for the server: what the client's own header said,
// or else what is known of its connection.
func (s *Session) introduction() proxyproto.Header {
	if h := s.Claim(); h != nil && !h.Local && h.Family != proxyproto.Unspec {
		said := *h
		said.Version = s.proxy.cfg.SendProxy
		s.vouch(&said, h)
		return said
	}
	h := proxyproto.Header{Version: s.proxy.cfg.SendProxy}
	s.vouch(&h, nil)
	c := &s.front.conn
	if !c.Open() || c.Flags().Any(core.ConnError) {
		return h // the client is gone, and what it leaves behind is on its way
	}
	if local, e := c.FD().Local(); e == 0 {
		h.SetAddrs(s.peer.Addr, local)
	}
	return h
}

// vouch adds what is known of the client's TLS to a header, and what its own header
// said, if there was one, of other things. Of both, if they are too long together,
// ours is what the server can rely on.
func (s *Session) vouch(h, said *proxyproto.Header) {
	h.TLVs = nil
	var known []proxyproto.TLV
	if c, ok := s.front.cipher().(datalayer.Identified); ok && s.proxy.cfg.SendTLS {
		i := c.Identity()
		h.TLVs = proxyproto.AppendSSL(nil, i.Version, i.Verified, i.Resumed, i.Name)
		known = append(known, proxyproto.SSL)
	}
	if said == nil {
		return
	}
	// Its checksum is that of another header.
	if all := said.PassTLVs(h.TLVs, known...); len(all) <= h.Room() {
		h.TLVs = all
	}
}

// greet looks at a client's connection whose handshakes are pending.
func (s *Session) greet() {
	si := &s.front
	if si.state != CON {
		return
	}
	switch flags := si.conn.Flags(); {
	case flags.Any(core.ConnConnected):
		si.on(EvUp)
		si.setExp(0)
		s.greeted()
	case s.shed:
		s.refuse(ClientShare)
	case si.flags.Any(SIErr):
		s.refuse(unshaken(flags, 'C'))
	case si.flags.Any(SIExpired):
		s.refuse(unshaken(flags, 'c'))
	}
}

// believes says whether a PROXY header that comes from there counts.
func (p *Proxy) believes(a core.Addr) bool {
	return p.cfg.AcceptProxy != nil && p.cfg.AcceptProxy.Contain(a)
}

// greeted says that the client's handshakes are over, in one way or another.
func (s *Session) greeted() {
	if s.greets {
		s.greets = false
		s.proxy.greets--
		s.proxy.lst.resume()
	}
}

// refuse ends a session whose client did not get through its handshakes.
func (s *Session) refuse(r Reason) {
	s.end(r)
	s.front.flags &^= SIExpired
	s.front.close()
}

// unshaken is the reason for a client's failure (C) or lateness (c) in its
// handshakes, of which the first that is still pending is to blame.
func unshaken(pending core.ConnFlags, who byte) Reason {
	if pending.Any(core.ConnProxyIn) {
		return Reason{who, 'P'}
	}
	return Reason{who, 'T'}
}

// Claim returns the header with which the client's connection began; nil if
// there was none.
func (s *Session) Claim() *proxyproto.Header {
	l := s.front.lower
	if l == nil || l.chain[0] == nil || !l.header.Done() {
		return nil
	}
	return &l.header.Header
}

// Client returns the client's address: the one that its PROXY header names, if it
// names one, else where it connected from.
func (s *Session) Client() core.Addr {
	if h := s.Claim(); h != nil && (h.Family == proxyproto.IPv4 || h.Family == proxyproto.IPv6) {
		return h.Src
	}
	return s.peer.Addr
}

// Protocol returns the application protocol that the endpoint's handshake agreed
// on; "" if none.
func (si *StreamInterface) Protocol() string {
	if c := si.cipher(); c != nil {
		return c.Protocol()
	}
	return ""
}

// forgive forgets why the handshake of the attempt before failed: what the log says is of this one.
func (si *StreamInterface) forgive() {
	if si.lower != nil {
		si.lower.detail = ""
	}
}

// Detail explains a failed handshake for the log; "" if there is nothing to say.
func (si *StreamInterface) Detail() string {
	if l := si.lower; l != nil && l.chain[0] != nil && l.header.Fault() != 0 {
		return l.header.Fault().String()
	}
	switch {
	case si.lower == nil:
		return ""
	case si.lower.detail == "" && si.cipher() != nil:
		return si.cipher().Detail()
	}
	return si.lower.detail
}

// Unsent returns how many bytes the layer holds that the kernel has not taken.
func (si *StreamInterface) Unsent() int {
	if si.cipher() == nil {
		return 0
	}
	return si.lower.secure.Unsent()
}

// Holds says that the layer could give bytes without a call.
func (si *StreamInterface) Holds() bool { return si.cipher() != nil && si.lower.secure.Holds() }

// clogged says that answers to what was read have to leave before more is read.
func (si *StreamInterface) clogged() bool { return si.cipher() != nil && si.lower.secure.Clogged() }

// Pieces returns how much of the proxy's Stock the layer holds.
func (si *StreamInterface) Pieces() int {
	if si.cipher() == nil {
		return 0
	}
	return si.lower.secure.Pieces()
}

func (si *StreamInterface) cipher() datalayer.Cipher {
	if si.lower == nil {
		return nil
	}
	return si.lower.secure.Cipher()
}

// hangUp gives up the connection, the layer's part of it first.
func (si *StreamInterface) hangUp(reset bool) {
	si.free()
	si.conn.Close(reset)
}

// free gives up the layer's part.
func (si *StreamInterface) free() {
	if c := si.cipher(); c != nil && si.lower.detail == "" {
		si.lower.detail = c.Detail()
	}
	si.layer().Free()
}
