package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"millrace/properties"
	"millrace/properties/hunt"
	"millrace/traces"
)

func TestAHuntSaysWhatItDid(t *testing.T) {
	var out, errs bytes.Buffer
	require.Equal(t, 0, run([]string{"-seed", "1", "-seeds", "400", "-o", t.TempDir()}, &out, &errs), "%s", &out)
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
	require.Equal(t, 0, run([]string{"-for", "300ms", "-o", t.TempDir()}, &out, &errs), "%s", &out)
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
	} {
		var out, errs bytes.Buffer
		require.Equal(t, 2, run(strings.Fields(c[0]), &out, &errs))
		require.Empty(t, out.String())
		require.Contains(t, errs.String(), c[1])
		require.Equal(t, 1, strings.Count(errs.String(), "\n"))
	}
	var out, errs bytes.Buffer
	require.Equal(t, 0, run([]string{"-h"}, &out, &errs))
	require.Contains(t, errs.String(), "usage: soak")
}

// failing is a trace that fails, as if a world had made it.
func failing(t *testing.T) *traces.Trace {
	tr, err := traces.Parse("test", []byte("millrace 1\n# seed 0x1\nworld steps=20\n"+
		"session 0 client=send:3000,shutw,eof,close\nsession 1 client=send:1,close\n"))
	require.NoError(t, err)
	f := properties.NewWorld().Replay(tr, properties.Options{})
	require.NotNil(t, f)
	tr.Fail = f.String()
	return tr
}

func TestAFailureIsWrittenOnceShrunkAndReported(t *testing.T) {
	dir := t.TempDir()
	c := newCampaign(hunt.Config{Dir: dir, Length: time.Minute}, &bytes.Buffer{})
	w := properties.NewWorld()
	c.failed(w, failing(t))
	c.failed(w, failing(t))
	require.NoError(t, c.err)
	text, err := os.ReadFile(filepath.Join(dir, "I09-world.trace"))
	require.NoError(t, err)
	require.NotContains(t, string(text), "session 1")
	var out bytes.Buffer
	c.Took = time.Second
	c.report(&out)
	require.Contains(t, out.String(), "failures          1 different\n\n2 times: I09 world: no end after 20 steps\n")
	require.Contains(t, out.String(), "    go run ./traces/cmd/trace replay "+filepath.Join(dir, "I09-world.trace")+"\n")
}

func TestOneFailureIsEnoughIfItIsToBe(t *testing.T) {
	c := newCampaign(hunt.Config{Length: time.Hour, Procs: 1, Dir: t.TempDir(), First: true}, new(bytes.Buffer))
	c.failed(properties.NewWorld(), failing(t))
	require.True(t, c.Halted())
	require.Len(t, c.found, 1)
}

func TestADirectoryThatCannotBeWrittenEndsTheHunt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(dir, nil, 0o666))
	c := newCampaign(hunt.Config{Dir: dir, Length: time.Minute}, &bytes.Buffer{})
	c.failed(properties.NewWorld(), failing(t))
	require.Error(t, c.err)
	require.True(t, c.Halted())
}
