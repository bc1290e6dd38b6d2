package picture_test

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"millrace/properties"
	"millrace/properties/picture"
	"millrace/properties/programs"
	"millrace/properties/proxy"
	"millrace/traces"
)

var update = flag.Bool("update", false, "write the golden files")

const failing = "world steps=16\nsession 0 client=send:30,shutw,eof,close\nchoose f0 short-read 0 = 7\n"

func parse(t *testing.T, text string) *traces.Trace {
	tr, err := traces.Parse("test", []byte(traces.Magic+"\n"+text))
	require.NoError(t, err)
	return tr
}

func printed(t *testing.T, p *picture.Picture, as picture.Format) string {
	var b strings.Builder
	require.NoError(t, p.Print(&b, as))
	return b.String()
}

func golden(t *testing.T, name, got string) {
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o666))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func TestAFailureIsDrawnToItsEnd(t *testing.T) {
	require.NotNil(t, proxy.Program)
	p := picture.Simulated(parse(t, failing), "failing.trace")
	require.Equal(t, "I09 world", p.Rule)
	require.Equal(t, "no end after 16 steps", p.What)
	require.Contains(t, p.Says, "busy loop")
	require.Equal(t, picture.Breach, p.Events[len(p.Events)-1].Kind)
	golden(t, "proxy.txt", printed(t, p, picture.Text))
	golden(t, "proxy.svg", printed(t, p, picture.SVG))
}

func TestAProgramThatIsNoProxyHasNoServers(t *testing.T) {
	require.NotNil(t, programs.Echo)
	p := picture.Simulated(parse(t, "world program=echo\nsession 0 client=send:3,shutw,eof,close\n"), "echo.trace")
	require.False(t, p.Failed())
	golden(t, "echo.txt", printed(t, p, picture.Text))
}

// TestWhatIsSaidIsDrawn: the beginning of the text behind the call that moves it.
func TestWhatIsSaidIsDrawn(t *testing.T) {
	require.NotNil(t, programs.Lines)
	tr := parse(t, "world program=lines\nsession 0 client=say:\"HELO\\x20somebody-with-a-long-name\\n\",expect:\"250\",say:\"QUIT\\n\",eof,close\n")
	p := picture.Simulated(tr, "said.trace")
	var said []string
	for _, e := range p.Events {
		if strings.Contains(e.Text, `"`) && e.Kind == picture.Bytes {
			said = append(said, e.Text)
		}
	}
	require.Equal(t, []string{
		`f0 send 10 = 10 "220 lines\n"`, `f0 recv 64 = 31 "HELO somebody-with-a-lon"..`, `f0 send 36 = 36 "250 hello somebody-with-"..`,
		`f0 recv 64 = 5 "QUIT\n"`, `f0 send 8 = 8 "221 bye\n"`,
	}, said)
	for line := range strings.Lines(printed(t, p, picture.Text)) {
		require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), 100, line)
	}
}

func TestAStateHasPeersKernelAndProgram(t *testing.T) {
	p := picture.Simulated(parse(t, failing), "x")
	i := slices.IndexFunc(p.Events, func(e picture.Event) bool { return e.Text == "f0 recv 2048 = 7" })
	require.Positive(t, i)
	require.Equal(t, "choose f0 short-read 0 = 7", p.Events[i-1].Text, "the accident is in front of what it does")
	require.Equal(t, picture.Accident, p.Events[i-1].Kind)
	state := strings.Join(p.State(p.Events[i]), "\n")
	for _, line := range []string{"client: at eof (act 3), sent 30, got 0, sent FIN", "front kernel: CLOSE-WAIT, recv-q 23", "front state: EST", "front want: R", "front ready: R|W"} {
		require.Contains(t, state, line)
	}
}

func TestWhoIsWatchedDoesTheSame(t *testing.T) {
	for seed := range uint64(60) {
		tr, src := proxy.Program.Generate(seed)
		w := properties.NewWorld(proxy.Program)
		require.Nil(t, w.Run(tr, src, properties.Options{}))
		tr.Decisions = slices.Clone(w.Decisions())
		require.Nil(t, w.Replay(tr, properties.Options{}))
		require.Equal(t, w.Hash(), picture.Hash(tr), "seed %d", seed)
	}
}

func TestEveryByteThatArrivesIsDrawn(t *testing.T) {
	p := picture.Simulated(parse(t, "world\nsession 0 client=send:30000,shutw,eof,close\n"), "x")
	var there, back int
	for _, e := range p.Events {
		for sum, format := range map[*int]string{&there: "s0 gets %d bytes", &back: "c0 gets %d bytes"} {
			var n int
			if _, err := fmt.Sscanf(e.Text, format, &n); err == nil {
				*sum += n
			}
		}
	}
	require.Equal(t, []int{30000, 30000}, []int{there, back})
}

func TestARecordingIsDrawnWithoutPeers(t *testing.T) {
	tr := parse(t, "live\n+0s l0 accept = f0\n+1ms f0 set IN = OK\n+0s p0 wait never = 1\n+0s f0 event IN\n+0s f0 recv 5 = 5\n+2ms f0 close reset = OK\n")
	p := picture.Recorded(tr, "live.trace")
	require.Len(t, p.Events, 6)
	require.Equal(t, []string{"front polled: R"}, p.State(p.Events[4]))
	require.Equal(t, picture.Rst, p.Events[5].Kind)
	require.EqualValues(t, 3e6, p.Events[5].At)
	require.NotContains(t, p.Lanes, picture.Client)
}

func TestNothingInATraceIsMarkup(t *testing.T) {
	const evil = "</script><img src=x onerror=alert(1)>\x1b[2J"
	p := &picture.Picture{Title: evil, Program: evil, Trace: evil, Rule: evil, What: evil, Says: evil,
		Lanes: []picture.Lane{picture.Session}, Lines: []string{"a: " + evil}, States: [][]int32{{0}},
		Events: []picture.Event{{From: picture.Session, To: picture.Session, Kind: picture.Breach, Text: evil}}}
	for _, as := range []picture.Format{picture.HTML, picture.SVG} {
		text := printed(t, p, as)
		require.NotContains(t, text, "<img", "%s", as)
		require.NotContains(t, text, "\x1b", "%s", as)
	}
	require.Equal(t, 2, strings.Count(printed(t, p, picture.HTML), "</script>"))
	require.NotContains(t, printed(t, p, picture.Text), "\x1b")
	for d := xml.NewDecoder(strings.NewReader(printed(t, p, picture.SVG))); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
	}
}

func TestTextFitsATerminal(t *testing.T) {
	p := picture.Simulated(parse(t, failing), strings.Repeat("long/", 40))
	p.What = strings.Repeat("a word and another ", 20) + strings.Repeat("w", 200)
	for line := range strings.Lines(printed(t, p, picture.Text)) {
		require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), 100, line)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestAPictureThatCannotBeWrittenIsAnError(t *testing.T) {
	p := picture.Simulated(parse(t, failing), "x")
	for _, as := range []picture.Format{picture.HTML, picture.SVG, picture.Text, picture.PCAP} {
		require.ErrorContains(t, p.Print(full{}, as), "disk full", "%s", as)
	}
	require.ErrorContains(t, p.Print(io.Discard, "png"), `cannot be printed as "png"`)
}
