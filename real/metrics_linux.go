package real

import (
	"bufio"
	"fmt"
	"io"
	"sync/atomic"

	"millrace/core"
)

// publishEvery is how old published counters may get while there is traffic. A
// round that did something sets an alarm, unless one is set already; so a busy
// loop pays for ten publications a second and an idle one sleeps on. The alarm is
// the poller's, not a timer of the loop's: those belong to the proxy, and a
// recording of it must not depend on who reads its counters.
const publishEvery = 100 * core.Millisecond

// metric is one line of the text that monitoring reads.
type metric struct {
	name  string
	label string // `key="value"`, or empty
	kind  string // counter or gauge
	help  string
	read  func(w *Worker) uint64 // called by the loop only
}

var metrics = listMetrics()

// listMetrics lists what is published. Metrics of one name stand together.
func listMetrics() []metric {
	const counter, gauge = "counter", "gauge"
	m := []metric{
		{"relay_sessions", "", gauge, "Live sessions.", func(w *Worker) uint64 { return uint64(w.proxy.Live()) }},
		{"relay_accepted_total", "", counter, "Connections accepted.", func(w *Worker) uint64 { return w.proxy.Stats.Accepted }},
		{"relay_accept_errors_total", "", counter, "Errors of accept.", func(w *Worker) uint64 { return w.proxy.Stats.Refusals }},
		{"relay_accept_stops_total", "", counter, "Times accepting stopped at a limit.", func(w *Worker) uint64 { return w.obs.stops }},
		{"relay_refused_total", "", counter, "Connections refused because their client had his share.", func(w *Worker) uint64 { return w.proxy.Stats.Shed }},
		{"relay_accepting", "", gauge, "1 while connections are accepted.", func(w *Worker) uint64 {
			if w.proxy.Listening() && !w.obs.stopped {
				return 1
			}
			return 0
		}},
		{"relay_connects_total", "", counter, "Connection attempts to servers.", func(w *Worker) uint64 { return w.proxy.Stats.Connects }},
		{"relay_connects_failed_total", "", counter, "Attempts that failed.", func(w *Worker) uint64 { return w.proxy.Stats.ConnFailed }},
		{"relay_retries_total", "", counter, "Attempts after a session's first.", func(w *Worker) uint64 { return w.proxy.Stats.Retries }},
	}
	for i, r := range reasons {
		m = append(m, metric{"relay_sessions_ended_total", `end="` + r.String() + `"`, counter,
			"Sessions that ended, by reason.", func(w *Worker) uint64 { return w.obs.ended[i] }})
	}
	const received, sent = "relay_received_bytes_total", "relay_sent_bytes_total"
	for s, label := range [numSides]string{client: `side="client"`, server: `side="server"`} {
		m = append(m, metric{received, label, counter, "Bytes received, by peer.",
			func(w *Worker) uint64 { return w.socks.received[s] }})
	}
	for s, label := range [numSides]string{client: `side="client"`, server: `side="server"`} {
		m = append(m, metric{sent, label, counter, "Bytes sent, by peer.",
			func(w *Worker) uint64 { return w.socks.sent[s] }})
	}
	m = append(m, []metric{
		{"relay_spliced_bytes_total", "", counter, "Bytes received that were never copied.", func(w *Worker) uint64 { return w.socks.spliced }},
		{"relay_copied_bytes_total", "", counter, "Bytes received into buffers.", func(w *Worker) uint64 {
			return w.socks.received[client] + w.socks.received[server] - w.socks.spliced
		}},
		{"relay_pipes", "", gauge, "Pipes open, with bytes in them or kept for later.", func(w *Worker) uint64 { return uint64(w.socks.pipes) }},
		{"relay_pipes_missed_total", "", counter, "Times bytes were copied for lack of a pipe.", func(w *Worker) uint64 { return w.proxy.Pipes().Stats.Missed }},
		{"relay_sockets", "", gauge, "Open client and server sockets.", func(w *Worker) uint64 { return uint64(w.socks.Live()) }},
		{"relay_buffers", "", gauge, "Buffers that hold bytes.", func(w *Worker) uint64 { return uint64(w.proxy.Pool().Used()) }},
		{"relay_buffers_made", "", gauge, "Buffers in memory.", func(w *Worker) uint64 { return uint64(w.proxy.Pool().Made()) }},
		{"relay_buffers_awaited", "", gauge, "Streams that wait for a buffer.", func(w *Worker) uint64 { return uint64(w.proxy.Pool().Waiting()) }},
		{"relay_timers", "", gauge, "Timers set.", func(w *Worker) uint64 { return uint64(w.loop.Timers()) }},
		{"relay_rounds_total", "", counter, "Rounds of the event loop.", func(w *Worker) uint64 { return w.loop.Stats.Waits }},
		{"relay_events_total", "", counter, "Events reported by the kernel.", func(w *Worker) uint64 { return w.loop.Stats.Events }},
		{"relay_stale_events_total", "", counter, "Events for an earlier life of a descriptor, dropped.", func(w *Worker) uint64 { return w.loop.Table.Stats.Stale }},
		{"relay_turns_total", "", counter, "Turns given to connections and listeners.", func(w *Worker) uint64 { return w.loop.Table.Stats.Turns }},
		{"relay_tasks_total", "", counter, "Tasks run.", func(w *Worker) uint64 { return w.loop.Stats.Tasks }},
		{"relay_poll_failures_total", "", counter, "Registrations the kernel refused.", func(w *Worker) uint64 { return w.loop.Table.Stats.Failed }},
		{"relay_log_lines_lost_total", "", counter, "Log lines lost because nobody read them, or they could not be written.", func(w *Worker) uint64 { return w.obs.journal.lostLines() }},
	}...)
	for c := range NumCalls {
		m = append(m, metric{"relay_syscalls_total", `call="` + c.String() + `"`, counter,
			"System calls, by name.", func(w *Worker) uint64 { return w.calls[c] }})
	}
	return m
}

// publisher copies the loop's counters to where other threads may read them.
type publisher struct {
	w      *Worker
	at     core.Time // when to do so next; 0 = nothing has changed
	seen   uint64    // the loop's activity at the last publication
	values []atomic.Uint64
	board  atomic.Pointer[board]
}

func (p *publisher) init(w *Worker) {
	p.w = w
	p.values = make([]atomic.Uint64, len(metrics))
	numbers := make([]int32, len(w.socks.targets))
	for n := range numbers {
		numbers[n] = int32(n)
	}
	p.board.Store(newBoard(w.socks.targets, numbers))
}

// activity changes whenever a round did anything.
func (p *publisher) activity() uint64 { return p.w.loop.Stats.Events + p.w.loop.Stats.Tasks }

// tick follows every round. When the alarm is due it publishes, and hands the
// log over.
func (p *publisher) tick() {
	if p.at != 0 && p.at <= p.w.loop.Now() {
		p.publish()
		p.at = core.First(p.w.obs.sayAccepting(), p.w.obs.sayServers())
		p.w.epoll.alarm = p.at
		p.w.obs.journal.flush()
	}
	if p.activity() != p.seen {
		p.soon()
	}
}

// soon sees to it that what changed is published before long.
func (p *publisher) soon() {
	p.at = core.First(p.at, p.w.loop.Now()+publishEvery)
	p.w.epoll.alarm = p.at
}

func (p *publisher) publish() {
	p.seen = p.activity()
	for i := range metrics {
		p.values[i].Store(metrics[i].read(p.w))
	}
	p.board.Load().publish(p.w.proxy)
}

// Metric returns the published sum of all metrics with this name, whatever
// their labels. An unknown name is 0.
func (w *Worker) Metric(name string) uint64 {
	var sum uint64
	for i := range metrics {
		if metrics[i].name == name {
			sum += w.pub.values[i].Load()
		}
	}
	return sum
}

// WriteMetrics writes the published counters of all workers in the Prometheus
// text format, which is a few lines of printing: a client library would bring
// its own registry, locks and dozens of packages.
func WriteMetrics(to io.Writer, workers []*Worker) error {
	b := bufio.NewWriter(to) // keeps the first error
	for i, m := range metrics {
		if i == 0 || metrics[i-1].name != m.name {
			fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s %s\n", m.name, m.help, m.name, m.kind)
		}
		label := m.label
		if label != "" {
			label += ","
		}
		for _, w := range workers {
			fmt.Fprintf(b, "%s{%sworker=\"%d\"} %d\n", m.name, label, w.id, w.pub.values[i].Load())
		}
	}
	writeServers(b, workers)
	return b.Flush()
}
