// Command beside sets relays beside each other: millrace's, HAProxy, and one in C that does
// as little as this kernel lets a relay do. It prints what each of them costs the processor
// for one unit of a workload, and the ratios.
//
//	CPU 0   one relay at work, the others asleep
//	CPU 1   the clients and the server, both in this process
//
//	round 1   short: millrace, haproxy, floor   rtt: millrace, haproxy, floor   ...
//	round 2   short: haproxy, floor, millrace   ...
//
// The relays take turns within each round, so that a noisy neighbour hits all of them, and what
// is compared is medians over many short rounds. What is measured is the time that the relay's
// process had the processor, of all its threads, in nanoseconds: what waiting costs the
// clients does not count. An idle relay has no more than its timers.
//
// In a flood of TLS handshakes (flood_linux.go) it is time as it goes by: of a round trip of an
// established connection, and of the handshakes, since a relay could favour the one at the cost
// of the others. That is only worth something on a machine that has nothing else to do.
//
// A relay's log goes to a file. What it costs is said beside HAProxy's, and of the same relay
// without it.
//
// The relay in C is testdata/floor.c. It has no timeouts, limits, statistics and log, so
// that the ratio to it is the price of having them.
package main
