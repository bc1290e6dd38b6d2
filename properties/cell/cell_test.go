package cell

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/properties"
	"millrace/properties/picture"
	"millrace/properties/proxy"
	"millrace/traces"
)

// TestMain lets the tests' own program be the cells'.
func TestMain(m *testing.M) {
	Serve()
	os.Exit(m.Run())
}

func newCell(t *testing.T) *Cell {
	c := &Cell{Program: proxy.Program, Limits: DefaultLimits}
	t.Cleanup(c.Close)
	return c
}

func parse(t *testing.T, text string) *traces.Trace {
	tr, err := traces.Parse("test", []byte(traces.Magic+"\n"+text))
	require.NoError(t, err)
	return tr
}

func TestACellDoesWhatAWorldHereDoes(t *testing.T) {
	c := newCell(t)
	totals, d, err := c.Hunt(Seeds{From: 1, N: 200, Share: 20}, func(string, *traces.Trace) { t.Error("nothing fails") })
	require.NoError(t, err)
	require.Nil(t, d)
	w := properties.NewWorld(proxy.Program)
	w.Share = 20
	for seed := range uint64(200) {
		w.Hunt(1 + seed)
	}
	var here properties.Totals
	w.Flush(&here)
	require.NotZero(t, totals.Spent)
	totals.Spent = here.Spent // a world knows no clock
	require.Equal(t, here, totals)
}

func TestACellSaysHowATraceFails(t *testing.T) {
	c := newCell(t)
	tr := parse(t, "world steps=20\nsession 0 client=send:3000,shutw,eof,close\nsession 1 client=send:1,close\nchoose f0 short-read 77 = 5\n")
	run, d, err := c.Replay(tr, "")
	require.NoError(t, err)
	require.Nil(t, d)
	require.Equal(t, "I09 world: no end after 20 steps", run.Fail)
	require.Empty(t, run.Decisions, "what was taken, and not what was written")

	tr.Fail = run.Fail
	small, err := c.Shrink(tr, "some/path", func() bool { return false })
	require.NoError(t, err)
	require.Len(t, small.Sessions, 1)
	require.Contains(t, small.String(), "# replay: go run ./traces/cmd/trace replay some/path\n")

	var b strings.Builder
	failed, err := c.Explain(&b, tr, "some/path", false)
	require.NoError(t, err)
	require.True(t, failed)
	require.Contains(t, b.String(), "no end after 20 steps")
	none, err := c.ShrinkAny(parse(t, "world\n"), "x", func() bool { return false })
	require.NoError(t, err)
	require.Nil(t, none, "it passes")
}

func TestAJournalHasEverythingAtOnce(t *testing.T) {
	c := newCell(t)
	path := filepath.Join(t.TempDir(), "journal")
	_, d, err := c.Replay(parse(t, "world\nsession 0 client=send:5,close\nchoose f0 recv-again 0 = 1\n"), path)
	require.NoError(t, err)
	require.Nil(t, d)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(text), "choose f0 recv-again 0 = 1\n+0s f0 recv 2048 = EAGAIN\n")
}

// TestAJournalMayHaveLongLines: all that is said in a session is in one.
func TestAJournalMayHaveLongLines(t *testing.T) {
	long := properties.Scenario + strings.Repeat("x", 100_000)
	lines, _, err := newCell(t).journal(func(path string) (*Death, error) {
		return nil, os.WriteFile(path, []byte("first\n"+long+"\nlast\n"), 0o666)
	})
	require.NoError(t, err)
	require.Equal(t, []string{"first", long, "last"}, lines)
}

func TestARequestThatMakesNoSenseIsAnError(t *testing.T) {
	c := newCell(t)
	_, err := c.do(request{Task: replay, Trace: []byte("nonsense"), Path: "file"}, func(reply) {})
	require.ErrorContains(t, err, `file:1: expected "millrace 1", found "nonsense"`)
	totals, _, err := c.Hunt(Seeds{From: 1, N: 3}, nil)
	require.NoError(t, err, "and the cell lives on")
	require.EqualValues(t, 3, totals.Worlds)
}

// TestACellThatIsKilledIsADeath: whoever did it.
func TestACellThatIsKilledIsADeath(t *testing.T) {
	c := newCell(t)
	require.NoError(t, c.start())
	require.NoError(t, c.cmd.Process.Kill())
	_, d, err := c.Hunt(Seeds{From: 1, N: 1000}, nil)
	if err == nil { // else the question could not even be asked
		require.NotNil(t, d)
		require.Equal(t, "I65 nobody knows what", d.Identity())
		require.Contains(t, d.What, "signal: killed")
	}
	totals, d, err := c.Hunt(Seeds{From: 1, N: 3}, nil)
	require.NoError(t, err)
	require.Nil(t, d)
	require.EqualValues(t, 3, totals.Worlds, "and the next one is there")
}

func TestOfALostRunThereAreItsLastSteps(t *testing.T) {
	c := newCell(t)
	tr := parse(t, "world\nsession 0 client=send:5,close\nchoose f0 recv-again 0 = 1\n")
	p, err := c.last(tr, "x.trace", &Death{Where: "endless loop in a", What: "no round"})
	require.NoError(t, err)
	require.Equal(t, "I65 endless loop in a", p.Rule)
	require.NotEmpty(t, p.Says)
	require.Equal(t, "f0 recv 2048 = EAGAIN", p.Events[slices.IndexFunc(p.Events, func(e picture.Event) bool { return e.Label == 0 && strings.Contains(e.Text, "recv") })].Text)
}

func TestACellHasNoCells(t *testing.T) {
	t.Setenv(env, "1")
	_, _, err := newCell(t).Hunt(Seeds{N: 1}, nil)
	require.ErrorContains(t, err, "a cell may not have cells")
}

func TestLastWordsAreUnderstood(t *testing.T) {
	for _, c := range []struct{ said, identity, what string }{
		{"noise\n" + ofSeed + "77\n" + lastWords + "endless loop in core.(*Loop).Step: no round\ngoroutine 1", "I65 endless loop in core.(*Loop).Step", "no round"},
		{"runtime: goroutine stack exceeds 67108864-byte limit\nfatal error: stack overflow\n\ngoroutine 1 [running]:\n" +
			"millrace/streamif.b(0x1)\n\tb.go:1\nmillrace/streamif.a(0x1)\n\ta.go:1\nmillrace/streamif.b(...)\n\tb.go:1\n" +
			"millrace/streamif.a(0x1)\n\ta.go:1\nmillrace/streamif.b(...)\n\tb.go:1\nmillrace/streamif.a({0x1, 0x2}, 0x3)\n\ta.go:1\n",
			"I65 stack overflow in streamif.a", "Go ends the process: stack overflow"},
		{"fatal error: concurrent map writes\n\ngoroutine 3 [running]:\nruntime.throw()\n\tx.go:1\nmillrace/x.(*T).f(0x1)\n\tx.go:2\n", "I65 concurrent map writes in x.(*T).f", "Go ends the process: concurrent map writes"},
		{"", "I65 nobody knows what", "the process ended with signal: killed"},
	} {
		d := autopsy(c.said, errors.New("signal: killed"))
		require.Equal(t, c.identity, d.Identity())
		require.Equal(t, c.what, d.What)
	}
	require.EqualValues(t, 77, *autopsy(ofSeed+"77\n"+lastWords+"x in y: z", nil).Seed)
}

func TestOfWhatACellSaysBothEndsAreKept(t *testing.T) {
	var said tail
	for range 100 {
		_, err := said.Write([]byte(strings.Repeat("x", keep/10)))
		require.NoError(t, err)
	}
	_, err := said.Write([]byte("the end"))
	require.NoError(t, err)
	require.LessOrEqual(t, len(said.String()), 4*keep)
	require.True(t, strings.HasSuffix(said.String(), "the end"))
}
