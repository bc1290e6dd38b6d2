package proxyproto

import (
	"bufio"
	"bytes"
	"net"
	"testing"

	"millrace/core"

	oracle "github.com/pires/go-proxyproto"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The oracle is another implementation of the specification. It waits for what
// is missing, so only whole headers can be compared.

// verdict is what the two say about one input.
type verdict struct {
	p     []byte
	h     Header
	n     int
	fault Fault
	done  bool // we accept
	taken bool // it accepts
}

// differences are where one accepts what the other does not, and why.
var differences = []struct {
	why string
	is  func(v verdict) bool
}{
	{"it takes the line of an UNKNOWN to end at the LF, whatever CRs stand in it; for us a CR without LF is malformed", func(v verdict) bool {
		return v.taken && v.fault == BadLine && bytes.HasPrefix(v.p, []byte("PROXY UNKNOWN "))
	}},
	{"it leaves the TLVs for later", func(v verdict) bool {
		return v.taken && v.fault == BadTLV
	}},
	{"it knows no checksums", func(v verdict) bool {
		return v.taken && v.fault == BadChecksum
	}},
	{"it wants a space behind UNKNOWN; for us all up to the CRLF is ignored", func(v verdict) bool {
		return v.done && bytes.HasPrefix(v.p, []byte("PROXY UNKNOWN")) && v.p[13] != ' ' && v.p[13] != '\r'
	}},
	{"it refuses PROXY with an unspecified family or transport, which the specification leaves open", func(v verdict) bool {
		return v.done && v.h.Version == 2 && !v.h.Local && v.h.Family == Unspec
	}},
	{"of LOCAL it refuses a family that does not exist, or is unspecified only by half; for us it is ignored", func(v verdict) bool {
		transport := v.p[13] & 15
		return v.done && v.h.Local && v.p[13] != 0 && (v.p[13]>>4 < 1 || v.p[13]>>4 > 3 || transport < 1 || transport > 2)
	}},
}

// compare lets both look at p, and returns the difference that explains why they
// do not agree, -1 if they do.
func compare(t require.TestingT, p []byte) int {
	v := verdict{p: p}
	n, what, fault := Parse(p, &v.h)
	v.n, v.fault, v.done = n, fault, what == Done
	source := bytes.NewReader(p)
	r := bufio.NewReaderSize(source, 2*MaxV2)
	h, err := oracle.Read(r)
	v.taken = err == nil
	if v.taken && v.done {
		require.Equal(t, len(p)-source.Len()-r.Buffered(), v.n)
		agree(t, v.h, h)
		return -1
	}
	if v.taken == v.done {
		return -1
	}
	for i, d := range differences {
		if d.is(v) {
			return i
		}
	}
	require.Failf(t, "unexplained", "%q: we %v %v, the oracle %v", p, what, fault, err)
	return -1
}

// agree holds that two headers mean the same.
func agree(t require.TestingT, h Header, o *oracle.Header) {
	require.Equal(t, o.Version, h.Version)
	if o.Command.IsLocal() {
		require.Equal(t, h.Version == 2, h.Local)
		require.Equal(t, Unspec, h.Family)
		return
	}
	require.False(t, h.Local)
	src, dst := ends(o)
	switch {
	case o.TransportProtocol.IsIPv4():
		require.Equal(t, IPv4, h.Family)
	case o.TransportProtocol.IsIPv6():
		require.Equal(t, IPv6, h.Family)
	default:
		require.Equal(t, Unix, h.Family)
		from, to, _ := o.UnixAddrs()
		require.Equal(t, from.Name, string(before(h.SrcPath[:])))
		require.Equal(t, to.Name, string(before(h.DstPath[:])))
	}
	require.Equal(t, o.TransportProtocol.IsDatagram(), h.Dgram)
	require.Equal(t, src, h.Src)
	require.Equal(t, dst, h.Dst)
	tlvs, err := o.TLVs()
	require.NoError(t, err)
	for p := h.TLVs; len(p) > 0; {
		typ, value, rest, ok := CutTLV(p)
		require.True(t, ok)
		require.Equal(t, uint8(typ), uint8(tlvs[0].Type))
		if typ != Noop { // whose value it does not keep
			require.Equal(t, value, tlvs[0].Value)
		}
		p, tlvs = rest, tlvs[1:]
	}
	require.Empty(t, tlvs)
}

// before is what a path is up to its end.
func before(p []byte) []byte {
	p, _, _ = bytes.Cut(p, []byte{0})
	return p
}

// ends are the addresses, zero if the oracle has none of IP.
func ends(o *oracle.Header) (src, dst core.Addr) {
	from, to, ok := o.IPs()
	if !ok || from == nil {
		return src, dst
	}
	src.IP, dst.IP = [16]byte(from.To16()), [16]byte(to.To16())
	ports := func(a net.Addr) uint16 {
		if tcp, ok := a.(*net.TCPAddr); ok {
			return uint16(tcp.Port)
		}
		return uint16(a.(*net.UDPAddr).Port)
	}
	src.Port, dst.Port = ports(o.SourceAddr), ports(o.DestinationAddr)
	return src, dst
}

// mutate changes a header here and there.
func mutate(t *rapid.T, p []byte) []byte {
	p = append([]byte(nil), p...)
	interesting := rapid.OneOf(rapid.SampledFrom([]byte(" :.09aF\r\nPTU\x00\x01\x02\x03\x04\x0c\x10\x11\x20\x21\x22")), rapid.Byte())
	for range rapid.IntRange(0, 3).Draw(t, "changes") {
		at := rapid.IntRange(0, len(p)-1).Draw(t, "at")
		switch c := interesting.Draw(t, "byte"); rapid.IntRange(0, 2).Draw(t, "how") {
		case 0:
			p[at] = c
		case 1:
			p = append(p[:at], append([]byte{c}, p[at:]...)...)
		case 2:
			if len(p) > 1 {
				p = append(p[:at], p[at+1:]...)
			}
		}
	}
	return append(p, "payload\r\n"...)
}

func TestAnotherImplementationAgrees(t *testing.T) {
	explained := make([]int, len(differences))
	check := func(t require.TestingT, p []byte) {
		if i := compare(t, p); i >= 0 {
			explained[i]++
		}
	}
	for _, c := range goodHeaders {
		check(t, []byte(c.text))
	}
	for _, c := range badHeaders {
		check(t, bytes.Replace([]byte(c.text), []byte("^"), nil, 1))
	}
	check(t, []byte("PROXY UNKNOWN a\rb\r\n"))
	for i, d := range differences {
		require.NotZero(t, explained[i], "never seen: %s", d.why)
	}
	rapid.Check(t, func(t *rapid.T) {
		h := drawHeader(t)
		check(t, h.Append(nil))
		check(t, h.AppendWithChecksum(nil))
		check(t, mutate(t, h.Append(nil)))
	})
}

// TestAnotherImplementationPrintsTheSame, where there is one way to write it.
func TestAnotherImplementationPrintsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHeader(t)
		p := h.Append(nil)
		o, err := oracle.Read(bufio.NewReaderSize(bytes.NewReader(p), 2*MaxV2))
		if err != nil {
			require.True(t, h.Version == 2 && h.Family == Unspec && !h.Local, "%q: %v", p, err)
			return
		}
		text, err := o.Format()
		require.NoError(t, err)
		if !paddedWithZeros(h.SrcPath[:]) || !paddedWithZeros(h.DstPath[:]) {
			return // it keeps a path up to the first zero
		}
		require.Equal(t, string(p), string(text))
	})
}

func paddedWithZeros(path []byte) bool {
	return len(bytes.TrimRight(path, "\x00")) == len(before(path))
}

func FuzzAnotherImplementation(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, p []byte) { compare(t, p) })
}
