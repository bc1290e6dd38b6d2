package proxyproto

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// goodHeaders are headers and what they say.
var goodHeaders = []struct {
	text string
	want Header
}{
	{"PROXY TCP4 1.2.3.4 5.6.7.8 258 772\r\n", Header{Version: 1, Family: IPv4, Src: addr("1.2.3.4:258"), Dst: addr("5.6.7.8:772")}},
	{"PROXY TCP4 255.255.255.255 0.0.0.0 65535 0\r\n", Header{Version: 1, Family: IPv4, Src: addr("255.255.255.255:65535"), Dst: addr("0.0.0.0:0")}},
	{"PROXY TCP6 2001:DB8::1 :: 1 2\r\n", Header{Version: 1, Family: IPv6, Src: addr("[2001:db8::1]:1"), Dst: addr("[::]:2")}},
	{"PROXY TCP6 ::ffff:1.2.3.4 1:2:3:4:5:6:7:8 1 2\r\n", Header{Version: 1, Family: IPv6, Src: addr("1.2.3.4:1"), Dst: addr("[1:2:3:4:5:6:7:8]:2")}},
	{"PROXY TCP6 1:2:3:4:5:6:7:: 1:2:3:4:5:6:1.2.3.4 1 2\r\n", Header{Version: 1, Family: IPv6, Src: addr("[1:2:3:4:5:6:7:0]:1"), Dst: addr("[1:2:3:4:5:6:102:304]:2")}},
	{"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
		Header{Version: 1, Family: IPv6, Src: addr("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"), Dst: addr("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535")}},
	{"PROXY UNKNOWN\r\n", Header{Version: 1}},
	{"PROXY UNKNOWN anything  goes\x00 here\r\n", Header{Version: 1}},
	{"PROXY UNKNOWN" + strings.Repeat("x", MaxV1-15) + "\r\n", Header{Version: 1}},
	{v2(0x20, 0x00, ""), Header{Version: 2, Local: true}},
	{v2(0x20, 0x11, block4), Header{Version: 2, Local: true}},
	{v2(0x20, 0x11, "short"), Header{Version: 2, Local: true}},
	{v2(0x20, 0xff, "\x03\x00\x04nope"), Header{Version: 2, Local: true}},
	{v2(0x21, 0x00, ""), Header{Version: 2}},
	{v2(0x21, 0x01, "anything"), Header{Version: 2}},
	{v2(0x21, 0x20, "anything"), Header{Version: 2}},
	{v2(0x21, 0x00, strings.Repeat("x", MaxV2-fixed)), Header{Version: 2}},
	{v2(0x21, 0x11, block4), Header{Version: 2, Family: IPv4, Src: addr("1.2.3.4:258"), Dst: addr("5.6.7.8:772")}},
	{v2(0x21, 0x12, block4+"\x02\x00\x01x\x04\x00\x00"),
		Header{Version: 2, Family: IPv4, Dgram: true, Src: addr("1.2.3.4:258"), Dst: addr("5.6.7.8:772"), TLVs: []byte("\x02\x00\x01x\x04\x00\x00")}},
	{v2(0x21, 0x21, "abcdefghijklmnop0123456789:;<=>?\x00\x01\x00\x02"),
		Header{Version: 2, Family: IPv6, Src: addr("[6162:6364:6566:6768:696a:6b6c:6d6e:6f70]:1"), Dst: addr("[3031:3233:3435:3637:3839:3a3b:3c3d:3e3f]:2")}},
	{v2(0x21, 0x31, "/from"+strings.Repeat("\x00", 103)+"/to"+strings.Repeat("\x00", 105)),
		Header{Version: 2, Family: Unix, SrcPath: path("/from"), DstPath: path("/to")}},
	{loadBalancer, Header{Version: 2, Family: IPv4, Src: addr("172.31.7.113:51442"), Dst: addr("172.31.10.31:80"), TLVs: []byte(loadBalancer[28:])}},
}

// badHeaders are what is none, with a ^ behind the byte that gives it away.
var badHeaders = []struct {
	text  string
	fault Fault
}{
	{"G^ET / HTTP/1.1\r\n", NotProxy},
	{"PROXX^", NotProxy},
	{"PROXY\t^TCP4", NotProxy},
	{" ^PROXY", NotProxy},
	{"\r\n\r\n\r^", NotProxy},
	{"\r\n\r\n\x00\r\nQUIT\r^", NotProxy},
	{"PROXY  ^TCP4", BadFamily},
	{"PROXY t^cp4", BadFamily},
	{"PROXY UD^P4", BadFamily},
	{"PROXY TCP5^", BadFamily},
	{"PROXY UNKNOWM^", BadFamily},
	{"PROXY TCP4\r^\n", BadLine},
	{"PROXY TCP4  ^1.2.3.4 5.6.7.8 1 2\r\n", BadLine},
	{"PROXY TCP4 1.2.3.4\r^\n", BadLine},
	{"PROXY TCP4 1.2.3.4  ^5.6.7.8 1 2\r\n", BadLine},
	{"PROXY TCP4 1.2.3.4 5.6.7.8 1\r^\n", BadLine},
	{"PROXY TCP4 1.2.3.4 5.6.7.8 1  ^2\r\n", BadLine},
	{"PROXY TCP4 1.2.3.4 5.6.7.8 1 2 ^\r\n", BadLine},
	{"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n^", BadLine},
	{"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\r^\n", BadLine},
	{"PROXY UNKNOWN\n^", BadLine},
	{"PROXY UNKNOWN a\rb^\r\n", BadLine},
	{"PROXY UNKNOWN" + strings.Repeat("x", MaxV1-15) + "x^\r\n", TooLong},
	{"PROXY UNKNOWN" + strings.Repeat("x", MaxV1-15) + "\rx^", BadLine},
	{"PROXY TCP6 " + strings.Repeat("0000:0000:0000:0000:0000:ffff:255.255.255.255 ", 2) + "123^", TooLong},
	{"PROXY TCP4 1.2.3 ^", BadAddress},
	{"PROXY TCP4 1.2.3.4.^5", BadAddress},
	{"PROXY TCP4 1..^2.3", BadAddress},
	{"PROXY TCP4 .^1.2.3", BadAddress},
	{"PROXY TCP4 256^.1.1.1", BadAddress},
	{"PROXY TCP4 01^.2.3.4", BadAddress},
	{"PROXY TCP4 1.2.3.4/^24", BadAddress},
	{"PROXY TCP4 :^:1", BadAddress},
	{"PROXY TCP6 1.^2.3.4", BadAddress},
	{"PROXY TCP6 1:2:3:4:5:6:7 ^", BadAddress},
	{"PROXY TCP6 1:2:3:4:5:6:7:8:^", BadAddress},
	{"PROXY TCP6 1:2:3:4:5:6:7::8^", BadAddress},
	{"PROXY TCP6 1::2::^3", BadAddress},
	{"PROXY TCP6 ::1:2:3:4:5:6:7:^8", BadAddress},
	{"PROXY TCP6 :1^::", BadAddress},
	{"PROXY TCP6 :::^", BadAddress},
	{"PROXY TCP6 1: ^", BadAddress},
	{"PROXY TCP6 00000^::", BadAddress},
	{"PROXY TCP6 ::1.2.3:^", BadAddress},
	{"PROXY TCP6 ::01.^2.3.4", BadAddress},
	{"PROXY TCP6 1:2:3:4:5:6::1.^2.3.4", BadAddress},
	{"PROXY TCP6 1:2:3:4:5:6:7:1.^2.3.4", BadAddress},
	{"PROXY TCP6 ::g^", BadAddress},
	{"PROXY TCP6 fe80::1%^eth0 ::1 1 2\r\n", BadAddress},
	{"PROXY TCP4 1.2.3.4 5.6.7.8 65536^ 2\r\n", BadPort},
	{"PROXY TCP4 1.2.3.4 5.6.7.8 1 00^\r\n", BadPort},
	{"PROXY TCP4 1.2.3.4 5.6.7.8 +^1 2\r\n", BadPort},
	{"PROXY TCP4 1.2.3.4 5.6.7.8 1x^ 2\r\n", BadPort},
	{signature + "\x31^", BadVersion},
	{signature + "\x11^", BadVersion},
	{signature + "\x22^", BadCommand},
	{signature + "\x21\x41^", BadFamily},
	{signature + "\x21\x13^", BadFamily},
	{signature + "\x21\x40^", BadFamily},
	{signature + "\x21\x11\x11^", TooLong},
	{signature + "\x20\x00\x10\x01^", TooLong},
	{signature + "\x21\x11\x00\x0b^", BadLength},
	{signature + "\x21\x21\x00\x23^", BadLength},
	{signature + "\x21\x31\x00\xd7^", BadLength},
	{signature + "\x21\x11\x00\x0d^" + block4 + "x", BadTLV},
	{signature + "\x21\x11\x00\x0e^" + block4 + "xx", BadTLV},
	{signature + "\x21\x11\x00\x10" + block4 + "\x01\x00\x02^x", BadTLV},
	{signature + "\x21\x11\x00\x10" + block4 + "\x01\x00\x00^x", BadTLV},
	{signature + "\x21\x11\x00\x12" + block4 + "\x03\x00\x03^sum", BadTLV},
	{signature + "\x21\x11\x00\x1a" + block4 + "\x03\x00\x04summ\x03\x00\x04^summ", BadTLV},
	{signature + "\x21\x11\x00\x13" + block4 + "\x03\x00\x04summ^", BadChecksum},
}

func TestGoodHeadersSayWhatTheySay(t *testing.T) {
	for _, c := range goodHeaders {
		var h Header
		n, v, fault := Parse([]byte(c.text), &h)
		require.Equal(t, Done, v, "%q: %v", c.text, fault)
		require.Zero(t, fault)
		require.Equal(t, len(c.text), n)
		require.Equal(t, c.want, h, "%q", c.text)
	}
}

func TestABadHeaderIsRefusedAtItsFirstWrongByte(t *testing.T) {
	seen := [len(faultNames)]bool{}
	for _, c := range badHeaders {
		begin, end, _ := strings.Cut(c.text, "^")
		for n := range len(begin) {
			v, _ := say([]byte(begin[:n]))
			require.Equal(t, More, v, "%q", begin[:n])
		}
		for n := range len(end) + 1 {
			v, fault := say([]byte(begin + end[:n]))
			require.Equal(t, Bad, v, "%q", begin+end[:n])
			require.Equal(t, c.fault.String(), fault.String(), "%q", begin+end[:n])
		}
		seen[c.fault] = true
	}
	for f := NotProxy; f <= BadChecksum; f++ {
		require.True(t, seen[f], "no example of %q", f)
	}
}

func TestAHeaderIsClearUnlessItIsDone(t *testing.T) {
	for _, text := range []string{"", "PROXY TCP4 1.2.3.4 5.6", "PROXY TCP4 1.2.3.4 x", loadBalancer[:40]} {
		h := Header{Version: 9, TLVs: []byte("left over")}
		_, v, _ := Parse([]byte(text), &h)
		require.NotEqual(t, Done, v)
		require.Equal(t, Header{}, h)
	}
}

// TestTLVsEndWithTheHeader: who appends to them must not write into what follows.
func TestTLVsEndWithTheHeader(t *testing.T) {
	p := []byte(loadBalancer + "payload")
	var h Header
	n, _, _ := Parse(p, &h)
	h.TLVs = AppendTLV(h.TLVs, Noop, nil)
	require.Equal(t, "payload", string(p[n:]))
}

// TestWhereAHeaderIsCutDoesNotMatter feeds every beginning of a header.
func TestWhereAHeaderIsCutDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawHeader(t)
		p := want.Append(nil)
		if want.Version == 2 && want.Family != Unspec && rapid.Bool().Draw(t, "checksum") {
			p = want.AppendWithChecksum(nil)
			want.TLVs = p[fixed+addresses[want.Family]:]
		}
		length := len(p)
		p = append(p, rapid.SliceOf(rapid.Byte()).Draw(t, "payload")...)
		for k := range len(p) + 1 {
			var h Header
			n, v, fault := Parse(p[:k], &h)
			require.Zero(t, fault, "%q", p[:k])
			require.Equal(t, min(k, length), n)
			if k < length {
				require.Equal(t, More, v)
				continue
			}
			require.Equal(t, Done, v)
			require.True(t, same(want, h), "%+v, not %+v", h, want)
		}
	})
}

func TestParseAllocatesNothing(t *testing.T) {
	var texts [][]byte
	for _, c := range goodHeaders {
		texts = append(texts, []byte(c.text))
	}
	for _, c := range badHeaders {
		texts = append(texts, []byte(strings.Replace(c.text, "^", "", 1)))
	}
	var h Header
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for _, p := range texts {
			Parse(p, &h)
		}
	}))
}
