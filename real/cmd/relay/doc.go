// Command relay relays TCP streams: it accepts connections on one address or more,
// and connects each to one of several servers in turn, or to a built-in service.
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
//	SIGUSR2 write what every worker has done lately, to -record-dir
//	SIGQUIT reset everything, show every goroutine, exit with 1
//
// Exit status 2 says that it could not start, for the one reason printed on
// standard error; 3 that it broke while running, which is printed likewise: the
// proxy found its own state broken, a panic, a worker that hangs, a recording that
// could not be written. The log and the recording are written first. Everything
// else goes to standard output in logfmt.
//
// What every worker has done lately is written as well when something breaks, at GET
// /debug/recording of -stats, and for -record-on: to a file that only its owner may read, that
// holds no address and no byte of anything, and that traces/cmd/trace replays.
//
// A worker hangs if it is at work and makes no round for as long as -watchdog says.
// To wait for events is not to be at work. Where it hangs is shown if that is safe:
// a thread that sleeps in a raw system call cannot be stopped, and to show stacks
// the Go runtime stops all. If a garbage collection begins while one sleeps so, it
// stops the watchdog with everything else.
//
// # Threads
//
// Each worker has a thread, which never waits for another. The other goroutines
// (signals, log, statistics) need a processor of their own, so GOMAXPROCS is at
// least one more than the number of workers. Handshakes run on their worker's
// thread; what workers have in common is crypto/tls's: the keys of tickets, and a
// session to resume per server, behind locks that are held for a copy.
package main
