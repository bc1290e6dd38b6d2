package traces

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNobodyIsSilentForLongerInWhatIsMadeSmall: a program with a timeout that nobody else
// knows leaves such a client, and that looks like what is looked for.
func TestNobodyIsSilentForLongerInWhatIsMadeSmall(t *testing.T) {
	says := func(s Script) bool { return slices.ContainsFunc(s, func(a Act) bool { return a.Text == "b" }) }
	const second = int64(1e9)
	for _, c := range []struct {
		from, timed, untimed string
		fails                func(s Script, decided bool) bool
	}{
		{`wait:12s,say:"b",wait:12s,close`, `wait:12s,say:"b",wait:12s,close`, "wait:10s,wait:10s", func(s Script, _ bool) bool {
			waits := int64(0)
			for _, a := range s {
				waits += int64(b2i(a.Verb == Wait)) * a.N
			}
			most, _ := s.silence()
			return most >= 20*second || says(s) && waits >= 24*second
		}},
		{`say:"a",say:"b",close`, `say:"b",close`, `say:"a"`, func(s Script, _ bool) bool {
			_, endless := s.silence()
			return endless || says(s)
		}},
		{`say:"b",close`, `say:"b",close`, "wait:1s", func(s Script, decided bool) bool {
			most, _ := s.silence()
			return most >= second || says(s) && decided
		}},
		{`say:"a",expect:"p",say:"b"`, `say:"b"`, `say:"a"`, func(s Script, _ bool) bool { return s.Has(Say) }},
	} {
		for program, want := range map[string]string{"timed": c.timed, "untimed": c.untimed} {
			Register(&Program{Name: program, Timed: program == "timed"})
			tr, err := Parse("x", []byte("millrace 1\nworld program="+program+"\nsession 0 client="+c.from+"\nchoose f0 race 0 = 1\n"))
			require.NoError(t, err)
			small := Shrink(tr, func(t *Trace) bool {
				return len(t.Sessions) > 0 && c.fails(t.Sessions[0].Client, len(t.Decisions) > 0)
			}, nil)
			require.Equal(t, want, small.Sessions[0].Client.String(), "%s %s", program, c.from)
		}
	}
}

// TestWhoAnswersLessIsSilentForLonger: each text that a peer waits for may take as long as a program
// has patience, and so may all that is behind the last word of who does not say that it ends.
func TestWhoAnswersLessIsSilentForLonger(t *testing.T) {
	const from = `say:"sub",expect:"ping",say:"pong",expect:"ping",say:"pong",expect:"bye",say:"quit",eof`
	for after, want := range map[string]bool{
		from: false,
		`say:"sub",expect:"ping",say:"pong",expect:"bye",say:"quit"`: false,
		`say:"sub",say:"pong",say:"quit",eof`:                        false,
		`say:"sub",expect:"ping",expect:"ping",say:"quit",eof`:       true,
		`say:"sub",expect:"ping",say:"pong",expect:"bye",eof`:        true,
		`say:"sub"`:       true,
		`say:"sub",shutw`: false,
		`shutw`:           false,
		`say:"sub",expect:"ping",expect:"ping",say:"pong",close`:      true,
		`say:"sub",expect:"ping",say:"pong",expect:"ping",close`:      false,
		`say:"sub",expect:"ping",say:"pong",expect:"ping",say:"quit"`: false,
	} {
		before, err := ParseScript(from)
		require.NoError(t, err)
		script, err := ParseScript(after)
		require.NoError(t, err)
		require.Equal(t, want, unheard(before, script), after)
	}
}
