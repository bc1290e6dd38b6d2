package culprit_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core/culprit"
)

var said string

// blamed returns who is blamed for what a call does.
func blamed(call func()) (who string) {
	defer func() {
		if recover() != nil {
			who = culprit.Name()
		}
	}()
	call()
	return "nobody"
}

// TestWhoCallsGoWronglyIsBlamedAndNotGo: neither the runtime nor the library.
func TestWhoCallsGoWronglyIsBlamedAndNotGo(t *testing.T) {
	var none []int
	for name, call := range map[string]func(){
		"an index":     func() { none[len(none)]++ },
		"a library":    func() { none = slices.Insert(none, 1, 1) },
		"what is said": func() { said = strings.Repeat("x", -1) },
	} {
		require.Regexp(t, `^culprit_test\.TestWhoCallsGoWronglyIsBlamedAndNotGo\.func\d$`, blamed(call), name)
	}
	require.Equal(t, "nobody", blamed(func() {}))
}
