package traces_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	. "millrace/traces"
)

// brimful is a kernel whose eventfd has as much in it as it can hold.
type brimful struct{ *still }

func (brimful) EventFD(uint32) (core.EventFD, core.Errno) { return brim{}, 0 }

type brim struct{}

func (brim) Num() int                   { return 7 }
func (brim) Add(uint64) core.Errno      { return 0 }
func (brim) Take() (uint64, core.Errno) { return core.MaxEvent, 0 }
func (brim) Close() core.Errno          { return 0 }

// TestWhateverAnEventFDHoldsCanBeReadBack: a number in a step has 62 bits.
func TestWhateverAnEventFDHoldsCanBeReadBack(t *testing.T) {
	r := NewRecorder(1000, 0)
	fd, e := r.Dialer(brimful{new(still)}).(core.Eventer).EventFD(0)
	require.Zero(t, e)
	require.Zero(t, fd.Add(core.MaxEvent))
	n, e := fd.Take()
	require.Zero(t, e)
	require.Equal(t, uint64(core.MaxEvent), n)
	tr := &Trace{Live: true, Settings: Default()}
	r.Fill(tr)
	back, err := Parse("printed", tr.AppendText(nil))
	require.NoError(t, err)
	require.Equal(t, tr.Steps, back.Steps)
}
