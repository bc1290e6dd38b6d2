// Package proxytrace is how millrace's proxy is written down in a trace: its settings,
// what they ask of it, and how it is started on the answers of a recording. Whoever
// imports it can read and play such traces.
package proxytrace

import (
	"millrace/core"
	"millrace/traces"
)

// The proxy's own settings.
const (
	BufSize traces.Param = traces.Own + iota
	Buffers
	Reserve
	Window
	MaxConn
	MaxAccept
	MaxReads
	Retries
	NoHalf
	Indep
	AbortOnClose
	ClientTimeout
	ServerTimeout
	ConnectTimeout
	ClientFin
	ServerFin
	HandshakeTimeout
	AcceptProxy
	AcceptFrom
	SendProxy
	ClientTLS
	ServerTLS
	SpliceReq
	SpliceRep
	MaxPipes
	PipeEnough
	Lowat
	BulkSize
	BulkBuffers
	Servers
	Applet
	Events
	MaxPerClient
	MaxHandshakes
	Tasks // that a pass may run
	end
)

var settings = [end - traces.Own]traces.Setting{
	BufSize - traces.Own:          {Name: "bufsize", Def: 16384, Min: 1, Max: 1 << 24},
	Buffers - traces.Own:          {Name: "buffers", Def: 0, Max: 1 << 24},
	Reserve - traces.Own:          {Name: "reserve", Max: 1 << 24},
	Window - traces.Own:           {Name: "window", Max: 1 << 40},
	MaxConn - traces.Own:          {Name: "maxconn", Def: 2000, Min: 1, Max: 1 << 24},
	MaxAccept - traces.Own:        {Name: "maxaccept", Def: 64, Min: 1, Max: 1 << 16},
	MaxReads - traces.Own:         {Name: "maxreads", Def: 4, Min: 1, Max: 1 << 16},
	Retries - traces.Own:          {Name: "retries", Def: 3, Max: 1000},
	NoHalf - traces.Own:           {Name: "nohalf", Kind: traces.OnOff},
	Indep - traces.Own:            {Name: "indep", Kind: traces.OnOff},
	AbortOnClose - traces.Own:     {Name: "abortonclose", Kind: traces.OnOff},
	ClientTimeout - traces.Own:    {Name: "client-timeout", Def: 60e9, Kind: traces.Span},
	ServerTimeout - traces.Own:    {Name: "server-timeout", Def: 60e9, Kind: traces.Span},
	ConnectTimeout - traces.Own:   {Name: "connect-timeout", Def: 5e9, Kind: traces.Span},
	ClientFin - traces.Own:        {Name: "client-fin", Kind: traces.Span},
	ServerFin - traces.Own:        {Name: "server-fin", Kind: traces.Span},
	HandshakeTimeout - traces.Own: {Name: "handshake-timeout", Def: 10e9, Kind: traces.Span},
	AcceptProxy - traces.Own:      {Name: "accept-proxy", Kind: traces.Choice, Names: []string{"off", "v1", "v1-unknown", "v2", "v2-ipv6", "v2-local", "v2-unix", "v2-checked", "v2-datagram"}},
	AcceptFrom - traces.Own:       {Name: "accept-from", Kind: traces.Choice, Names: []string{"all", "half"}},
	SendProxy - traces.Own:        {Name: "send-proxy", Kind: traces.Choice, Names: []string{"off", "v1", "v2", "v2-tls"}},
	ClientTLS - traces.Own:        {Name: "client-tls", Kind: traces.Choice, Names: []string{"off", "double", "real"}},
	ServerTLS - traces.Own:        {Name: "server-tls", Kind: traces.Choice, Names: []string{"off", "double", "real"}},
	SpliceReq - traces.Own:        {Name: "splice-req", Kind: traces.Choice, Names: []string{"off", "auto", "on"}},
	SpliceRep - traces.Own:        {Name: "splice-rep", Kind: traces.Choice, Names: []string{"off", "auto", "on"}},
	MaxPipes - traces.Own:         {Name: "maxpipes", Def: 500, Max: 1 << 24},
	PipeEnough - traces.Own:       {Name: "pipe-enough", Max: 1 << 30},
	Lowat - traces.Own:            {Name: "lowat", Max: 1 << 30},
	BulkSize - traces.Own:         {Name: "bulk-size", Max: 1 << 24},
	BulkBuffers - traces.Own:      {Name: "bulk-buffers", Max: 1 << 16},
	Servers - traces.Own:          {Name: "servers", Def: 1, Min: 1, Max: 1000},
	Applet - traces.Own:           {Name: "applet", Kind: traces.Choice, Names: []string{"none", "echo", "discard", "chargen"}},
	MaxPerClient - traces.Own:     {Name: "maxconn-per-client", Max: 1 << 24},
	MaxHandshakes - traces.Own:    {Name: "maxhandshakes", Max: 1 << 24},
	Tasks - traces.Own:            {Name: "tasks", Def: core.TaskBudget, Min: 1, Max: 1 << 16},
	Events - traces.Own:           {Name: "events", Def: 200, Min: 1, Max: 1 << 16},
}

// Values of AcceptProxy, SendProxy, ClientTLS and ServerTLS, and Applet. AcceptProxy says what
// clients begin with; the proxy takes them all. With AcceptFrom half, only half of the
// clients are trusted, and the others begin without a header.
const (
	ProxyV1         = 1
	ProxyV1Unknown  = 2
	ProxyV2         = 3
	ProxyV2IPv6     = 4
	ProxyV2Local    = 5
	ProxyV2Unix     = 6
	ProxyV2Checked  = 7
	ProxyV2Datagram = 8

	SendV1    = 1
	SendV2    = 2
	SendV2TLS = 3 // with what is known of the client's TLS

	TLSOff    = 0
	TLSDouble = 1
	TLSReal   = 2

	AppletNone    = 0
	AppletEcho    = 1
	AppletDiscard = 2
	AppletChargen = 3
)

// invalid says which values do not go together, and "" if all do.
func invalid(s *traces.Settings) string {
	switch {
	case s[Reserve] >= s[BufSize]:
		return "a reserve smaller than bufsize"
	case s[Buffers] == 1:
		return "buffers to be 0 or at least 2"
	}
	return ""
}

// Handshakes says whether anything comes before the data of a connection.
func Handshakes(s *traces.Settings) bool {
	return s[AcceptProxy] != 0 || s[SendProxy] != 0 || s[ClientTLS] != 0 || s[ServerTLS] != 0
}
