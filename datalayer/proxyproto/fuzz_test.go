package proxyproto

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// seeds gives the fuzzer what the tables have, but for what is only long.
func seeds(f *testing.F) {
	for _, c := range goodHeaders {
		if len(c.text) < 1024 {
			f.Add([]byte(c.text + "payload"))
		}
	}
	for _, c := range badHeaders {
		f.Add([]byte(strings.Replace(c.text, "^", "", 1)))
	}
}

// FuzzParse feeds every beginning: what is decided stays decided, and what is
// Done prints and parses back.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, p []byte) {
		var h, later Header
		for k := range len(p) + 1 {
			n, v, fault := Parse(p[:k], &h)
			if n != k && v != Bad || (fault != 0) != (v == Bad) || v != Done && !same(Header{}, h) {
				t.Fatalf("%q: %d %v %v %+v", p[:k], n, v, fault, h)
			}
			if v == More {
				continue
			}
			for _, to := range []int{k + 1, k + 2, k + 16, (k + len(p)) / 2, len(p)} {
				n2, v2, fault2 := Parse(p[:max(k, min(to, len(p)))], &later)
				require.Equal(t, []any{n, v, fault}, []any{n2, v2, fault2}, "%q at first", p[:k])
				require.True(t, same(h, later))
			}
			if v == Done {
				printsBack(t, h, p[:n])
			}
			return
		}
		require.Less(t, len(p), MaxV2)
	})
}

// printsBack prints a header that was parsed and parses it again. Where there is
// only one way to write it, the bytes are the same, so the checksum is too.
func printsBack(t *testing.T, h Header, p []byte) {
	printed := h.Append(nil)
	if h.Version == 2 && h.Family != Unspec {
		require.Equal(t, p, printed)
	}
	for _, text := range [][]byte{printed, h.AppendWithChecksum(nil)} {
		var back Header
		n, v, fault := Parse(text, &back)
		require.Equal(t, Done, v, fault)
		require.Equal(t, len(text), n)
		back.Version = h.Version
		if len(text) != len(printed) || h.Version == 1 {
			back.TLVs = h.TLVs // without the checksum that was added
		}
		require.True(t, same(h, back), "%+v, not %+v", back, h)
	}
}
