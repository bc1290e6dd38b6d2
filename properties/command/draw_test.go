package command

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/properties/mistakes"
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
	require.Contains(t, out, "       200µs                                            | f0 recv 2048 = 30\n")
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

// TestThePictureOfTheStoryIsWhatIsDrawn: README shows what became of a recording, drawn by a
// trace command that has the relay's fault in it.
func TestThePictureOfTheStoryIsWhatIsDrawn(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	forgetful := mistakes.Mistake{Name: "a short send is taken for a whole one", File: "datalayer/secure.go", Old: "s.out.Drop(n)\n", New: "s.out.Drop(len(p))\n"}
	text, err := os.ReadFile(filepath.Join(root, forgetful.File))
	require.NoError(t, err)
	broken, err := forgetful.Plant(text)
	require.NoError(t, err)
	dir := t.TempDir()
	config, err := mistakes.Overlay(root, dir, map[string][]byte{forgetful.File: broken})
	require.NoError(t, err)
	trace, out := filepath.Join(dir, "trace"), filepath.Join(dir, "drawn.svg")
	build := exec.Command("go", "build", "-overlay", config, "-o", trace, "./traces/cmd/trace")
	build.Dir = root
	said, err := build.CombinedOutput()
	require.NoError(t, err, string(said))
	draw := exec.Command(trace, "draw", "-svg", "-o", out, "short-records.trace") // the picture has the name that the trace is called by
	draw.Dir = filepath.Join(root, "properties/proxy/testdata/regress")
	said, err = draw.CombinedOutput()
	require.Equal(t, 1, draw.ProcessState.ExitCode(), "%v %s", err, said)
	drawn, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Contains(t, string(drawn), ">f0 send 1470 = 214<")
	require.Contains(t, string(drawn), ">f0 send 1256 = 1256<") // as much as is left, and not what is left
	require.Contains(t, string(drawn), ">c0 gets RST<")
	require.Contains(t, string(drawn), "I60")
	golden(t, "../picture/testdata/short-records.svg", string(drawn))
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	require.Contains(t, string(readme), "(properties/picture/testdata/short-records.svg)")
}
