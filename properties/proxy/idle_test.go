package proxy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/properties"
)

// TestAnIdleSessionCostsNoCall is I57: of two worlds in which clients are quiet, for a
// second in one and for a minute in the other, the program makes the same calls, and its
// loop as many rounds.
func TestAnIdleSessionCostsNoCall(t *testing.T) {
	for _, settings := range []string{
		"poller=level", "poller=edge", "poller=edge splice-req=on splice-rep=on", "poller=level client-tls=double server-tls=double send-proxy=v2",
	} {
		cost := func(quiet string) (calls, waits uint64) {
			text := "world client-timeout=5m server-timeout=5m " + settings + "\n"
			for _, n := range []string{"0", "1", "2"} {
				text += "session " + n + " client=send:100,recv:100,wait:" + quiet + ",send:1,recv:101,shutw,eof,close\n"
			}
			w := properties.NewWorld(Program)
			require.Nil(t, w.Replay(parse(t, text), properties.Options{}))
			require.True(t, strings.HasPrefix(w.Story(2), "-- up 101/101 down 101/101"), w.Story(2))
			return w.Kernel().Stats.Calls + w.Epoll().Stats.Sets, w.Epoll().Stats.Waits
		}
		calls, waits := cost("1s")
		long, rounds := cost("1m")
		require.Equal(t, calls, long, settings)
		// A timer that traffic has put off is looked at when it would have expired.
		require.LessOrEqual(t, rounds, waits+3, settings)
	}
}
