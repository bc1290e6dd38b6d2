package conform

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/core/kerneltest"
	"millrace/properties/hunt"
	"millrace/simfd/simulated"
)

// call is how the command of these tests is called.
const call = "my-program conform"

func TestAHuntSaysWhatItCompared(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	var out, errs bytes.Buffer
	require.Equal(t, 0, Run(call, []string{"-seed", "1", "-seeds", "50", "-o", dir}, &out, &errs), "%s%s", &out, &errs)
	for _, part := range []string{
		"kernel            this is Linux ", " scripts, 0 answered otherwise\n", "seeds             1 to 50\n",
		"drawn             50 scripts (", "not deterministic ", "one-shot ", "free to do        send into what was full: all ",
		"but never seen    ", "what campaigns inject beyond that: ", "short-read", "differences       0 different\n",
	} {
		require.Contains(t, out.String(), part)
	}
	require.Contains(t, errs.String(), "conform: seed 1, ")
	require.NoDirExists(t, dir)
}

func TestABadCallIsOneClearLine(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.txt")
	require.NoError(t, os.WriteFile(bad, []byte("us listen\n"), 0o666))
	for _, c := range [][2]string{
		{"-for never", `conform: invalid value "never" for flag -for`},
		{"-o /dev/null", "conform: mkdir /dev/null: not a directory"},
		{"nothing.txt", "conform: open nothing.txt: no such file"},
		{bad, "conform: " + bad + `:1: "us listen" is not what any actor does`},
	} {
		var out, errs bytes.Buffer
		require.Equal(t, 2, Run(call, strings.Fields(c[0]), &out, &errs))
		require.Empty(t, out.String())
		require.Contains(t, errs.String(), c[1])
		require.Equal(t, 1, strings.Count(errs.String(), "\n"))
	}
}

func TestAFileIsAnsweredByLinux(t *testing.T) {
	file := filepath.Join(t.TempDir(), "question.txt")
	require.NoError(t, os.WriteFile(file, []byte("# What now?\nus socket closed\nus connect\nus error\nus error\n"), 0o666))
	var out, errs bytes.Buffer
	require.Equal(t, 0, Run(call, []string{file}, &out, &errs), "%s", &errs)
	require.Equal(t, "== "+file+"\n"+
		"# What now?\n"+
		"us socket closed         = OK\n"+
		"us connect               = EINPROGRESS\n"+
		"us error                 = ECONNREFUSED\n"+
		"us error                 = OK\n", out.String())
	require.NoError(t, os.WriteFile(file, []byte("us socket\nus recv 1 = EPIPE\n"), 0o666))
	out.Reset()
	require.Equal(t, 1, Run(call, []string{file}, &out, &errs))
	require.Contains(t, out.String(), "the file has other answers:\n\n       us socket                = OK\n"+
		"linux: us recv 1                = ENOTCONN\n file: us recv 1                = EPIPE\n")
}

// TestADifferenceIsWrittenOnceShrunkAndReported has a kernel on trial that no FIN
// ever reaches.
func TestADifferenceIsWrittenOnceShrunkAndReported(t *testing.T) {
	right := linux
	defer func() { linux = right }()
	linux = kerneltest.Trial{
		Right: func(int) kerneltest.Machine { return simulated.New() },
		Under: func() kerneltest.Machine { return deaf{simulated.New()} },
		Tries: 1,
	}
	dir := t.TempDir()
	c := newCampaign(call, hunt.Config{Dir: dir, Length: time.Hour, Seed: 1, Seeds: 300, Procs: 2}, new(bytes.Buffer))
	c.Run(c.worker)
	require.NoError(t, c.err)
	var out bytes.Buffer
	c.report(&out)
	files, err := filepath.Glob(filepath.Join(dir, "drawn-*.txt"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	require.LessOrEqual(t, len(files), len(c.found))
	for _, f := range c.found {
		require.Contains(t, files, f.path)
		require.Contains(t, out.String(), "times: "+f.key+"\n")
		require.Contains(t, out.String(), "    "+call+" "+f.path+"\n")
		text, err := os.ReadFile(f.path)
		require.NoError(t, err)
		require.LessOrEqual(t, strings.Count(string(text), "\n"), 12, "%s", text)
		require.Equal(t, 1, Run(call, []string{f.path}, new(bytes.Buffer), new(bytes.Buffer)), "the command does not show it")
	}
}

// TestADifferenceThatDoesNotComeBackIsNone has a kernel on trial that no FIN reaches, until
// it has differed for the first time.
func TestADifferenceThatDoesNotComeBackIsNone(t *testing.T) {
	right := linux
	defer func() { linux = right }()
	runs, until := 0, 0
	linux = kerneltest.Trial{
		Right: func(int) kerneltest.Machine { runs++; return simulated.New() },
		Under: func() kerneltest.Machine {
			if until == 0 && runs > 0 {
				until = runs
			}
			if until > 0 {
				return simulated.New()
			}
			return deaf{simulated.New()}
		},
		Tries: 1,
	}
	dir := filepath.Join(t.TempDir(), "none")
	c := newCampaign(call, hunt.Config{Dir: dir, Length: time.Hour, Seed: 1, Procs: 1}, new(bytes.Buffer))
	for seed := uint64(1); c.verdicts[kerneltest.Unsteady] == 0; seed++ {
		require.Less(t, seed, uint64(1000), "nothing differs")
		runs, until = 0, 0
		require.NoError(t, c.try(seed))
	}
	require.Empty(t, c.found)
	require.Zero(t, c.verdicts[kerneltest.Differs])
	require.NoDirExists(t, dir)
	var out bytes.Buffer
	c.report(&out)
	require.Contains(t, out.String(), "and then it did not differ\n")
}

// deaf refuses to hear of the end of a server's stream.
type deaf struct{ *simulated.Machine }

func (d deaf) ServerEnd(n int) kerneltest.Peer {
	if p := d.Machine.ServerEnd(n); p != nil {
		return mute{p}
	}
	return nil
}

type mute struct{ kerneltest.Peer }

func (m mute) Shut(r, w bool) (e core.Errno) {
	if r {
		e = m.Peer.Shut(true, false)
	}
	return e
}
