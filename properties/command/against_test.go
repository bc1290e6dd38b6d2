package command

import (
	"bufio"
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/properties"
	"millrace/properties/hunt"
	"millrace/properties/programs"
)

// inProcess is another build that is a program of this process.
func inProcess(t *testing.T, p *properties.Program) *other {
	asks, ask := io.Pipe()
	answers, answer := io.Pipe()
	done := make(chan error)
	go func() { done <- tell(p, asks, answer) }()
	t.Cleanup(func() {
		ask.Close()
		require.NoError(t, <-done)
	})
	return &other{in: ask, out: bufio.NewReader(answers)}
}

func TestTwoEqualBuildsTellTheSameStories(t *testing.T) {
	var out, errs bytes.Buffer
	code, err := against(programs.Lines, config{Config: hunt.Config{Seed: 1, Seeds: alive + 1}}, inProcess(t, programs.Lines), &out, &errs)
	require.NoError(t, err)
	require.Equal(t, nothing, code)
	require.Equal(t, "1001 worlds, of which 0 tell another story\n", out.String())
	require.Equal(t, "soak: 1000 worlds, 0 differ\n", errs.String())
}

// TestADifferenceIsShownSmallAndSideBySide: the other build is an echo that hangs up.
func TestADifferenceIsShownSmallAndSideBySide(t *testing.T) {
	rude := *programs.Echo
	rude.Main = hangsUp
	var out, errs bytes.Buffer
	code, err := against(programs.Echo, config{Config: hunt.Config{Seed: 1, Seeds: 10}}, inProcess(t, &rude), &out, &errs)
	require.NoError(t, err)
	require.Equal(t, found, code)
	require.Contains(t, out.String(), "world program=echo\nsession 0 client=")
	require.Regexp(t, `here:\n(    .*\n)*    session 0: up .* rst=false server.*\nthere:\n(    .*\n)*    session 0: up .*client eof=false rst=true`, out.String())
}

func TestAnotherBuildThatDoesNotUnderstandIsSaid(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, tell(programs.Echo, bytes.NewReader([]byte("millrace 1\nworld futile=1\n.\n")), &out))
	require.Equal(t, "? told:2: expected the name of a setting, such as latency, found \"futile\"\n.\n", out.String())
}
