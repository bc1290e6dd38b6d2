// Package simnet is package net for programs in a simulated world: net.Listener, net.Conn and
// a dialer on core.Host, for code that has no event loop.
//
//	 the program: handlers, net/http, crypto/tls, a client library
//	   Accept  Read  Write  DialContext  ...          threads: goroutines, or coroutines
//	------|------|-----|--------|-----------------------------------------------------
//	    calls that are parked                         simnet
//	      |   one is let go at a time, in a drawn order
//	    the driver: an event loop on core.Host
//	------|---------------------------------------------------------------------------
//	    descriptors, poller, clock                    a simulated kernel, or Linux
//
// A properties.Program has it as its Main:
//
//	func handle(n *simnet.Net, c *simnet.Conn) { defer c.Close(); io.Copy(c, c) }
//
//	properties.Check(t, &properties.Program{Name: "echo", Main: simnet.Coroutines(simnet.Serve(handle))})
//
//	properties.Check(t, &properties.Program{Name: "web", Within: simnet.Bubble(t),
//		Main: simnet.Goroutines(func(n *simnet.Net) { http.Serve(n.Listener(), mux) })})
//
// A client's Main dials (Net.Dial, Net.DialContext, Net.Try), and its Program says Dials: the
// servers are scripts, or the program itself, at the address of its listener. A relay dials by
// Net.DialFor, and is held to the contract of relays (Servers, properties.Relayed).
//
// # Two ways to run
//
//	             threads                  time                                waits for
//	Coroutines   main and Net.Go          Net.Now; in a Bubble package time   calls of its Net
//	Goroutines   any, needs a Bubble      package time, the world's           anything
//
// With goroutines every call parks. When all goroutines of the bubble rest, the driver lets
// one call go, and waits until all rest again; when there is no call that can be made, time
// passes, in the world and in the bubble, to whatever is first: an event of the world's, or a
// timer of the program's. With coroutines it is the same, but there is nothing to wait for.
//
// # What is promised
//
// A coroutine's world is the same run each time if the program does not look at what no seed
// knows: the time of day, random numbers, the order of a map. A deadline by the machine's
// clock panics.
//
// A goroutine's is if, beside that, goroutines that run between two calls do not race with
// each other in what they call next: several that one event wakes are let go in an order that
// is drawn, and the calls of different descriptors, or kinds, are not mistaken for each other.
// Two that make a call of one kind on one Conn, or dial, at one time come in the order in which
// Go ran them. So does a select of several that are ready. Properties' -millrace.again runs
// one world in so many twice, and tells the first call that differs.
//
// # What it cannot do
//
// A goroutine that waits for a lock does not rest, as testing/synctest has it: where the holder
// waits in a call, as HTTP/2 does in Write, the world stands still. Command overlay has what
// helps. Close waits for no turn, so that it may be called under any lock.
//
// Names are not looked up: the dialer takes any address, but package net's resolver is of the
// machine. A panic in a goroutine that was started by a go statement ends the process. Code
// that insists on a *net.TCPConn, or on its file, gets none. Both directions shut by CloseRead
// and CloseWrite refuse nothing: reading is shut in the program only. Options that set the
// sizes of buffers change nothing, since these are settings of the world. An attempt to
// connect that nobody answers goes on for ever, where Linux gives up after two minutes.
//
// # Beside other networks
//
// Linux's is its loopback, and each cell was tried by this package's tests. Fake listeners are
// net.Pipe with a channel for Accept.
//
//	                                    net.Pipe  Linux     simnet
//	a deadline ends a read              yes       yes       yes
//	a write needs no reader             no        yes       yes
//	a full buffer cuts a write short    no        yes       yes
//	an answer comes after CloseWrite    no        yes       yes
//	ECONNRESET                          no        yes       yes
//	unread bytes make a close a reset   no        yes       yes
//	EPIPE                               no        yes       yes
//	a net.OpError with addresses        no        yes       yes
//	RemoteAddr is a *net.TCPAddr        no        yes       yes
//	ECONNREFUSED                        no        yes       yes
//	an hour passes at once in a bubble  yes       no        yes
//	who is first is a seed's to say     no        no        yes
//
// What goes wrong is drawn from a seed here alone, and made small. There are other simulated
// networks for Go; those of streams could not be had to be tried (gosimnet, netchaos: no module
// proxy had them), and marcopolo/simnet has packets.
//
// # What was put into it
//
// As it is, and what came out: see the tests, and .ci/shows for other people's modules.
//
//	net/http server      Serve ends for good when accept fails with EPERM, or anything else but a
//	                     lack of descriptors, though accept(2) says to pass over most of that; nothing else in 2000 worlds, each run twice
//	net/http client      takes no answer that was cut for a whole one
//	net/http, HTTP/2     over crypto/tls at both ends: right, with the overlay
//	crypto/tls           at both ends: no cut stream looks whole
//	net/smtp             right
//	inetaf/tcpproxy      right, half-closes included. Of a server that is gone without a word it
//	                     is told by package net's keepalive alone: without that it waits for ever
//	armon/go-socks5      likewise
//	x/net/proxy          the SOCKS client: right
//	lib/pq               right against a script. A context that ends does not end a query: it has
//	                     the server asked to give it up, on another connection, and goes on
//	                     reading from the first without a deadline, for ever if that is gone
//	go-redis             right against a script; it looks up the name in its address, so it needs an IP
package simnet
