// Package real binds the proxy to Linux: epoll, sockets, workers.
//
// # The model
//
// One Worker is one event loop on one operating system thread with everything
// it needs for itself: an epoll set, a slab of sockets, a listener of its own
// (SO_REUSEPORT spreads the connections), sessions, buffers, counters. Workers
// share nothing, so the loop has no lock and waits for nobody.
//
//	            +------------------- Worker -------------------+
//	clients --> | Listener...                         Sockets | --> servers
//	            |     \                                 /     |
//	            |      streamif.Proxy on a core.Loop          |
//	            |                   |                         |
//	            |                 Epoll  <-- eventfd          |
//	            +------------------------------^--------------+
//	    Drain, Kill: an atomic word, and a wake-up from any goroutine
//	    SetServers:  a function to be called between two rounds, likewise
//
// Epoll, Sockets and Listener implement core's kernel surface, on which the
// proxy was hunted in simulation; nothing above them knows that this kernel is
// the real one.
//
// # System calls and the Go scheduler
//
// The descriptors never meet Go's network poller. A call that cannot block is a
// raw system call: the scheduler is not told, which halves its price. The one
// call that sleeps, epoll_pwait, tells it, but for its first moments where the last
// sleep was short: a thread that sleeps behind its back is not at a safe point, and
// whoever stops the world waits until a signal has ended the call. See Epoll.doze. These
// are 2 ms, or 32 where GOMAXPROCS is more than there are workers, which is worth a sixth
// of a round trip in a virtual machine: give it one more than them.
//
// # Why not io_uring
//
// Relays in C on a ring, with the best that Linux 6.18 has for it (one issuer, task work
// deferred, direct descriptors or not, accept and recv that go on, buffers in a ring, sends that
// answer only if they are short, and what ends a stream linked behind them), were set beside
// floor.c of real/cmd/beside in November 2026, mostly while others used the machine. Processor
// time is of the floor's, medians of series of 21 to 151 interleaved rounds, with the quartiles
// of one; calls are those of a unit:
//
//	workload                   processor time                calls    floor's
//	short connections          1.06 to 1.08 (0.98-1.14)      2.0      17
//	round trips on 1           0.98 to 1.11 (0.97-1.10)      2.0      6.0
//	round trips on 64          0.93 to 1.00 (0.90-1.08)      0.2      4.2
//	round trips on 1000        0.89 to 0.99 (0.82-1.01)      0.1      4.0
//
// Readiness alone, by polls that go on, is 0.98 and 0.99 of epoll. A ring saves nearly all calls
// and hardly any time, since a call costs 0.2 µs here, what a ring does instead costs most of
// that, and TCP is the same. In this package's own loop the ways into the kernel and out, looking up
// descriptors and all of epoll are 9 % of round trips on 64 connections, 9 % of short
// connections and 10 % of round trips on 1000: what a ring that cost nothing would save. Bulk makes
// 32 calls for each MiB that is copied, 1 % of its time. A poller more would be worth its code if
// it saved 10 % in two workloads.
//
// It is another matter where calls are dear: behind a seccomp filter that makes one cost 1 µs
// the ring is at 0.92 (0.83-1.02) on 64 and 0.82 (0.77-0.87) on 1000. Measure a call before
// trying again. To wait up to 50 µs for 24 completions brought 0.80 on 64, but so did such a
// pause behind epoll_wait, and either makes every message wait.
//
// # Allocation
//
// Nothing is allocated per event, and nothing per connection once there have
// been as many at once before: sockets lie in pages by descriptor number,
// sessions and buffers in free lists. A test shows it. What a session takes that does
// nothing is some 500 bytes, and a recording has a hundred more of it: a test of the relay
// weighs them. A connection with TLS
// allocates what crypto/tls does, which is a lot in a handshake and little after.
//
// # What other threads see
//
// Counters belong to the loop and are plain integers. The loop copies them to
// atomic words at most ten times a second; Metric and WriteMetrics read those.
// Log lines lie in a queue per worker until a writer goroutine fetches them, all
// workers' in the order of their times; so a log that nobody reads costs lines,
// which are counted, and no traffic.
//
// # When something breaks
//
// Run returns a core.Breach or a Panic, and gives nothing back: nothing of the worker
// may be trusted any more. Pulse tells a loop that hangs from one that waits. In all
// three cases the recording can be written, and the log has what was said.
//
// # Recording
//
// With Config.Record a traces.Recorder stands between the proxy and the kernel, and keeps
// the last calls in a ring of memory: about 20 ns each, and so for a session about as much
// as one system call. Recorded returns a trace that plays again without a kernel, at any time
// and from any goroutine. It shows all that the proxy may depend on; so the worker's own
// business (publishing, the log, being woken) uses no timer of the loop and no call that the
// recorder sees.
//
// Of a cipher and of a PROXY header it has what came of them: counts of bytes, and what is
// waited for. It has no address, no key, and no byte of anything.
package real
