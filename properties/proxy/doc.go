// Package proxy is millrace's proxy as a program in a world: its settings and scenarios
// are drawn here, its peers speak what comes before the data, and its books are compared
// with what the kernel and the peers saw.
//
// After every round of the proxy a checker looks at both sides of its sessions, at the
// descriptor table and at the pools; at the end of a world, at what each peer was led to
// believe. The numbers are those of package properties, which has their sentences.
//
//	run.go         a run: the proxy on a world's kernel
//	generate.go    scenarios
//	wire.go        PROXY headers and TLS of the peers, and how handshakes go wrong
//	invariants.go  what holds for each side of a session at rest
//	checker.go     what is looked at after each round, and when all is over
//	ends.go        who was led to believe what
//	overlook.go    timeouts that overlooked something
//	reach.go       the situations that a campaign is for
package proxy
