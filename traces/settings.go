package traces

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Param is one setting of a world: of the proxy, of its kernel, of the network.
type Param uint8

// The settings.
const (
	Poller Param = iota
	BufSize
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
	PipeSlots
	PipeEnough
	Servers
	Applet
	Events
	Files
	Queue
	Latency
	Gap
	Segment
	SndBuf
	RcvBuf
	Calm
	Steps
	NumParams
)

// kind is how a setting's value is written.
type kind uint8

const (
	number kind = iota
	span        // Go's duration, "1m30s"
	onOff       // on, off
	choice      // one of names
)

// paramInfo names each setting and gives the value it has when it is not
// written, which is what a trace's reader may take as unremarkable.
var paramInfo = [NumParams]struct {
	name  string
	def   int64
	min   int64
	max   int64
	kind  kind
	names []string
}{
	Poller:           {name: "poller", kind: choice, names: []string{"level", "edge"}},
	BufSize:          {name: "bufsize", def: 16384, min: 1, max: 1 << 24},
	Buffers:          {name: "buffers", def: 0, max: 1 << 24},
	Reserve:          {name: "reserve", max: 1 << 24},
	Window:           {name: "window", max: 1 << 40},
	MaxConn:          {name: "maxconn", def: 2000, min: 1, max: 1 << 24},
	MaxAccept:        {name: "maxaccept", def: 64, min: 1, max: 1 << 16},
	MaxReads:         {name: "maxreads", def: 4, min: 1, max: 1 << 16},
	Retries:          {name: "retries", def: 3, max: 1000},
	NoHalf:           {name: "nohalf", kind: onOff},
	Indep:            {name: "indep", kind: onOff},
	AbortOnClose:     {name: "abortonclose", kind: onOff},
	ClientTimeout:    {name: "client-timeout", def: 60e9, kind: span},
	ServerTimeout:    {name: "server-timeout", def: 60e9, kind: span},
	ConnectTimeout:   {name: "connect-timeout", def: 5e9, kind: span},
	ClientFin:        {name: "client-fin", kind: span},
	ServerFin:        {name: "server-fin", kind: span},
	HandshakeTimeout: {name: "handshake-timeout", def: 10e9, kind: span},
	AcceptProxy:      {name: "accept-proxy", kind: choice, names: []string{"off", "v1", "v1-unknown", "v2", "v2-ipv6", "v2-local", "v2-unix", "v2-checked"}},
	AcceptFrom:       {name: "accept-from", kind: choice, names: []string{"all", "half"}},
	SendProxy:        {name: "send-proxy", kind: choice, names: []string{"off", "v1", "v2"}},
	ClientTLS:        {name: "client-tls", kind: choice, names: []string{"off", "double", "real"}},
	ServerTLS:        {name: "server-tls", kind: choice, names: []string{"off", "double", "real"}},
	SpliceReq:        {name: "splice-req", kind: choice, names: []string{"off", "auto", "on"}},
	SpliceRep:        {name: "splice-rep", kind: choice, names: []string{"off", "auto", "on"}},
	MaxPipes:         {name: "maxpipes", def: 500, max: 1 << 24},
	PipeEnough:       {name: "pipe-enough", max: 1 << 30},
	PipeSlots:        {name: "pipe-slots", def: 16, min: 1, max: 1 << 16},
	Servers:          {name: "servers", def: 1, min: 1, max: 1000},
	Applet:           {name: "applet", kind: choice, names: []string{"none", "echo", "discard", "chargen"}},
	Events:           {name: "events", def: 200, min: 1, max: 1 << 16},
	Files:            {name: "files", def: 1 << 20, min: 3, max: 1 << 30},
	Queue:            {name: "queue", def: 128, min: 1, max: 1 << 16},
	Latency:          {name: "latency", def: 100e3, kind: span},
	Gap:              {name: "gap", def: 1e3, min: 1, kind: span},
	Segment:          {name: "segment", def: 1448, min: 1, max: 1 << 24},
	SndBuf:           {name: "sndbuf", def: 16384, min: 1, max: 1 << 24},
	RcvBuf:           {name: "rcvbuf", def: 16384, min: 1, max: 1 << 24},
	Calm:             {name: "calm", kind: span},
	Steps:            {name: "steps", def: 400_000, min: 1, max: 10_000_000},
}

// Values of Poller, AcceptProxy, ClientTLS and ServerTLS, and Applet. AcceptProxy
// says what clients begin with; the proxy takes them all. With AcceptFrom half,
// only half of the clients are trusted, and the others begin without a header.
const (
	Level = 0
	Edge  = 1

	ProxyV1        = 1
	ProxyV1Unknown = 2
	ProxyV2        = 3
	ProxyV2IPv6    = 4
	ProxyV2Local   = 5
	ProxyV2Unix    = 6
	ProxyV2Checked = 7

	TLSOff    = 0
	TLSDouble = 1
	TLSReal   = 2

	AppletNone    = 0
	AppletEcho    = 1
	AppletDiscard = 2
	AppletChargen = 3
)

// String returns the setting's name.
func (p Param) String() string { return paramInfo[p].name }

// Settings gives every setting a value. Spans are in nanoseconds, flags 0 or 1.
type Settings [NumParams]int64

// Default returns the settings that a world has when nothing is written.
func Default() (s Settings) {
	for p := range NumParams {
		s[p] = paramInfo[p].def
	}
	return s
}

// appendText prints what differs from the default.
func (s *Settings) appendText(b []byte) []byte {
	for p := range NumParams {
		if s[p] != paramInfo[p].def {
			b = append(b, ' ')
			b = append(b, paramInfo[p].name...)
			b = append(b, '=')
			b = p.appendValue(b, s[p])
		}
	}
	return b
}

func (p Param) appendValue(b []byte, v int64) []byte {
	info := &paramInfo[p]
	switch info.kind {
	case span:
		return append(b, time.Duration(v).String()...)
	case onOff:
		return append(b, [...]string{"off", "on"}[v]...)
	case choice:
		return append(b, info.names[v]...)
	}
	return strconv.AppendInt(b, v, 10)
}

// parseLine reads the words behind "world" or "live".
func (s *Settings) parseLine(words []string) error {
	for i, w := range words {
		if err := s.parse(w); err != nil {
			return err
		}
		name, _, _ := strings.Cut(w, "=")
		for _, before := range words[:i] {
			if strings.HasPrefix(before, name+"=") {
				return expected("each setting once", w)
			}
		}
	}
	if what := s.invalid(); what != "" {
		return fmt.Errorf("expected %s", what)
	}
	return nil
}

// invalid says which values do not go together, and "" if all do: what no
// single setting can be blamed for.
func (s *Settings) invalid() string {
	switch {
	case s[Reserve] >= s[BufSize]:
		return "a reserve smaller than bufsize"
	case s[Buffers] == 1:
		return "buffers to be 0 or at least 2"
	}
	return ""
}

// Handshakes says whether anything comes before the data of a connection.
func (s *Settings) Handshakes() bool {
	return s[AcceptProxy] != 0 || s[SendProxy] != 0 || s[ClientTLS] != 0 || s[ServerTLS] != 0
}

// parse reads "name=value".
func (s *Settings) parse(word string) error {
	name, value, ok := strings.Cut(word, "=")
	if !ok {
		return expected("name=value", word)
	}
	for p := range NumParams {
		if paramInfo[p].name == name {
			v, err := p.parseValue(value)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			s[p] = v
			return nil
		}
	}
	return expected("the name of a setting, such as bufsize", name)
}

func (p Param) parseValue(s string) (int64, error) {
	info := &paramInfo[p]
	switch info.kind {
	case span:
		return parseSpan(s, info.min, maxSpan)
	case onOff:
		return parseName(s, []string{"off", "on"})
	case choice:
		return parseName(s, info.names)
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || v < info.min || v > info.max {
		return 0, expected(fmt.Sprintf("a number from %d to %d", info.min, info.max), s)
	}
	return v, nil
}

func parseName(s string, names []string) (int64, error) {
	for i, n := range names {
		if n == s {
			return int64(i), nil
		}
	}
	return 0, expected("one of "+strings.Join(names, ", "), s)
}

// maxSpan keeps sums of a few spans far from overflow: about 11 days.
const maxSpan = 1e15

func parseSpan(s string, least, most int64) (int64, error) {
	d, err := time.ParseDuration(s)
	switch {
	case err != nil || d < 0:
		return 0, expected("a time span such as 10ms", s)
	case int64(d) < least || int64(d) > most:
		return 0, expected(fmt.Sprintf("a time span from %s to %s", time.Duration(least), time.Duration(most)), s)
	}
	return int64(d), nil
}
