package proxy

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/properties"
	"millrace/traces/proxytrace"
)

// TestWhatWorldsRecordIsToldAgain takes the calls of small drawn worlds for recordings: whatever
// happened there, most sessions end in the same way in a world that only knows these.
func TestWhatWorldsRecordIsToldAgain(t *testing.T) {
	var all, same, sessions, ends int
	for seed := range uint64(40) {
		tr, src := Program.Generate(seed)
		if len(tr.Sessions) > 3 || tr.Settings[proxytrace.Applet] != 0 || tr.Settings[proxytrace.ClientTLS]+tr.Settings[proxytrace.ServerTLS] != 0 {
			continue // long, or what peers said to be seen through a cipher only
		}
		w := properties.NewWorld(Program)
		require.Nil(t, w.Run(tr, src, properties.Options{Record: -1}))
		live := *tr
		live.Live, live.Sessions, live.Steps = true, nil, slices.Clone(w.Steps())
		c, fit, err := properties.Retell(&live)
		if err != nil {
			continue // nobody came
		}
		require.Nil(t, fit.Fail, "seed %d: %s", seed, c)
		all, same, sessions, ends = all+fit.Calls, same+fit.Same, sessions+fit.Sessions, ends+fit.Ends
	}
	t.Logf("%d of %d calls, %d of %d sessions", same, all, ends, sessions)
	require.Greater(t, 100*same, 40*all, "most accidents are not to be seen from the program")
	require.Greater(t, 100*ends, 80*sessions)
}
