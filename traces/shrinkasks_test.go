package traces

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhoStillExpectsAnAnswerStillAsks: left to itself shrinking takes the question away,
// and finds that nobody answers.
func TestWhoStillExpectsAnAnswerStillAsks(t *testing.T) {
	for _, c := range []struct{ from, to string }{
		{`client=say:"A\n",expect:"a",say:"B\n",expect:"b",close`, `client=say:"A\n",say:"B\n",expect:"b"`},
		{`client=say:"A\n",expect:"a",expect:"b",quiet`, `client=say:"A\n",expect:"a",expect:"b",quiet`},
		{`client=expect:"a" server=send:9,say:"a",say:"b",eof`, `client=expect:"a" server=send:9,say:"a",say:"b"`},
	} {
		tr, err := Parse("from", []byte("millrace 1\nworld\nsession 0 "+c.from+"\n"))
		require.NoError(t, err)
		quiet := tr.Sessions[0].Client.Has(Quiet)
		waits := func(t *Trace) bool {
			return len(t.Sessions) > 0 && t.Sessions[0].Client.Has(Expect) && t.Sessions[0].Client.Has(Quiet) == quiet
		}
		last := func(t *Trace) bool {
			s := t.Sessions[0].Client
			return waits(t) && (len(s) < 3 || s[len(s)-2].Text == "b" || s[len(s)-1].Text == "b")
		}
		small := Shrink(tr, func(t *Trace) bool { return waits(t) && last(t) }, nil)
		require.Equal(t, "millrace 1\nworld\nsession 0 "+c.to+"\n", small.String())
	}
}

// TestAServerThatTalksDoesNotBecomeAnEcho: a healthy client of its protocol fails with one.
func TestAServerThatTalksDoesNotBecomeAnEcho(t *testing.T) {
	for server, want := range map[string]string{
		`do:"serve"`: `do:"serve"`, `expect:"GET",close`: `expect:"GET"`, "send:7,close": "-",
		`close,say:"x"`: "close", // whose words go first
	} {
		tr, err := Parse("x", []byte("millrace 1\nworld\nsession 0 client=send:1 server="+server+"\n"))
		require.NoError(t, err)
		small := Shrink(tr, func(c *Trace) bool { return len(c.Sessions) == 1 }, nil)
		require.Equal(t, want, small.Sessions[0].Server.String())
	}
}
