package real

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/core"
)

// TestServersAreLoggedOnceWhenTheyFlap: one that refuses every second attempt does not
// fill the log, each has its own lines, and the last word is said in the end.
func TestServersAreLoggedOnceWhenTheyFlap(t *testing.T) {
	var out sink
	log := NewLog(&out, 1)
	o := &observer{
		loop: core.NewLoop(nil, 1, core.Second), journal: newJournal(log, 0), lives: make([]told, 2),
		socks: &Sockets{targets: []*target{{name: "a:1"}, {name: "b:2"}}},
	}
	for range 100 {
		o.Server(0, false, core.ECONNREFUSED)
		o.Server(0, true, 0)
	}
	require.Zero(t, o.sayServers(), "it is up, and the log says so")
	o.Server(0, false, core.ETIMEDOUT)
	o.Server(1, false, core.EHOSTUNREACH)
	require.Equal(t, core.Second+sayAgain, o.sayServers(), "the last word is still to be said")
	o.lives[0].again = o.loop.Now()
	require.Zero(t, o.sayServers())
	o.journal.last()
	require.True(t, log.Close(patience))
	text := regexp.MustCompile(`time=\S+ `).ReplaceAllString(out.text.String(), "")
	require.Equal(t, `level=WARN msg="server down" worker=0 server=a:1 why=ECONNREFUSED
level=INFO msg="server up" worker=0 server=a:1
level=WARN msg="server down" worker=0 server=b:2 why=EHOSTUNREACH
level=WARN msg="server down" worker=0 server=a:1 why=ETIMEDOUT
`, text)
}
