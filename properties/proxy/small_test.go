package proxy

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"millrace/properties"
	"millrace/traces"
)

var (
	states = flag.Uint64("states", 30_000, "worlds of more states are no part of TestNoOrderOfASmallWorldBreaksIt")
	each   = flag.Duration("each", 0, "for how long it goes through each world of which nobody knows how many it has; 0 is not at all")
)

// What the peers of a session do: they only close, they send a byte each, and they do six things.
const (
	closes  = "client=close server=close"
	bytely  = "client=send:1,close server=send:1,close"
	sixfold = "client=send:1,send:1,close server=send:1,send:1,close"
)

// small are worlds of which all is tried: settings, sessions, how many accidents there may be in a
// run, and how many states there are; 0 if that is not known.
var small = []struct {
	settings  string
	sessions  []string
	accidents int
	states    uint64
}{
	{"retries=1", []string{"client=send:1,shutw,eof,close server=eof,send:1,close"}, 0, 51},
	{"retries=1", []string{"client=send:1,shutw,eof,close server=eof,send:1,close"}, 1, 3912},
	{"poller=edge retries=0", []string{"client=send:3,shutw,eof,close server=recv:1,send:2,shutw,eof,close"}, 0, 200},
	{"retries=0", []string{closes}, 2, 197_714},
	{"retries=0", []string{closes, closes}, 0, 6729},
	{"retries=0", []string{bytely, bytely}, 0, 11_561},
	{"retries=0", []string{sixfold, sixfold}, 0, 28_361},
	{"retries=0", []string{closes, closes}, 1, 1_022_234},
	{"retries=0", []string{bytely, bytely}, 1, 2_167_434},
	{"retries=0", []string{sixfold, sixfold}, 1, 5_900_258},
	{"retries=0", []string{closes, closes}, 2, 0},
	{"retries=0", []string{bytely, bytely}, 2, 0},
	{"retries=0", []string{sixfold, sixfold}, 2, 0},
}

// TestNoOrderOfASmallWorldBreaksIt, nor do accidents at any time in any of them: in the larger ones
// if somebody has the time.
func TestNoOrderOfASmallWorldBreaksIt(t *testing.T) {
	for _, c := range small {
		text := "world segment=2 sndbuf=2 rcvbuf=3 bufsize=2 " + c.settings + "\n"
		for n, peers := range c.sessions {
			text += fmt.Sprintf("session %d %s\n", n, peers)
		}
		t.Run(fmt.Sprintf("%d/%s", c.accidents, strings.Join(c.sessions, "/")), func(t *testing.T) {
			if c.states > *states || c.states == 0 && *each == 0 {
				t.Skip("see -states and -each")
			}
			w, total := properties.NewWorld(Program), properties.Totals{}
			w.Bounds = properties.Bounds{States: properties.MostStates, Time: *each}
			began := time.Now()
			w.Exhaust(parse(t, text), c.accidents, func(f *traces.Trace) bool { t.Errorf("%s", f); return false })
			w.Flush(&total)
			is := &total.Claim.Small
			t.Logf("%s; %.0f states a second", is, float64(is.States+is.Unended)/time.Since(began).Seconds())
			require.Zero(t, is.Failures)
			if c.states != 0 {
				require.Equal(t, c.states, is.States)
			}
		})
	}
}
