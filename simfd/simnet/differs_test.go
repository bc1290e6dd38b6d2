package simnet_test

import (
	"io"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/properties"
	"millrace/simfd/simnet"
)

// moody echoes in pieces of a length that no seed knows.
func moody(_ *simnet.Net, c *simnet.Conn) {
	defer c.Close()
	for {
		if _, err := io.CopyN(c, c, 1+rand.Int64N(3)); err != nil {
			return
		}
	}
}

func TestAProgramThatIsNotTheSameTwiceIsToldTheFirstCallThatDiffers(t *testing.T) {
	for _, way := range ways(t) {
		p := properties.Register(&properties.Program{Name: "moody-" + way.name, Main: way.main(simnet.Serve(moody)), Within: way.within})
		w := properties.NewWorld(p)
		w.Share = 1
		for seed := uint64(1); ; seed++ {
			if found := w.Hunt(seed); found != nil {
				require.Contains(t, found.Fail, "I64")
				require.Regexp(t, `the first call that differs is number \d+: here \S+ f\d (recv|send).* differs_test.go:18, and there `, found.Fail)
				break
			}
		}
	}
}
