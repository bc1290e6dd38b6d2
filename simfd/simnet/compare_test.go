package simnet_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"millrace/properties"
	"millrace/sim"
	"millrace/simfd/simnet"
	"millrace/traces"
)

// ourselves is a network whose both ends are of one world.
func ourselves(n *simnet.Net) network {
	l := n.Listener()
	return network{
		pair: func() (a, b net.Conn) {
			a, err := n.Dial("tcp", l.Addr().String())
			if err == nil {
				b, err = l.Accept()
			}
			if err != nil {
				n.Failf("%v", err)
			}
			return a, b
		},
		dial: func() error {
			l.Close()
			_, err := n.Dial("tcp", l.Addr().String())
			return err
		},
	}
}

// simulated tries it in a healthy world, and its order in those of some seeds, each of which
// has to have its own again.
func simulated(t *testing.T) []bool {
	var try func(w network)
	p := properties.Register(&properties.Program{
		Name: "compared", Within: simnet.Bubble(t), Dials: true,
		Main: simnet.Goroutines(func(n *simnet.Net) { try(ourselves(n)) }),
	})
	tr, w := p.Scenario(), properties.NewWorld(p)
	tr.Sessions = make([]traces.Session, len(probes))
	var list []bool
	try = func(w network) { list = tried(w) }
	require.Nil(t, w.Run(tr, sim.Benign{}, properties.Options{}))

	var order string
	try = func(w network) { order = crowd(w) }
	orders, again := map[string]bool{}, true
	for seed := range uint64(30) {
		again = again && repeats(3, func() string {
			require.Nil(t, w.Run(tr, &sim.Seeded{Seed: seed, Rates: sim.Rates{sim.OpRank: 1 << 15}}, properties.Options{}))
			return order
		})
		orders[order] = true
	}
	require.Greater(t, len(orders), 20, "orders of 30 seeds")
	return append(list, again)
}

// onLinux tries it on Linux.
func onLinux(t *testing.T) []bool {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := network{
		pair: func() (a, b net.Conn) {
			a, err := net.Dial("tcp", l.Addr().String())
			require.NoError(t, err)
			b, err = l.Accept()
			require.NoError(t, err)
			return a, b
		},
		dial: func() error {
			l.Close()
			_, err := net.Dial("tcp", l.Addr().String())
			return err
		},
	}
	again := repeats(1000, func() string { return crowd(w) })
	return append(tried(w), again)
}

// piped tries net.Pipe in a bubble. Nobody listens anywhere, as fake listeners have it.
func piped(t *testing.T) (list []bool) {
	w := network{pair: net.Pipe, dial: func() error { return errors.New("nobody listens") }}
	synctest.Test(t, func(*testing.T) {
		list = append(tried(w), repeats(100_000, func() string { return crowd(w) }))
	})
	return list
}

// shrunk is of how many lines a failure of hasty's is, and of how many it is made.
func shrunk(t *testing.T) (large, small int) {
	w := properties.NewWorld(properties.Register(&properties.Program{Name: "hasty-compared", Main: simnet.Coroutines(simnet.Serve(hasty)), Gets: properties.Echoed}))
	for seed := uint64(1); ; seed++ {
		if found := w.Hunt(seed); found != nil {
			return properties.Lines(found), properties.Lines(properties.Shrink(found, "x.trace", nil))
		}
	}
}

func TestThePackageCommentComparesNetworksAsTheyAre(t *testing.T) {
	columns := [][]bool{piped(t), nil, onLinux(t), simulated(t)}
	recorded, err := os.ReadFile("testdata/bufconn.txt") // by .ci/shows
	require.NoError(t, err)
	for line := range strings.Lines(string(recorded)) {
		columns[1] = append(columns[1], strings.HasSuffix(line, " yes\n"))
	}
	var table strings.Builder
	fmt.Fprintf(&table, "//\t%-36s%-10s%-9s%-7s%s\n", "", "net.Pipe", "bufconn", "Linux", "simnet")
	yes := map[bool]string{true: "yes", false: "no"}
	for i, name := range cells() {
		fmt.Fprintf(&table, "//\t%-36s%-10s%-9s%-7s%s\n", name, yes[columns[0][i]], yes[columns[1][i]], yes[columns[2][i]], yes[columns[3][i]])
	}
	large, small := shrunk(t)
	fmt.Fprintf(&table, "//\t%-36s%-10s%-9s%-7s%s\n", "a failure is made small", "no", "no", "no", yes[small < large/2]) // by definition
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	require.Contains(t, string(doc), table.String())
}
