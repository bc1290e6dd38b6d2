package core_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/core"
)

func TestAnErrorOfOneConnectionIsNotOneOfTheListener(t *testing.T) {
	for _, e := range []core.Errno{core.EPROTO, core.EPERM, core.ECONNABORTED, core.ENETDOWN} {
		require.True(t, e.Passed(), "%s", e)
	}
	for _, e := range []core.Errno{0, core.EMFILE, core.EAGAIN, core.EINTR, core.ENOMEM, core.EBADF} {
		require.False(t, e.Passed(), "%s", e)
	}
}
