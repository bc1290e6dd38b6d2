package command

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/traces"
)

// TestARecordingBecomesAScenario has a recording of a relay between clients and a server on
// Linux: five sessions, and a sixth that is not over.
func TestARecordingBecomesAScenario(t *testing.T) {
	out := filepath.Join(t.TempDir(), "s.trace")
	code, said, complaint := call("scenario", "-o", out, "testdata/recorded.trace")
	require.Equal(t, 0, code, complaint)
	require.Contains(t, said, ": 70 of 72 calls are the same (97 %), of 84 here, and 4 of 5 sessions end in the same way\n")
	require.Contains(t, said, "session 1, of recorded session 2: recorded `front recv 2048 = 100`, here `front recv 2048 = EAGAIN`, behind 2 calls that are the same\n")
	text, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Contains(t, string(text), "server=recv:10,wait:4.401154ms,send:30,recv:20010,")
	_, err = traces.Parse(out, text)
	require.NoError(t, err)
	code, _, complaint = call("replay", out)
	require.Equal(t, 0, code, complaint)
}

// TestAnAnswerThatNoPeerGivesIsADecision has a kernel that takes 3 bytes where there is room.
func TestAnAnswerThatNoPeerGivesIsADecision(t *testing.T) {
	live := "millrace 1\nlive\n+1ms l0 accept = f7\n+0s b7 socket 0 = OK\n+0s b7 connect = EINPROGRESS\n+0s f7 recv 2048 = EAGAIN\n" +
		"+0s b7 connect = OK\n+1ms f7 recv 16384 = 30\n+0s b7 send 30 = 3\n+1ms b7 send 27 = 27\n"
	path := file(t, live)
	code, said, complaint := call("scenario", path)
	require.Equal(t, 0, code, complaint)
	require.Contains(t, said, "7 of 7 calls are the same (100 %)")
	text, err := os.ReadFile(filepath.Join(filepath.Dir(path), filepath.Base(path[:len(path)-len(".trace")])+".scenario.trace"))
	require.NoError(t, err)
	require.Contains(t, string(text), "choose b0 short-write 0 = 3\n")
}

func TestOnlyARecordingBecomesAScenario(t *testing.T) {
	code, _, complaint := call("scenario", file(t, healthy))
	require.Equal(t, 2, code)
	require.Contains(t, complaint, "only a recording can be made a scenario of")
	code, _, complaint = call("scenario", file(t, "millrace 1\nlive\n+1ms f0 recv 16384 = 30\n"))
	require.Equal(t, 2, code)
	require.Contains(t, complaint, "no session in it begins")
}

// TestWhoWasRefusedIsNotInAScenario, and that is said: where he comes from is in no recording.
func TestWhoWasRefusedIsNotInAScenario(t *testing.T) {
	live := "millrace 1\nlive maxconn-per-client=1\n+1ms l0 accept = f7\n+0s l0 accept = f8\n+0s f8 full\n+0s f8 close reset = OK\n" +
		"+0s b7 socket 0 = OK\n+0s b7 connect = EINPROGRESS\n+0s f7 recv 2048 = EAGAIN\n" +
		"+0s b7 connect = OK\n+1ms f7 recv 16384 = 30\n+0s b7 send 30 = 30\n"
	path := file(t, live)
	code, said, complaint := call("scenario", path)
	require.Equal(t, 0, code, complaint)
	require.Contains(t, said, "6 of 6 calls are the same (100 %)")
	require.Contains(t, said, "; left out: 1 that were refused, of clients who had their share\n")
	text, err := os.ReadFile(path[:len(path)-len(".trace")] + ".scenario.trace")
	require.NoError(t, err)
	require.NotContains(t, string(text), "session 1 ")
}
