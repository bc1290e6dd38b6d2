package command

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"millrace/properties"
	"millrace/properties/cell"
	"millrace/properties/hunt"
	"millrace/properties/programs"
	"millrace/properties/proxy"
	"millrace/traces"
)

// TestMain lets the tests' own program be the cells', and soak.
func TestMain(m *testing.M) {
	cell.Serve()
	if os.Getenv(asSoak) != "" {
		os.Exit(Soak(proxy.Program, os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func TestAHuntSaysWhatItDid(t *testing.T) {
	var out, errs bytes.Buffer
	require.Equal(t, 0, Soak(proxy.Program, []string{"-seed", "1", "-seeds", "400", "-o", t.TempDir()}, &out, &errs), "%s", &out)
	for _, part := range []string{
		"seeds             1 to 400\n", "worlds            400 (", "descriptor calls  ", "virtual time      ",
		"short-read", "never reached     ", "failures          0 different\n",
	} {
		require.Contains(t, out.String(), part)
	}
	require.Contains(t, errs.String(), "soak: seed 1, ")
}

func TestTheTimeOfAHuntIsKept(t *testing.T) {
	var out, errs bytes.Buffer
	begin := time.Now()
	require.Equal(t, 0, Soak(proxy.Program, []string{"-for", "300ms", "-o", t.TempDir()}, &out, &errs), "%s", &out)
	require.Less(t, time.Since(begin), 20*time.Second)
	require.Contains(t, out.String(), "failures          0 different\n")
}

func TestABadCallIsOneClearLine(t *testing.T) {
	for _, c := range [][2]string{
		{"-for never", `soak: invalid value "never" for flag -for`},
		{"-for -1s", "soak: -for -1s: expected more than nothing"},
		{"-procs 0", "soak: -procs 0: expected 1 to 1024"},
		{"-o /dev/null", "soak: mkdir /dev/null: not a directory"},
		{"more", `soak: unexpected argument "more"`},
		{"-back", "soak: -back: expected -seeds too: there is no last one"},
	} {
		var out, errs bytes.Buffer
		require.Equal(t, 2, Soak(proxy.Program, strings.Fields(c[0]), &out, &errs))
		require.Empty(t, out.String())
		require.Contains(t, errs.String(), c[1])
		require.Equal(t, 1, strings.Count(errs.String(), "\n"))
	}
	var out, errs bytes.Buffer
	require.Equal(t, 0, Soak(proxy.Program, []string{"-h"}, &out, &errs))
	require.Contains(t, errs.String(), "usage: soak")
}

// failing is a trace that fails, as if a world had made it.
func failing(t *testing.T) *traces.Trace {
	tr, err := traces.Parse("test", []byte("millrace 1\n# seed 0x1\nworld steps=20\n"+
		"session 0 client=send:3000,shutw,eof,close\nsession 1 client=send:1,close\n"))
	require.NoError(t, err)
	f := properties.NewWorld(proxy.Program).Replay(tr, properties.Options{})
	require.NotNil(t, f)
	tr.Fail = f.String()
	return tr
}

// campaignIn makes a campaign that writes to a directory, and a cell for it.
func campaignIn(t *testing.T, dir string, first bool) (*campaign, *cell.Cell) {
	w := &cell.Cell{Program: proxy.Program, Limits: cell.DefaultLimits}
	t.Cleanup(w.Close)
	return newCampaign(proxy.Program, config{Config: hunt.Config{Dir: dir, Length: time.Minute, Procs: 1, First: first}}, &bytes.Buffer{}), w
}

func TestAFailureIsWrittenOnceShrunkAndReported(t *testing.T) {
	dir := t.TempDir()
	c, w := campaignIn(t, dir, false)
	require.NoError(t, c.failed(w, failing(t), w.Shrink))
	require.NoError(t, c.failed(w, failing(t), w.Shrink))
	text, err := os.ReadFile(filepath.Join(dir, "I09-world.trace"))
	require.NoError(t, err)
	require.NotContains(t, string(text), "session 1")
	var out bytes.Buffer
	c.Took = time.Second
	c.report(&out)
	require.Contains(t, out.String(), "failures          1 different\n\n2 times: I09 world: no end after 20 steps\n")
	require.Contains(t, out.String(), "    go run ./traces/cmd/trace replay "+filepath.Join(dir, "I09-world.trace")+"\n    picture "+filepath.Join(dir, "I09-world.html")+"\n")
	page, err := os.ReadFile(filepath.Join(dir, "I09-world.html"))
	require.NoError(t, err)
	require.Contains(t, string(page), "no end after 20 steps")
	require.Contains(t, out.String(), "worlds  ")
}

func TestOneFailureIsEnoughIfItIsToBe(t *testing.T) {
	c, w := campaignIn(t, t.TempDir(), true)
	require.NoError(t, c.failed(w, failing(t), w.Shrink))
	require.True(t, c.Halted())
	require.True(t, c.Hurry(), "nobody waits for others to be shrunk")
	var out bytes.Buffer
	c.count(&properties.Totals{Worlds: 7, Spent: 1_234_567_890}, nil)
	c.report(&out)
	require.True(t, strings.HasPrefix(out.String(), "failures          1 different\n\n1 times: I09 world"), "%s", &out)
	require.True(t, strings.HasSuffix(out.String(), "\nfound after       7 worlds, 1.235s of processor time\n"), "%s", &out)
}

func TestADirectoryThatCannotBeWrittenEndsTheHunt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(dir, nil, 0o666))
	c, w := campaignIn(t, dir, false)
	err := c.failed(w, failing(t), w.Shrink)
	require.Error(t, err)
	c.broken(err)
	require.True(t, c.Halted())
}

// TestTheSameSeedsHaveTheSameHash: however many run them, and in whatever order.
func TestTheSameSeedsHaveTheSameHash(t *testing.T) {
	hash := func(args ...string) string {
		var out, errs bytes.Buffer
		require.Equal(t, nothing, Soak(proxy.Program, append(args, "-seed", "13", "-seeds", "300", "-o", t.TempDir()), &out, &errs), "%s", &out)
		for line := range strings.Lines(out.String()) {
			if strings.HasPrefix(line, "hash of all ") || strings.HasPrefix(line, "descriptor calls ") {
				line, _, _ = strings.Cut(line, "(")
				args = append(args, line)
			}
		}
		return strings.Join(args[len(args)-2:], "")
	}
	want := hash("-procs", "1")
	require.Contains(t, want, "hash of all")
	require.Equal(t, want, hash("-procs", "2"))
	require.Equal(t, want, hash("-procs", "3", "-back"))
	require.Equal(t, want, hash("-again", "1"))
}

func TestFailuresOfOneCauseStandTogetherTheSmallestFirst(t *testing.T) {
	c, _ := campaignIn(t, t.TempDir(), false)
	for _, f := range []struct {
		fail, without string
		sessions      int
	}{
		{"I31 si EST/CLO: what", "without b3 short-write 9 it passes", 3},
		{"I40 peer: what", "without f0 short-read 0 it passes", 2},
		{"I31 si EST/EST: what", "without b0 short-write 1 it passes", 1},
		{"I31 si CLO/EST: what", "", 1},
	} {
		tr := &traces.Trace{Settings: traces.Default(), Sessions: make([]traces.Session, f.sessions), Fail: f.fail, Comments: []string{f.without}}
		require.NotNil(t, c.first(tr))
	}
	var b strings.Builder
	for _, g := range causes(c.found) {
		for _, f := range g {
			b.WriteString(f.id + "; ")
		}
		b.WriteString("\n")
	}
	require.Equal(t, "I31 si CLO/EST; \nI31 si EST/EST; I31 si EST/CLO; \nI40 peer; \n", b.String())
	var out bytes.Buffer
	c.report(&out)
	require.Contains(t, out.String(), "failures          4 different, of perhaps 3 causes\n")
	require.Contains(t, out.String(), "  and with I31, and not without b short-write in common:\n    1 times: I31 si EST/CLO: what\n")
}

// TestAHuntThatTriedNothingIsNotGreen: a program that is one function has no states to go on
// from, and "0 failures" would be the truth, and taken for another one.
func TestAHuntThatTriedNothingIsNotGreen(t *testing.T) {
	var out, errs bytes.Buffer
	code := Soak(programs.Echo, []string{"-strategy", "exhaustive", "-seed", "1", "-seeds", "2", "-o", t.TempDir()}, &out, &errs)
	require.Equal(t, 3, code, "%s", &out)
	require.Contains(t, errs.String(), "soak: -strategy exhaustive: nothing was tried: nobody can look into the stack of a function, so ")
	dir := t.TempDir()
	for _, shard := range []string{"1/2", "2/2"} {
		code = Soak(programs.Echo, []string{"-strategy", "exhaustive", "-seed", "1", "-seeds", "2", "-o", dir, "-shard", shard}, &out, &errs)
		require.Equal(t, 0, code, "to an engine anything else says that it has to be tried again")
		out.Reset()
		require.Equal(t, 3, Soak(programs.Echo, []string{"merge", dir}, &out, &errs), "%s", &out)
		require.Equal(t, shard == "2/2", strings.Contains(out.String(), "nothing tried     nobody can look into the stack of a function, so "), "%s", &out)
	}
	code = Soak(programs.Echo, []string{"-strategy", "exhaustive,seeds", "-seed", "1", "-for", "1s", "-o", t.TempDir()}, &out, &errs)
	require.Equal(t, 0, code, "the other strategy has worlds\n%s", &errs)
}

// TestAHunterSaysHowSmallWorldsAre: what makes no sense is no hunt, and what was given up is said.
func TestAHunterSaysHowSmallWorldsAre(t *testing.T) {
	for says, args := range map[string][]string{
		"-sessions, -accidents, -states, -each: expected -strategy exhaustive too": {"-sessions", "2"},
		"0 sessions: expected 1 or more":                                           {"-strategy", "exhaustive", "-sessions", "0"},
		"7 accidents: expected up to 6":                                            {"-strategy", "exhaustive", "-accidents", "7"},
		"40000000 states: expected 1 to 30000000":                                  {"-strategy", "exhaustive", "-states", "40000000"},
		"-1ns for a scenario: expected 0":                                          {"-strategy", "exhaustive", "-each", "-1ns"},
	} {
		var out, errs bytes.Buffer
		require.Equal(t, wrongCall, Soak(proxy.Program, args, &out, &errs))
		require.Contains(t, errs.String(), says)
	}
	var out, errs bytes.Buffer
	args := []string{"-strategy", "exhaustive", "-sessions", "2", "-accidents", "0", "-states", "20", "-seed", "1", "-seeds", "3", "-procs", "1", "-o", t.TempDir()}
	require.Equal(t, nothing, Soak(proxy.Program, args, &out, &errs), "%s", &errs)
	require.Contains(t, out.String(), "tried             2 sessions, 0 accidents, all orders of 0 scenarios: 0 states, complete but for 3 scenarios given up behind 60 states, 0 failures\n")
}
