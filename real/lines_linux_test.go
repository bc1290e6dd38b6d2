package real

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHowTheSideThatEndedASessionFailedIsLogged(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		o := newOrigin(t)
		cfg := config(edge, o.addr)
		log := logged(t, &cfg)
		r := start(t, cfg)
		client := r.dial(t)
		server := o.accept(t)
		send(t, client, "x")
		expect(t, server, "x")
		require.NoError(t, server.SetLinger(0))
		require.NoError(t, server.Close())
		expectGone(t, client)
		require.Contains(t, log(r, 1), " end=SD err=ECONNRESET\n")
	})
}

func TestADetailIsCutAndDefused(t *testing.T) {
	line := func(text string, limit int) string {
		return string(appendQuoted([]byte("end=CT"), " detail=", text, limit))
	}
	require.Equal(t, `end=CT detail="all of it"`, line("all of it", maxLine))
	require.Equal(t, `end=CT detail="a \"b\" \\ c??[31m??"`, line("a \"b\" \\ c\n\x1b[31m\xc3\xa4", maxLine))
	for limit := range 60 {
		for _, text := range []string{"a text that is rather long for a line", `""""""""""""""""""""""""""""""`} {
			got := line(text, limit)
			require.LessOrEqual(t, len(got), max(limit, len("end=CT")))
			if got != "end=CT" {
				require.Regexp(t, `^end=CT detail="([^"\\]|\\.)*"$`, got)
			}
		}
	}
}
