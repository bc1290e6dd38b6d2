package proxytrace

import (
	"millrace/core"
	"millrace/datalayer/proxyproto"
	"millrace/streamif"
	"millrace/traces"
)

// everywhere is where the clients of a world with PROXY headers come from.
var everywhere = new(proxyproto.Everybody())

// Config returns what the settings ask of the proxy, but for TLS: ciphers are
// made by whoever knows the other ends.
func Config(s *traces.Settings) streamif.Config {
	c := streamif.Config{
		Servers: int(s[Servers]),
		Applet:  [...]streamif.Maker{nil, streamif.Echo{}, streamif.Discard{}, streamif.Chargen{}}[s[Applet]],
		BufSize: int(s[BufSize]), Buffers: int(s[Buffers]), Reserve: int(s[Reserve]), Window: s[Window],
		MaxConn: int(s[MaxConn]), MaxAccept: int(s[MaxAccept]), MaxReads: int(s[MaxReads]),
		Retries: int(s[Retries]), Redispatch: s[Servers] > 1,
		NoHalf: s[NoHalf] != 0, Indep: s[Indep] != 0, AbortOnClose: s[AbortOnClose] != 0,
		ClientTimeout: core.Time(s[ClientTimeout]), ServerTimeout: core.Time(s[ServerTimeout]),
		ConnectTimeout: core.Time(s[ConnectTimeout]),
		ClientFin:      core.Time(s[ClientFin]), ServerFin: core.Time(s[ServerFin]),
		HandshakeTimeout: core.Time(s[HandshakeTimeout]), SendProxy: uint8(min(s[SendProxy], SendV2)), SendTLS: s[SendProxy] == SendV2TLS,
	}
	c.SpliceReq, c.SpliceRep = streamif.SpliceMode(s[SpliceReq]), streamif.SpliceMode(s[SpliceRep])
	c.MaxPerClient, c.MaxHandshakes = int(s[MaxPerClient]), int(s[MaxHandshakes])
	c.MaxPipes, c.PipeEnough, c.Lowat = int(s[MaxPipes]), int(s[PipeEnough]), int(s[Lowat])
	c.BulkSize, c.BulkBuffers = int(s[BulkSize]), int(s[BulkBuffers])
	if s[AcceptProxy] != 0 {
		c.AcceptProxy = everywhere
	}
	return c
}
