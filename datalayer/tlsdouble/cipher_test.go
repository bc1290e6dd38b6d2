package tlsdouble

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/datalayer"
	"millrace/datalayer/ciphertest"
)

func TestTheDoubleIsACipher(t *testing.T) {
	ciphertest.Run(t, func(server bool, protocol string) datalayer.Cipher {
		return Ends{Server: server}.New(0, protocol)
	})
}

// joined is a client and a server whose handshake is over.
type joined struct {
	stock          datalayer.Stock
	client, server *Cipher
	up, down       datalayer.Bytes // on their way to the server, to the client
}

func join(t *testing.T) *joined {
	j := &joined{stock: *datalayer.NewStock(64), client: New(false, ""), server: New(true, "")}
	j.up.Init(&j.stock)
	j.down.Init(&j.stock)
	for range 2 {
		_, e := j.client.Shake(&j.down, &j.up)
		require.Zero(t, e)
		_, e = j.server.Shake(&j.up, &j.down)
		require.Zero(t, e)
	}
	require.True(t, j.client.MaySeal() && j.server.MaySeal())
	return j
}

func (j *joined) serverReads(t *testing.T) (string, datalayer.Status, core.Errno) {
	p := make([]byte, 100)
	n, st, e := j.server.Open(&j.up, &j.down, p)
	return string(p[:n]), st, e
}

func (j *joined) clientReads(t *testing.T) (string, datalayer.Status, core.Errno) {
	p := make([]byte, 100)
	n, st, e := j.client.Open(&j.down, &j.up, p)
	return string(p[:n]), st, e
}

func TestAKeyUpdateMakesReadingWrite(t *testing.T) {
	j := join(t)
	_, st, _ := j.clientReads(t) // the ticket
	require.Equal(t, datalayer.Dry, st)
	require.Zero(t, j.client.Seal(&j.up, []byte("old")))
	j.client.Rekey(&j.up, true)
	require.Zero(t, j.client.Seal(&j.up, []byte("new")))
	got, st, e := j.serverReads(t)
	require.Zero(t, e)
	require.Equal(t, "oldnew", got)
	require.Equal(t, datalayer.Dry, st)
	require.NotZero(t, j.down.Len(), "the server's keys have to change, too")
	require.Zero(t, j.server.Seal(&j.down, []byte("answer")))
	got, _, e = j.clientReads(t)
	require.Zero(t, e)
	require.Equal(t, "answer", got)
}

func TestARenewalStopsTheDataUntilItIsOver(t *testing.T) {
	j := join(t)
	j.clientReads(t)
	require.Zero(t, j.client.Seal(&j.up, []byte("before")))
	j.client.Renew(&j.up)
	require.False(t, j.client.MaySeal())
	require.Zero(t, j.server.Seal(&j.down, []byte("meanwhile")))
	got, st, _ := j.serverReads(t)
	require.Equal(t, "before", got)
	require.Equal(t, datalayer.Again, st)
	require.PanicsWithError(t, "I22 tls: data sealed in the middle of a handshake", func() { j.server.Seal(&j.down, []byte("x")) })
	done, e := j.server.Shake(&j.up, &j.down)
	require.Zero(t, e)
	require.False(t, done, "it waits for the last word of the client's")
	got, _, e = j.clientReads(t)
	require.Zero(t, e)
	require.Equal(t, "meanwhile", got)
	require.True(t, j.client.MaySeal())
	done, e = j.server.Shake(&j.up, &j.down)
	require.Zero(t, e)
	require.True(t, done)
	require.Zero(t, j.client.Seal(&j.up, []byte("after")))
	got, _, e = j.serverReads(t)
	require.Zero(t, e)
	require.Equal(t, "after", got)
}

// TestWhatComesUnsealedTwiceOrOutOfOrderIsNoticed is what the double is for.
func TestWhatComesUnsealedTwiceOrOutOfOrderIsNoticed(t *testing.T) {
	for name, spoil := range map[string]func(first, second []byte) []byte{
		"lost":     func(_, second []byte) []byte { return second },
		"twice":    func(first, _ []byte) []byte { return append(first, first...) },
		"swapped":  func(first, second []byte) []byte { return append(second, first...) },
		"unsealed": func(_, _ []byte) []byte { return []byte("D\x00\x03abc\x00\x00") },
		"too long": func(_, _ []byte) []byte { return []byte("D\xff\xffabc") },
	} {
		j := join(t)
		require.Zero(t, j.client.Seal(&j.up, []byte("abc")))
		first := append([]byte(nil), j.up.Held()...)
		require.Zero(t, j.client.Seal(&j.up, []byte("def")))
		second := append([]byte(nil), j.up.Held()[len(first):]...)
		j.up.Clear()
		j.up.Add(spoil(first, second))
		_, st, e := j.serverReads(t)
		require.Equal(t, datalayer.Err, st, name)
		require.Equal(t, core.ETLS, e, name)
		require.NotEmpty(t, j.server.Detail())
		_, st, _ = j.clientReads(t)
		require.Equal(t, datalayer.Err, st, "the client hears of it")
	}
}

func TestNothingIsAllocatedPerRecord(t *testing.T) {
	j := join(t)
	j.clientReads(t)
	p := make([]byte, 40)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		j.client.Seal(&j.up, p)
		j.server.Open(&j.up, &j.down, p)
	}))
	require.PanicsWithError(t, "I22 tls: a renewal within another", func() {
		j.client.Renew(&j.up)
		j.client.Renew(&j.up)
	})
}
