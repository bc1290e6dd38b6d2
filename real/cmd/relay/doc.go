// Command relay relays TCP streams: it accepts connections on one address and
// connects each to one of several servers in turn, or to a built-in service.
//
//	relay                                          echoes on 127.0.0.1:7000
//	relay -listen :80 -to 10.0.0.1:80,10.0.0.2:80
//	relay -listen :443 -tls-cert site.pem -tls-key site.key -to 10.0.0.1:80 -send-proxy v2
//
// It is package streamif's proxy on package real's kernel, and adds what a
// program needs around them: options, limits, signals, a log and counters.
//
// # Life
//
//	start   check everything, then print one line with the address in force
//	SIGTERM, SIGINT
//	        take who waits already, stop listening; sessions go on; exit with 0
//	        when the last has ended. Another within a second is the same order
//	again, or -drain-timeout
//	        reset what is left and exit with 1
//	SIGHUP  read the list of servers, certificates, keys and authorities again, and
//	        look names up again, for the connections to come; all of it or, if
//	        anything is bad, nothing
//
// Exit status 2 says that it could not start, for the one reason printed on
// standard error; 3 that the proxy found its own state broken, which is a bug
// and printed likewise. Everything else goes to standard output in logfmt.
//
// # Threads
//
// Each worker has a thread, which never waits for another. The other goroutines
// (signals, log, statistics) need a processor of their own, so GOMAXPROCS is at
// least one more than the number of workers. Handshakes run on their worker's
// thread; what workers have in common is crypto/tls's: the keys of tickets, and a
// session to resume per server, behind locks that are held for a copy.
package main
