package picture_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/properties"
	"millrace/properties/picture"
	"millrace/properties/proxy"
)

// packetsOf reads a capture as a stranger would: a line for each packet, whose lengths and sums
// are right. carried is how many bytes of payload went from one address to another.
func packetsOf(t *testing.T, file string) (lines []string, carried map[string]int64) {
	t.Helper()
	le, be := binary.LittleEndian, binary.BigEndian
	carried = map[string]int64{}
	next := map[string]uint32{}
	for b := []byte(file); len(b) > 0; {
		size := le.Uint32(b[4:])
		require.Zero(t, size%4)
		require.Equal(t, size, le.Uint32(b[size-4:]), "a block says its length twice")
		block := b[8 : size-4]
		kind := le.Uint32(b)
		if b = b[size:]; kind != 6 {
			continue
		}
		at := uint64(le.Uint32(block[4:]))<<32 | uint64(le.Uint32(block[8:]))
		p := block[20 : 20+le.Uint32(block[12:])]
		require.EqualValues(t, len(p), be.Uint16(p[2:]))
		require.EqualValues(t, 0xffff, total(p[:20]), "the sum of an IP header")
		pseudo := append(slices.Clone(p[12:20]), 0, 6)
		pseudo = be.AppendUint16(pseudo, uint16(len(p)-20))
		require.EqualValues(t, 0xffff, total(append(pseudo, p[20:]...)), "the sum of a segment")
		from := fmt.Sprintf("%d.%d.%d.%d:%d", p[12], p[13], p[14], p[15], be.Uint16(p[20:]))
		to := fmt.Sprintf("%d.%d.%d.%d:%d", p[16], p[17], p[18], p[19], be.Uint16(p[22:]))
		seq, flags, n := be.Uint32(p[24:]), p[33], len(p)-40
		if flags&2 == 0 && next[from+to] != 0 {
			require.Equal(t, next[from+to], seq, "%s to %s: bytes follow each other", from, to)
		}
		next[from+to] = seq + uint32(n) + uint32(flags&1) + uint32(flags>>1&1)
		carried[from[:5]+to[:5]] += int64(n)
		lines = append(lines, fmt.Sprintf("%9dns %s > %s %s seq %d ack %d len %d", at, from, to, names(flags), seq, be.Uint32(p[28:]), n))
	}
	return lines, carried
}

func names(flags byte) string {
	var s []string
	for i, name := range []string{"FIN", "SYN", "RST", "PSH", "ACK"} {
		if flags>>i&1 == 1 {
			s = append(s, name)
		}
	}
	return strings.Join(s, "+")
}

func total(b []byte) (s uint32) {
	if len(b)%2 == 1 {
		b = append(slices.Clone(b), 0)
	}
	for i := 0; i < len(b); i += 2 {
		s += uint32(b[i])<<8 | uint32(b[i+1])
	}
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return s
}

func TestACaptureHasTheConversation(t *testing.T) {
	p := picture.Simulated(parse(t, "world\nsession 0 client=send:40000,shutw,eof,close\nchoose f0 short-read 0 = 7\n"), "x.trace")
	file := printed(t, p, picture.PCAP)
	lines, carried := packetsOf(t, file)
	require.Equal(t, map[string]int64{"10.1.10.0.": 40000, "10.0.10.2.": 40000, "10.2.10.0.": 40000, "10.0.10.1.": 40000}, carried)
	require.Contains(t, file, "choose f0 short-read 0 = 7", "an accident is a comment")
	golden(t, "packets.txt", strings.Join(lines, "\n")+"\n")
}

func TestCapturesAddUp(t *testing.T) {
	for seed := range uint64(40) {
		tr, src := proxy.Program.Generate(seed)
		w := properties.NewWorld(proxy.Program)
		require.Nil(t, w.Run(tr, src, properties.Options{}))
		tr.Decisions = slices.Clone(w.Decisions())
		p := picture.Simulated(tr, "x")
		want := map[string]int64{}
		for _, e := range p.Events {
			ends := map[picture.Lane]string{picture.Client: "10.1.", picture.Front: "10.0.", picture.Back: "10.0.", picture.Server: "10.2."}
			if from, to := ends[e.From], ends[e.To]; from != "" && to != "" && e.N > 0 {
				want[from+to] += e.N
			}
		}
		_, carried := packetsOf(t, printed(t, p, picture.PCAP))
		for way, n := range want {
			require.Equal(t, n, carried[way], "seed %d, %s", seed, way)
		}
	}
}

func TestACaptureOfARecordingIsWhatTheProgramGot(t *testing.T) {
	p := picture.Recorded(parse(t, "live\n+0s l0 accept = f0\n+1ms f0 peek 5 = 5\n+0s f0 recv 5 = 5\n+0s b0 socket 0 = OK\n"+
		"+0s b0 connect = EINPROGRESS\n+1ms b0 send 5 = 5\n+2ms b0 recv 9 = ECONNRESET\n+2ms f0 close reset = OK\n"), "live.trace")
	lines, _ := packetsOf(t, printed(t, p, picture.PCAP))
	golden(t, "recorded-packets.txt", strings.Join(lines, "\n")+"\n")
}

// TestBytesInPiecesAreBytes: what a program reads and writes from several places at once counts
// as what it gets and gives in one.
func TestBytesInPiecesAreBytes(t *testing.T) {
	const text = "live\n+0s l0 accept = f0\n+0s f0 recv 5 = 5\n+0s f0 send 9 = 7\n+0s f0 recv 5 = 0\n"
	inPieces := strings.NewReplacer("recv", "readv", "send", "writev").Replace(text)
	whole, _ := packetsOf(t, printed(t, picture.Recorded(parse(t, text), "x"), picture.PCAP))
	pieces, _ := packetsOf(t, printed(t, picture.Recorded(parse(t, inPieces), "x"), picture.PCAP))
	require.NotEmpty(t, whole)
	require.Equal(t, whole, pieces)
}

func TestWhatReadsCapturesFindsNothingWrong(t *testing.T) {
	program, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("no tshark here to read the capture: on Debian, apt-get install tshark")
	}
	path := filepath.Join(t.TempDir(), "x.pcapng")
	p := picture.Simulated(parse(t, "world\nsession 0 client=send:300000,shutw,eof,close\nsession 1 at=1ms client=send:10,shutw,eof,close\n"), "x.trace")
	require.NoError(t, os.WriteFile(path, []byte(printed(t, p, picture.PCAP)), 0o666))
	var said strings.Builder
	read := func(filter string) string {
		cmd := exec.Command(program, "-r", path, "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-Y", filter)
		cmd.Stderr = &said
		out, err := cmd.Output()
		require.NoError(t, err, said.String())
		return string(out)
	}
	require.Equal(t, 4, strings.Count(read("tcp.flags.syn == 1 && tcp.flags.ack == 0"), "\n"), "a handshake for each connection")
	require.Empty(t, read("_ws.malformed || _ws.expert.severity >= warning || tcp.analysis.flags"))
	require.NotContains(t, said.String(), "cut short")
}
