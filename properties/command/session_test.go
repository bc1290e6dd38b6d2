package command

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	_ "millrace/properties/proxy" // whose traces are read
	"millrace/traces"
)

// relayed is a recording of two sessions.
const relayed = `millrace 1
live
+0s p0 wait 0s = 0
+0s l0 set IN = OK
+5ms p0 wait never = 1
+0s l0 event IN
+0s l0 accept = f1
+0s l0 accept = f2
+0s l0 accept = EAGAIN
+0s f1 recv 16384 = 10
+1ms p0 wait 1s = 0
+0s f2 recv 16384 = 20
`

// twice is a file of two workers with the same sessions.
func twice(t *testing.T) string {
	text := ""
	for worker := range 2 {
		tr, err := traces.Parse("", []byte(relayed))
		require.NoError(t, err)
		tr.Recorded = &traces.About{Worker: worker, At: time.Unix(1_800_000_000, 0)}
		text += tr.String()
	}
	return file(t, text)
}

func TestOneSessionOfManyIsShown(t *testing.T) {
	path := file(t, relayed)
	code, out, _ := call("session", "2", path)
	require.Equal(t, 0, code)
	require.Equal(t, "session 2\n  2 calls in 1ms, attempts to connect: 0\n  client: 20 bytes received, 0 sent\n"+
		"  server: 0 bytes received, 0 sent\n\n"+path+":8\t+0s l0 accept = f2\n"+path+":12\t+1ms f2 recv 16384 = 20\n", out)
	code, out, _ = call("show", "-session", "1", path)
	require.Equal(t, 0, code)
	require.Equal(t, "millrace 1\nlive\n+5ms l0 accept = f1\n+0s f1 recv 16384 = 10\n", out)
	for _, args := range [][]string{{"session", "3", path}, {"show", "-session", "3", path}} {
		code, _, errs := call(args...)
		require.Equal(t, 2, code)
		require.Equal(t, "trace: "+path+": there is no call of session 3 in it\n", errs)
	}
	_, _, errs := call("session", path)
	require.Equal(t, "trace: session: expected a number and a file\n", errs)
}

// TestWhatASessionMovedInPiecesCounts like what it moved in one.
func TestWhatASessionMovedInPiecesCounts(t *testing.T) {
	_, out, _ := call("session", "1", file(t, "millrace 1\nlive\n+0s l0 accept = f1\n+0s f1 readv 9 = 7\n+0s f1 writev 9 = 5\n"))
	require.Contains(t, out, "  client: 7 bytes received, 5 sent\n")
}

// TestASessionIsFoundByTheLogsIdHoweverHighThatIs: of its number a trace has 24 bits, and a relay
// with a thousand sessions a second has used them up in five hours.
func TestASessionIsFoundByTheLogsIdHoweverHighThatIs(t *testing.T) {
	path := file(t, relayed)
	_, low, _ := call("session", "2", path)
	code, high, errs := call("session", "50331650", path)
	require.Equal(t, 0, code, errs)
	require.Equal(t, low, high)
	_, low, _ = call("show", "-session", "1", path)
	code, high, errs = call("show", "-session", "16777217", path)
	require.Equal(t, 0, code, errs)
	require.Equal(t, low, high)
	_, _, errs = call("session", "4294967296", path)
	require.Equal(t, "trace: session: expected the log's id of a session, found \"4294967296\"\n", errs)
	_, _, errs = call("show", "-session", "-2", path)
	require.Contains(t, errs, "expected the log's id of a session, found \"-2\"\n")
}

func TestASessionIsOneOfEachWorker(t *testing.T) {
	path := twice(t)
	code, out, _ := call("session", "1", path)
	require.Equal(t, 0, code)
	require.Contains(t, out, "session 1 of worker 0, 2027-01-15T08:00:00.005Z\n")
	require.Contains(t, out, "session 1 of worker 1, 2027-01-15T08:00:00.005Z\n")
	_, out, _ = call("session", "-worker", "1", "1", path)
	require.NotContains(t, out, "worker 0")
	require.Contains(t, out, path+":22\t+0s l0 accept = f1\n")
	_, _, errs := call("draw", path)
	require.Equal(t, "trace: "+path+": it is of 2 workers: choose one with -worker\n", errs)
	_, _, errs = call("show", "-worker", "7", path)
	require.Equal(t, "trace: "+path+": there is no worker 7 in it\n", errs)
}

// TestADivergenceIsExplained as a failure is: where, what both calls mean, what the session
// is in, and what came before.
func TestADivergenceIsExplained(t *testing.T) {
	path := file(t, strings.Replace(relayed, "set IN =", "set IN|RDHUP =", 1))
	code, out, _ := call("replay", path)
	require.Equal(t, 1, code)
	for _, part := range []string{
		"F: played: step 8: recorded `f1 recv 16384`, proxy did `b1 socket 0`\n\nat       F:10\n" +
			"recorded read up to 16384 bytes from the client of session 1 and it was 10\n" +
			"now      make a socket for session 1 towards server 0\n\nsession 1, as it is now\n  front state          EST\n",
		"  back state           ASS\n", "\nlast steps\n  F:3\t+0s p0 wait 0s = 0\n", "  F:10\t+0s f1 recv 16384 = 10\n",
	} {
		require.Contains(t, out, strings.ReplaceAll(part, "F", path))
	}
}

func TestATornRecordingIsSaidToBeTorn(t *testing.T) {
	tr, err := traces.Parse("", []byte(relayed))
	require.NoError(t, err)
	tr.Recorded = new(traces.About)
	whole := tr.String()
	path := file(t, whole[:strings.Index(whole, "= 20")+3])
	_, out, _ := call("replay", path)
	require.Contains(t, out, path+": torn: it ends in the middle of a line, behind 9 steps\n")
	_, _, errs := call("show", path)
	require.Contains(t, errs, path+": torn: ")
}

// TestAddressesAreShownWhereTheyAre, of one session those of this one, and nothing is said where
// there are none.
func TestAddressesAreShownWhereTheyAre(t *testing.T) {
	text, err := os.ReadFile("testdata/recorded.trace")
	require.NoError(t, err)
	_, plain, _ := call("session", "1", "testdata/recorded.trace")
	require.NotContains(t, plain, "server unknown")
	path := file(t, strings.Replace(string(text), "\n+26", "\naddress 1 client=192.0.2.1:41312\naddress 2 client=192.0.2.2:1 server=10.0.0.1:80\n+26", 1))
	_, out, _ := call("session", "1", path)
	require.Contains(t, out, "\n  client 192.0.2.1:41312, server unknown\n")
	_, out, _ = call("session", "2", path)
	require.Contains(t, out, "\n  client 192.0.2.2:1, server 10.0.0.1:80\n")
	_, out, _ = call("show", path)
	require.Contains(t, out, "\naddress 1 client=192.0.2.1:41312\naddress 2 client=192.0.2.2:1 server=10.0.0.1:80\n")
	_, out, _ = call("show", "-session", "2", path)
	require.Contains(t, out, "\naddress 2 ")
	require.NotContains(t, out, "address 1 ")
	code, _, complaint := call("replay", path)
	require.Equal(t, 0, code, complaint)
	scenario := strings.TrimSuffix(path, ".trace") + ".scenario.trace"
	code, _, complaint = call("scenario", path)
	require.Equal(t, 0, code, complaint)
	text, err = os.ReadFile(scenario)
	require.NoError(t, err)
	require.NotContains(t, string(text), "192.0.2")
}
