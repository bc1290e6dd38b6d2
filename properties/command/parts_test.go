package command

import (
	"bytes"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"millrace/properties"
	"millrace/properties/hunt"
	"millrace/properties/programs"
)

// TestSeveralStrategiesHaveAllTheSeedsEach, whoever runs them and in whatever order.
func TestSeveralStrategiesHaveAllTheSeedsEach(t *testing.T) {
	hash := regexp.MustCompile(`hash of all +\S+`)
	soak := func(args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		args = append(args, "-strategy", "seeds,nth", "-seed", "5", "-seeds", "4", "-o", t.TempDir())
		require.Equal(t, nothing, Soak(programs.Lines, args, &out, &errs), "%s%s", &out, &errs)
		return out.String()
	}
	one := soak("-procs", "1")
	require.Regexp(t, `(?m)^seeds +seeds 5 to 8, \d+% of the time, \d+ times something new\n +nth 5 to 8, \d+% of the time, \d+ times something new$`, one)
	require.Contains(t, one, "single accidents")
	require.Equal(t, hash.FindString(one), hash.FindString(soak("-procs", "2")))
	require.Equal(t, hash.FindString(one), hash.FindString(soak("-procs", "2", "-back")))
}

// TestTheTimeGoesToWhoFindsSomethingNew, and nobody is given up.
func TestTheTimeGoesToWhoFindsSomethingNew(t *testing.T) {
	c := newCampaign(programs.Lines, config{hunt.Config{Length: time.Hour, Seed: 1}, ways{How: "seeds,nth,pairs"}}, &bytes.Buffer{})
	turns := map[properties.Strategy]int{}
	for range 1000 {
		p, _, n, ok := c.turn()
		require.True(t, ok)
		require.EqualValues(t, map[bool]int{true: block, false: 1}[p.how == properties.Draws], n)
		turns[p.how]++
		if p.spent += time.Second; p.how == properties.Singles && turns[p.how]%3 == 0 {
			p.news++
		}
	}
	require.Greater(t, turns[properties.Singles], 800)
	require.Positive(t, turns[properties.Draws])
	require.Positive(t, turns[properties.Pairs])
	c.Halt()
	_, _, _, ok := c.turn()
	require.False(t, ok)
}

// TestWhatIsNewIsNewOnce, though several were at work when it was found.
func TestWhatIsNewIsNewOnce(t *testing.T) {
	c := newCampaign(programs.Lines, config{hunt.Config{Length: time.Hour, Seed: 1}, ways{How: "seeds,nth"}}, &bytes.Buffer{})
	c.found = append(c.found, &finding{id: "one"}, &finding{id: "another"})
	c.totals.Reach[3] = 5
	c.credit(c.parts[1], time.Second)
	c.credit(c.parts[0], 2*time.Second)
	require.Equal(t, []part{{how: "seeds", spent: 2 * time.Second}, {how: "nth", spent: time.Second, news: 3}}, []part{*c.parts[0], *c.parts[1]})
}

func TestAStrategyThatNobodyKnowsIsOneClearLine(t *testing.T) {
	for _, how := range []string{"luck", "seeds,luck", "seeds,seeds", ""} {
		var out, errs bytes.Buffer
		require.Equal(t, wrongCall, Soak(programs.Lines, []string{"-strategy", how}, &out, &errs))
		require.Contains(t, errs.String(), "soak: -strategy "+how+": expected some of [seeds nth pairs guided exhaustive], each once\n")
	}
}
