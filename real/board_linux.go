package real

import (
	"fmt"
	"io"
	"sync/atomic"

	"millrace/core"
	"millrace/streamif"
)

// board has the published counters of a worker's servers. One that is not among them
// any more is not on it. The loop makes another board when the list changes, and only
// then.
type board struct{ rows []boardRow }

// boardRow is one server. A list may name it twice, and then it has two numbers.
type boardRow struct {
	name    string
	numbers []int32
	values  [numServerMetrics]atomic.Uint64
}

// The counters of a server.
const (
	serverUp = iota
	serverSessions
	serverFailures
	serverRefused
	serverConnects
	serverTook // nanoseconds
	numServerMetrics
)

// serverMetrics says what they are called. Those of a summary are told together.
var serverMetrics = []struct{ name, kind, help string }{
	serverUp:       {"relay_server_up", "gauge", "1 unless the last attempt to connect to the server failed."},
	serverSessions: {"relay_server_sessions", "gauge", "Live sessions that go to the server."},
	serverFailures: {"relay_server_failures_total", "counter", "Attempts to connect that were the server's fault."},
	serverRefused:  {"relay_server_tls_refused_total", "counter", "Attempts to connect that TLS refused, on either side: the server counts as up."},
	serverConnects: {"relay_server_connect_seconds", "summary", "Attempts that succeeded, and how long they took, handshakes included."},
}

// newBoard makes a board for servers that have these numbers.
func newBoard(targets []*target, numbers []int32) *board {
	rows := map[string]int{}
	b := new(board)
	for _, n := range numbers {
		name := targets[n].name
		i, known := rows[name]
		if !known {
			i = len(b.rows)
			rows[name] = i
			b.rows = append(b.rows, boardRow{name: name})
		}
		b.rows[i].numbers = append(b.rows[i].numbers, n)
	}
	return b
}

// publish copies what the proxy knows.
func (b *board) publish(p *streamif.Proxy) {
	for i := range b.rows {
		r := &b.rows[i]
		now := [numServerMetrics]uint64{serverUp: 1}
		for _, n := range r.numbers {
			v := p.Server(int(n))
			if !v.Up() {
				now[serverUp] = 0
			}
			now[serverSessions] += uint64(v.Stats.Sessions)
			now[serverFailures] += v.Stats.Failures
			now[serverRefused] += v.Stats.Refused
			now[serverConnects] += v.Stats.Connects
			now[serverTook] += uint64(v.Stats.Took)
		}
		for m := range now {
			r.values[m].Store(now[m])
		}
	}
}

// writeServers writes the counters of all workers' servers. Errors are to's to keep.
func writeServers(to io.Writer, workers []*Worker) {
	for m, is := range serverMetrics {
		fmt.Fprintf(to, "# HELP %s %s\n# TYPE %s %s\n", is.name, is.help, is.name, is.kind)
		for _, w := range workers {
			rows := w.pub.board.Load().rows
			for i := range rows {
				r := &rows[i]
				label, n := fmt.Sprintf("{server=%q,worker=\"%d\"}", r.name, w.id), r.values[m].Load()
				if m == serverConnects {
					us := r.values[serverTook].Load() / uint64(core.Microsecond)
					fmt.Fprintf(to, "%s_sum%s %d.%06d\n%s_count%s %d\n", is.name, label, us/1e6, us%1e6, is.name, label, n)
					continue
				}
				fmt.Fprintf(to, "%s%s %d\n", is.name, label, n)
			}
		}
	}
}
