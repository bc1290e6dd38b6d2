package main

import (
	"bytes"
	"net"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEachRelayHasItsPlaceInTheTable, in one short round: figures that nobody should trust.
func TestEachRelayHasItsPlaceInTheTable(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("the load needs a processor of its own")
	}
	few := []string{"short", "short-log", "rtt-64", "bulk-1", "both-1", "copied-1", "tls-resumed", "tls-rsa", "tls-down-1", "tls-up-1", "flood", "flooding"}
	var out, said bytes.Buffer
	only := strings.Join(few[1:], ",") // the first is what the second is compared with
	require.Equal(t, done, run([]string{"-rounds", "1", "-units", "0.02", "-only", only}, &out, &said), said.String())
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 1+len(few), out.String())
	columns := len(strings.Split(lines[0], "  "))
	for i, name := range few {
		require.True(t, strings.HasPrefix(lines[1+i], name), out.String())
	}
	require.Contains(t, lines[0], "millrace")
	require.GreaterOrEqual(t, columns, 3)
	require.Regexp(t, `\sshort: \d`, lines[2])
	require.NotContains(t, out.String(), " 0.00", "a relay that had nothing to do was not in the way")
}

func TestWhatIsAskedForWronglyIsSaid(t *testing.T) {
	for args, want := range map[string]string{
		"-only walk": `no workload "walk"`, "-rounds 0": "at least a round", "-units -1": "units above 0",
		"more": "nothing is expected but flags", "-what": "-what",
	} {
		var out, said bytes.Buffer
		require.Equal(t, wrong, run(strings.Fields(args), &out, &said), args)
		require.Contains(t, said.String(), want)
		require.Empty(t, out.String())
	}
	var out, said bytes.Buffer
	require.Equal(t, failed, run([]string{"-relay", "/bin/false", "-rounds", "1"}, &out, &said))
	require.Contains(t, said.String(), "millrace: it is gone at once")
	require.Equal(t, done, run([]string{"-h"}, &out, &said))
}

func TestQuartilesLieBetweenSamples(t *testing.T) {
	low, median, high := quartiles([]float64{4, 1, 3, 2, 5})
	require.Equal(t, []float64{2, 3, 4}, []float64{low, median, high})
	low, median, high = quartiles([]float64{7})
	require.Equal(t, []float64{7, 7, 7}, []float64{low, median, high})
	require.InDelta(t, 99, part([]float64{0, 50, 100}, 0.99), 1e-9)
	require.Equal(t, "2.00 (2.00-2.00)", ratio([]float64{2, 40, 6}, []float64{1, 20, 3}))
}

func TestClientsOfAFloodBeginAsTLSDoes(t *testing.T) {
	hello, err := helloOf()
	require.NoError(t, err)
	require.Equal(t, byte(handshakeRecord), hello[0])
	require.Greater(t, len(hello), 100)
}

// TestAFloodThatIsNotAnsweredIsNoFigure: a relay that resets the others is not a fast one.
func TestAFloodThatIsNotAnsweredIsNoFigure(t *testing.T) {
	door, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	go func() {
		for {
			c, err := door.Accept()
			if err != nil {
				return
			}
			_ = c.Close() // with what it said unread: a reset
		}
	}()
	f, err := startFlood(door.Addr().(*net.TCPAddr).Port)
	require.NoError(t, err)
	err = <-f.err
	require.ErrorContains(t, err, "a handshake was not answered")
	require.NoError(t, door.Close())
}
