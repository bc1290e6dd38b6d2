package traces_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "millrace/traces"
)

// recorded is a recording of one worker, of a few steps.
func recorded(worker int) *Trace {
	tr, err := Parse("", []byte("millrace 1\n# a comment\nlive\nfail I31 si: once\nskipped 70\n"+
		"+40µs p0 wait 1ms = 1\n+0s l0 event IN\n+0s l0 accept = f2\n+0s f2 recv 64 = 12\n"))
	if err != nil {
		panic(err)
	}
	tr.Recorded = &About{Worker: worker, At: time.Unix(1_800_000_000, 5000).UTC(), By: "relay/v1/go1.26"}
	return tr
}

func TestARecordingSaysWhereAndWhenAndItsEnd(t *testing.T) {
	text := recorded(3).String()
	require.Contains(t, text, "\nrecorded worker=3 at=2027-01-15T08:00:00.000005Z by=relay/v1/go1.26\n")
	require.Regexp(t, `\nend 4 = [0-9a-f]{8}\n$`, text)
	again, err := Parse("x", []byte(text))
	require.NoError(t, err)
	require.Equal(t, recorded(3), again)
}

// TestATornRecordingSaysSo wherever it was cut, also inside of a number.
func TestATornRecordingSaysSo(t *testing.T) {
	text := recorded(0).String()
	begin := strings.Index(text, "skipped")
	for cut := begin; cut < len(text)-1; cut++ {
		tr, err := Parse("x", []byte(text[:cut]))
		require.NoError(t, err, "%q", text[:cut])
		require.NotEmpty(t, tr.Torn, "%q", text[:cut])
		for i, s := range tr.Steps {
			require.Equal(t, recorded(0).Steps[i], s, "%q", text[:cut])
		}
	}
	for change, says := range map[string]string{
		"= 12\n=> = 13\n":     "it was changed: its checksum is that of another text",
		"+0s l0 event IN\n=>": "the steps are not those that were recorded: ",
	} {
		old, now, _ := strings.Cut(change, "=>")
		tr, err := Parse("x", []byte(strings.Replace(text, old, now, 1)))
		require.NoError(t, err)
		require.Contains(t, tr.Torn, says)
	}
	_, err := Parse("x", []byte(text+"+0s p0 wait never = 0\n"))
	require.ErrorContains(t, err, "x:12: expected nothing behind the end line")
}

func TestWorkersOfAProcessShareAFile(t *testing.T) {
	text := recorded(0).String() + recorded(1).String()
	all, err := ParseAll("x", []byte(text))
	require.NoError(t, err)
	require.Equal(t, []*Trace{recorded(0), recorded(1)}, all)
	parts := Split([]byte(text))
	lines := strings.Split(text, "\n")
	require.Equal(t, "+0s f2 recv 64 = 12", lines[parts[1].Lines()[3]-1])
	require.Equal(t, 2*parts[0].Lines()[3]+1, parts[1].Lines()[3])
	_, err = Parse("x", []byte(text))
	require.EqualError(t, err, "x:12: expected one trace, found 2, of as many workers")
	_, err = ParseAll("x", []byte(strings.Replace(text, "worker=1", "worker=x", 1)))
	require.ErrorContains(t, err, "x:15: expected worker: a number up to")
}

func TestMarksAndCommentsOfEditorsAreRead(t *testing.T) {
	want, err := Parse("x", []byte("millrace 1\nworld bufsize=16\nsession 0 client=send:5\n+0s p0 wait never = 0\nfail I31 x: see #7\n"))
	require.NoError(t, err)
	got, err := Parse("x", []byte("\ufeffmillrace 1\r\nworld bufsize=16 # small\nsession 0 client=send:5 #five\n"+
		"+0s p0 wait never = 0 # and nothing came\nfail I31 x: see #7\n"))
	require.NoError(t, err)
	require.Equal(t, want, got)
}
