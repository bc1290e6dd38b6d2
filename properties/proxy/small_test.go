package proxy

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/properties"
	"millrace/traces"
)

// small are worlds of which all is tried: settings and one session each.
var small = []string{
	"world segment=2 sndbuf=2 rcvbuf=3 bufsize=2 retries=1\nsession 0 client=send:1,shutw,eof,close server=eof,send:1,close\n",
	"world poller=edge segment=2 sndbuf=2 rcvbuf=3 bufsize=2 retries=0\nsession 0 client=send:3,shutw,eof,close server=recv:1,send:2,shutw,eof,close\n",
}

// TestNoOrderOfASmallWorldBreaksIt, nor, in the smallest, an accident at any time in any of
// them.
func TestNoOrderOfASmallWorldBreaksIt(t *testing.T) {
	for i, text := range small {
		for accidents := range 2 - i {
			w, total := properties.NewWorld(Program), properties.Totals{}
			w.Exhaust(parse(t, text), accidents, func(f *traces.Trace) bool { t.Errorf("%s", f); return false })
			w.Flush(&total)
			t.Log(total.Claim.String())
			require.EqualValues(t, 1, total.Claim.Small.Scenarios)
			require.Zero(t, total.Claim.Small.Failures)
		}
	}
}
