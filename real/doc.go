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
// call that sleeps, epoll_pwait, tells it, but for the first two milliseconds where
// the last sleep was short: a thread that sleeps behind its back is not at a safe point,
// and whoever stops the world waits until a signal has ended the call. See Epoll.doze.
//
// # Allocation
//
// Nothing is allocated per event, and nothing per connection once there have
// been as many at once before: sockets lie in pages by descriptor number,
// sessions and buffers in free lists. A test shows it. What a session takes that does
// nothing is some 600 bytes, and a recording has a hundred more of it: a test of the relay
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
// and from any goroutine. It shows all that the proxy may depend on; so the worker's own business (publishing, the
// log, being woken) uses no timer of the loop and no call that the recorder sees.
//
// Of a cipher and of a PROXY header it has what came of them: counts of bytes, and what is
// waited for. It has no address, no key, and no byte of anything.
package real
