package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAPictureLiesBesideItsTrace(t *testing.T) {
	path := file(t, endless)
	for _, c := range []struct{ flag, end, has string }{
		{"-o=", ".html", "<!doctype html>"}, {"-svg", ".svg", "no end after 20 steps"},
	} {
		code, out, complaint := call("draw", c.flag, path)
		require.Equal(t, 1, code, complaint)
		name := strings.TrimSuffix(path, ".trace") + c.end
		require.Equal(t, name+"\n", out)
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Contains(t, string(text), c.has)
	}
}

func TestATerminalHasItsPicture(t *testing.T) {
	code, out, _ := call("draw", "-txt", file(t, healthy))
	require.Equal(t, 0, code)
	require.Contains(t, out, "|=======>|        |        |        |        |     c0 5 bytes arrive\n")
}

func TestARecordingIsDrawnAsItIs(t *testing.T) {
	code, out, _ := call("draw", "-txt", file(t, "millrace 1\nlive\n+1ms l0 accept = f0\n+0s f0 recv 5 = 5\n"))
	require.Equal(t, 0, code)
	require.Contains(t, out, "         1ms    |=======>|        |        |     f0 recv 5 = 5\n")
}

func TestAPictureThatCannotBeWrittenIsAnError(t *testing.T) {
	code, _, complaint := call("draw", "-o", "/nowhere/at/all", file(t, healthy))
	require.Equal(t, 2, code)
	require.Contains(t, complaint, "/nowhere/at/all")
}

func TestTheRunThatDoesNotFailIsDrawnBeside(t *testing.T) {
	code, out, complaint := call("draw", "-both", "-txt", file(t, "millrace 1\nworld steps=18\nsession 0 client=send:30,shutw,eof,close\nchoose f0 short-read 0 = 7\n"))
	require.Equal(t, 1, code, complaint)
	require.Contains(t, out, "       200µs                                            | f0 recv 16384 = 30\n")
	code, _, complaint = call("draw", "-both", file(t, healthy))
	require.Equal(t, 2, code)
	require.Contains(t, complaint, "passes, there is no failure to look beside")
}

func TestACaptureLiesBesideItsTrace(t *testing.T) {
	path := file(t, healthy)
	code, out, complaint := call("pcap", path)
	require.Equal(t, 0, code, complaint)
	require.Equal(t, strings.TrimSuffix(path, ".trace")+".pcapng\n", out)
	text, err := os.ReadFile(strings.TrimSpace(out))
	require.NoError(t, err)
	require.Contains(t, string(text), "millrace")
}

// TestThePictureOfTheStoryIsWhatIsDrawn: README shows what became of a recording, with the short
// send and what it left to be sent.
func TestThePictureOfTheStoryIsWhatIsDrawn(t *testing.T) {
	const path = "../picture/testdata/short-records.svg"
	there, err := os.Getwd()
	require.NoError(t, err)
	out := filepath.Join(t.TempDir(), "drawn.svg")
	t.Chdir("../proxy/testdata/regress") // the picture has the name that the trace is called by
	code, _, complaint := call("draw", "-svg", "-o", out, "short-records.trace")
	require.Equal(t, 0, code, complaint)
	text, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Contains(t, string(text), ">f0 send 1470 = 214<")
	require.Contains(t, string(text), ">f0 send 1256 = 1256<")
	golden(t, filepath.Join(there, path), string(text))
	readme, err := os.ReadFile(filepath.Join(there, "../../README.md"))
	require.NoError(t, err)
	require.Contains(t, string(readme), "(properties/picture/testdata/short-records.svg)")
}
