package traces

import (
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/sim"
)

func TestWorkersWhoDoNotMatterAreTakenOutWithTheirDecisions(t *testing.T) {
	tr, err := Parse("test", []byte(`millrace 1
world workers=4 respawn=1s
session 0 client=send:1
choose c0 share 0 = l0@2
choose w0 killed 5 = 1
choose w0@1 killed 5 = 1
choose w0@2 killed 6 = 3
choose p0@3 late 1 = 1
`))
	require.NoError(t, err)
	fails := func(t *Trace) bool { // somebody's third call, and a client who comes to him
		killed, shared := -1, -1
		for _, d := range t.Decisions {
			if of, ok := d.Actor.Owner(); ok && d.Val == 3 {
				killed = of
			} else if d.Op.Victim() {
				shared, _ = sim.Actor(d.Val).Owner()
			}
		}
		return t.Settings[Workers] > 1 && killed >= 0 && killed == shared
	}
	require.Equal(t, `millrace 1
world workers=2
session 0 client=-
choose c0 share 0 = l0@1
choose w0@1 killed 6 = 3
`, Shrink(tr, fails, nil).String())
}

func TestStepsOfSeveralWorkersAreNotPlayed(t *testing.T) {
	tr, err := Parse("test", []byte("millrace 1\nworld workers=2\n+0s p0@1 wait never = 0\n+0s w0@1 killed\n"))
	require.NoError(t, err)
	_, err = NewPlayer(tr)
	require.ErrorContains(t, err, "several workers")
}
