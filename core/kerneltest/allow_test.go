package kerneltest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestASetAllowsItsAnswersAndNoOther(t *testing.T) {
	for _, row := range []struct{ set, yes, no string }{
		{"5", "5", "4 50 EAGAIN -"},
		{"OK", "OK", "0 ENOTCONN"},
		{"1..5 or EAGAIN", "1 5 EAGAIN", "0 6 EPIPE -"},
		{"0 or 5", "0 5", "1"},
		{"OUT?", "OUT -", "IN IN|OUT"},
		{"IN|OUT?", "IN IN|OUT", "OUT - IN|HUP IN|OUT|HUP"},
		{"IN|OUT?|RDHUP", "IN|RDHUP IN|OUT|RDHUP", "IN RDHUP"},
		{"us:IN us2:OUT", "us:IN,us2:OUT", "us2:OUT,us:IN us:IN"},
		{"us:IN ~us2:OUT", "us:IN,us2:OUT us2:OUT,us:IN", "us:IN us:IN,us2:IN us2:OUT"},
		{"us:IN ~us2:OUT?", "us:IN us2:OUT,us:IN", "us2:OUT - us:IN,us2:HUP"},
		{"~us:*", "us:IN us:IN|OUT -", "us2:IN us:IN,us2:IN"},
		{"us:IN or -", "us:IN -", "us:OUT"},
		{"us:IN|OUT?", "us:IN us:IN|OUT", "us:OUT us2:IN"},
	} {
		for _, answer := range strings.Fields(row.yes) {
			require.True(t, allows(row.set, strings.ReplaceAll(answer, ",", " ")), "%s does not allow %s", row.set, answer)
		}
		for _, answer := range strings.Fields(row.no) {
			require.False(t, allows(row.set, strings.ReplaceAll(answer, ",", " ")), "%s allows %s", row.set, answer)
		}
	}
}

// widened are scripts whose answers some kernel gave, and what another may answer.
func TestWhatSizesDecideIsWidenedAndNothingElse(t *testing.T) {
	for _, c := range [][2]string{
		{"us send 5 = 5", "us send 5 = 5"},
		{"us fill = full\nus send 5 = EAGAIN", "us fill = full\nus send 5 = 1..5 or EAGAIN"},
		{
			"us socket = OK\nus connect = OK\nus watch OUT = OK\nus fill = full\npeer recv 5 = 5\nus poll = -\nus send 5 = EAGAIN\nedge = -",
			"us socket = OK\nus connect = OK\nus watch OUT = OK\nus fill = full\npeer recv 5 = 5\nus poll = -\nus send 5 = EAGAIN\nedge = -",
		},
		{"us fill = EPIPE\nus send 5 = EPIPE", "us fill = EPIPE\nus send 5 = EPIPE"},
		{"us fill = full\npeer send 5 = 5\nus poll = -", "us fill = full\npeer send 5 = 5\nus poll = -"},
		{
			"us watch IN|OUT|RDHUP = OK\nus fill = full\npeer recv 20000 = 20000\npeer recv 5 = 5\nus poll = -\nlevel = us2:IN\nedge = us:OUT\noneshot = -",
			"us watch IN|OUT|RDHUP = OK\nus fill = full\npeer recv 20000 = 20000\npeer recv 5 = 1..5\nus poll = OUT?\nlevel = us2:IN ~us:OUT?\nedge = ~us:*\noneshot = ~us:*",
		},
		{
			"us watch IN = OK\npeer fill = full\nus recv 20000 = 20000\nus poll = IN|OUT\nlevel = us:IN",
			"us watch IN = OK\npeer fill = full\nus recv 20000 = 20000\nus poll = IN|OUT\nlevel = ~us:IN",
		},
		{
			"us watch OUT = OK\nus fill = full\npeer recv 20000 = 20000\nus watch OUT = OK\npeer drain = all dry\nus poll = OUT\nedge = us:OUT\nedge = -\nus watch OUT = OK\noneshot = us:OUT",
			"us watch OUT = OK\nus fill = full\npeer recv 20000 = 20000\nus watch OUT = OK\npeer drain = all dry\nus poll = OUT\nedge = ~us:*\nedge = -\nus watch OUT = OK\noneshot = ~us:OUT",
		},
		{"us fill = full\npeer recv 20000 = 20000\nus shutw = OK\nus poll = OUT", "us fill = full\npeer recv 20000 = 20000\nus shutw = OK\nus poll = OUT"},
		{"us fill = full\npeer recv 20000 = 20000\nus poll = OUT|ERR|HUP", "us fill = full\npeer recv 20000 = 20000\nus poll = OUT|ERR|HUP"},
	} {
		require.Equal(t, parse(t, c[1]).String(), parse(t, c[0]).Widen().String())
	}
}

func TestATallySaysWhatWasSeenAndWhatWasNot(t *testing.T) {
	under := parse(t, "us watch OUT = OK\nus fill = full\npeer recv 20000 = 20000\nus send 9 = 9\nus poll = OUT\nlevel = us:OUT\nedge = us:OUT")
	right := parse(t, "us watch OUT = OK\nus fill = full\npeer recv 20000 = 20000\nus send 9 = 4\nus poll = -\nlevel = -\nedge = us:OUT")
	var tally Tally
	tally.Add(&Result{Under: under, Right: right})
	require.Equal(t, ""+
		"send into what was full: all 0, a part 1, EAGAIN 0\n"+
		"OUT where a window may open: there 0, not there 2\n"+
		"an edge where a window may open: due 1, not due 0\n"+
		"a one shot where a window may open: due 0, not due 0\n"+
		"the place in a report: as simulated 1, another 1", strings.Join(tally.Seen(), "\n"))
	require.Equal(t, ""+
		"send into what was full: all\n"+
		"send into what was full: EAGAIN\n"+
		"OUT where a window may open: there\n"+
		"an edge where a window may open: not due\n"+
		"a one shot where a window may open: due\n"+
		"a one shot where a window may open: not due", strings.Join(tally.Never(), "\n"))
}
