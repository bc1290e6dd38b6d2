package properties_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"millrace/properties"
	"millrace/properties/programs"
)

// TestHowManyWorldsWereTriedIsLoggedOnce, behind the last of them.
func TestHowManyWorldsWereTriedIsLoggedOnce(t *testing.T) {
	for name, run := range map[string]func(t *test){
		"own": func(t *test) {
			for seed := range uint64(7) {
				tr, _ := programs.Echo.Generate(seed)
				properties.CheckWorld(t, programs.Echo, tr, seed)
			}
		},
		"rapid": func(t *test) {
			properties.LogWorlds(t, programs.Echo)
			n := 0
			rapid.Check(t, func(rt *rapid.T) {
				if n++; n > 7 {
					return
				}
				tr, _ := programs.Echo.Generate(rapid.Uint64().Draw(rt, "seed"))
				properties.CheckWorld(rt, programs.Echo, tr, 1)
			})
		},
		"none": func(t *test) { properties.LogWorlds(t, programs.Echo) },
	} {
		c := &test{}
		t.Run(name, func(t *testing.T) {
			c.TB = t
			run(c)
			require.NotContains(t, c.said, "worlds")
		})
		want := `^(?s).*echo: 7 worlds, 0 failures, \d+ calls, \d+ of \d+ sessions, each .*; never reached: fault .* and \d+ more\n$`
		if name == "none" {
			want = "^echo: no worlds\n$"
		}
		require.Regexp(t, want, c.said)
	}
}
