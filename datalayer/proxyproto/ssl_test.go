package proxyproto

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	oracle "github.com/pires/go-proxyproto"
	"github.com/pires/go-proxyproto/tlvparse"
	"github.com/stretchr/testify/require"
)

// TestOthersReadWhatIsSaidOfTheClientsTLS: go-proxyproto does, inside a header.
func TestOthersReadWhatIsSaidOfTheClientsTLS(t *testing.T) {
	for _, c := range []struct {
		verified, resumed bool
		name, told        string
		bits              uint8
	}{
		{false, false, "nobody", "", 1},
		{true, false, "alice", "alice", 1 | 2 | 4},
		{true, true, "bob", "bob", 1 | 4},
		{true, false, "", "", 1 | 2 | 4},
		{true, false, strings.Repeat("x", maxName), strings.Repeat("x", maxName), 1 | 2 | 4},
		{true, false, strings.Repeat("x", maxName+1), "", 1 | 2 | 4},
	} {
		h := Header{Version: 2, Family: IPv4}
		h.Src.IP, h.Dst.IP = [16]byte{10: 0xff, 11: 0xff, 12: 1}, [16]byte{10: 0xff, 11: 0xff, 12: 2}
		h.TLVs = AppendSSL(AppendTLV(nil, 0x02, []byte("one.test")), "TLSv1.3", c.verified, c.resumed, c.name)
		text := h.Append(nil)
		got, err := oracle.Read(bufio.NewReader(bytes.NewReader(text)))
		require.NoError(t, err)
		tlvs, err := got.TLVs()
		require.NoError(t, err)
		require.Len(t, tlvs, 2)
		ssl, ok := tlvparse.FindSSL(tlvs)
		require.True(t, ok)
		require.Equal(t, c.bits, ssl.Client)
		require.Equal(t, c.verified, ssl.Verified())
		version, _ := ssl.SSLVersion()
		require.Equal(t, "TLSv1.3", version)
		name, ok := ssl.ClientCN()
		require.Equal(t, c.told, name)
		require.Equal(t, c.told != "", ok)
	}
}
