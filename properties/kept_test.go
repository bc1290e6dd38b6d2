package properties_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/properties"
	"millrace/traces"
)

// TestWhatOneTestLeavesIsThereWhenAnotherFails in the same way, with a program of the same name.
func TestWhatOneTestLeavesIsThereWhenAnotherFails(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	command := regexp.MustCompile(`-run '(\S+)' -millrace.replay (\S+\.trace)$`)
	paths := map[string]string{}
	for _, word := range []string{"one", "two"} {
		t.Run(word, func(t *testing.T) {
			p := &properties.Program{Name: "kept-shout", Main: shout, Level: true}
			p.Draw = drawHello(func(r traces.Script) traces.Script {
				return append(r, properties.Say(word), properties.Expect("NOTHING"), traces.Act{Verb: traces.ShutW}, traces.Act{Verb: traces.EOF})
			})
			said := command.FindStringSubmatch(strings.TrimSpace(check(t, p)))
			require.NotNil(t, said)
			require.Contains(t, said[1], word)
			paths[word] = said[2]
		})
	}
	for word, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Contains(t, string(text), `say:"`+word+`"`)
		require.Contains(t, string(text), "-millrace.replay "+path+"\n")
	}
}

// TestFailuresOfTwoProgramsHaveTwoNames where they lie in one folder.
func TestFailuresOfTwoProgramsHaveTwoNames(t *testing.T) {
	for program, want := range map[string]string{
		"": "I29-peer.trace", "proxy": "I29-peer.trace", "echo": "echo-I29-peer.trace", "my/echo v2": "my-echo-v2-I29-peer.trace",
	} {
		require.Equal(t, want, properties.FileName(&traces.Trace{Program: program, Fail: "I29 peer: a byte is wrong"}))
	}
}

// TestAFailureIsKeptWhereTheUsualPlaceIsSomebodyElses: he may be the only one who can write there.
func TestAFailureIsKeptWhereTheUsualPlaceIsSomebodyElses(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "millrace-failures"), nil, 0o666))
	p := &properties.Program{Name: "elsewhere-shout", Main: shout, Level: true}
	p.Draw = drawHello(func(r traces.Script) traces.Script {
		return append(r, properties.Say("x"), properties.Expect("Y"), traces.Act{Verb: traces.ShutW}, traces.Act{Verb: traces.EOF})
	})
	said := regexp.MustCompile(`-millrace.replay (\S+\.trace)$`).FindStringSubmatch(strings.TrimSpace(check(t, p)))
	require.NotNil(t, said)
	require.FileExists(t, said[1])
}
