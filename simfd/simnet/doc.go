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
// machine. A panic in a goroutine that was started by a go statement ends the process; under
// properties.Check its stack is labelled with the command that runs its world again. Code that
// insists on a *net.TCPConn, or on its file, gets none. Both directions shut by CloseRead and
// CloseWrite refuse nothing: reading is shut in the program only. Options that set the sizes of
// buffers change nothing, since these are settings of the world. An attempt to connect that
// nobody answers goes on for ever, where Linux gives up after two minutes.
//
// # Beside other networks
//
// Each cell was tried: net.Pipe, Linux's loopback and simnet by this package's tests, bufconn
// of grpc, which many tests have for a listener, by .ci/shows. The first two are in a bubble of
// testing/synctest, which gives them its time.
//
//	                                    net.Pipe  bufconn  Linux  simnet
//	a deadline ends a read              yes       yes      yes    yes
//	os.ErrDeadlineExceeded              yes       no       yes    yes
//	an hour's deadline takes no hour    yes       yes      no     yes
//	a write needs no reader             no        yes      yes    yes
//	a full buffer cuts a write short    no        no       yes    yes
//	an answer comes after CloseWrite    no        no       yes    yes
//	ECONNRESET                          no        no       yes    yes
//	unread bytes make a close a reset   no        no       yes    yes
//	EPIPE                               no        no       yes    yes
//	a net.OpError with addresses        no        no       yes    yes
//	RemoteAddr is a *net.TCPAddr        no        no       yes    yes
//	ECONNREFUSED                        no        no       yes    yes
//	an order can be had again           no        no       no     yes
//	a failure is made small             no        no       no     yes
//
// The last row but one: eight that write at one time are heard in one order, and in another
// one when they do it again; here a seed has its own, each time. The last row is a matter of
// definition for all but simnet, since nothing is written down there that could be made small.
//
// Two simulated networks for net.Conn, gosimnet and netchaos, were not to be had, so nothing is
// said of them. marcopolo/simnet is one of packets, and has no net.Conn to be tried.
//
// A world costs one and a half to four times what a bare bubble does: of an echo with three
// callers there are 15,000 bubbles with net.Pipe a second, 10,000 worlds as coroutines, 6,000
// as goroutines, and 4,000 with both ends as goroutines (go test -bench .).
//
// # What was put into it
//
// As it is, and what came out: see the tests, and .ci/shows for other people's modules.
//
//	net/http server      right but for this: Serve ends for good when accept fails with anything
//	                     else but a lack of descriptors, though accept(2) says to pass over most
//	                     of that:
//	                         +0s l0 accept = EPROTO
//	                         ; listener Accept = EPROTO, and Serve returns
//	net/http client      takes no answer that was cut for a whole one
//	net/http, HTTP/2     over crypto/tls at both ends: right, with the overlay
//	crypto/tls           at both ends: no cut stream looks whole
//	net/smtp             right
//	grpc                 its dialer, both ends: right, with the overlay. How much it writes at one
//	                     time it asks Go's scheduler: a seed may be another run the next time
//	lib/pq               takes no answer that was cut for a whole one. Not right: the end of a
//	                     context does not end a query that the server is silent about. It dials
//	                     another connection, and says there that it gives up, but on its own
//	                     it sets no deadline. 10 seconds, and a server that is silent for an hour:
//	                         +0s b0 send 14 = 14 "Q\x00\x00\x00\rselect 0\x00"
//	                         +10s Dial 10.1.1.1:5432 = b1, b1 send 16 = 16, b1 recv 8192 = 0, b1 close
//	                         +1h b0 recv 4096 = 0, and the query returns
//	inetaf/tcpproxy      right, half-closes included. Of a server that is gone without a word it
//	                     is told by package net's keepalive alone: without that it waits for ever
//	armon/go-socks5      likewise
//	x/net/proxy          the SOCKS client: right
//	go-redis             right against a script; it looks up the name in its address, so it needs an IP
package simnet
