// Package millrace is the map of the house; it holds no code.
//
// millrace tests event-driven network code in a simulated world, and is a TCP
// proxy that was built that way. The proxy is written once, against an abstract
// descriptor and an abstract poller. In tests a simulated kernel and network
// attack it; on Linux the same code runs on epoll.
//
//	               properties               what must hold, and who hunts for what does not
//	               traces                   one text for scenarios and recordings
//	streamif       simpoller      real      Linux
//	datalayer      simfd
//	core           sim
//	the proxy      the world
//
// Imports point down. The left column is the proxy: it knows neither kernel. The
// middle column is the simulated world: it knows of programs only the kernel
// surface in core, and so do traces and properties, where ours is one among others. A test, tidy_test.go, keeps it so.
//
//	package                 start reading at
//	core                    kernel.go: the calls a proxy makes; turn.go: one turn
//	core/kerneltest         doc.go: scripts that both kernels must answer alike;
//	                        trial.go: one kernel put on trial by the other
//	datalayer               layer.go, raw.go: bytes between a connection and a buffer;
//	                        pipe.go: a pipe
//	                        secure.go: the same through a cipher
//	datalayer/proxyproto    doc.go: PROXY headers; handshake.go: on a connection
//	datalayer/cryptotls     doc.go: crypto/tls as a cipher
//	datalayer/tlsdouble     doc.go: its double for campaigns
//	datalayer/ciphertest    what every cipher must pass
//	streamif                streamif.go: the glue; session.go: the decisions
//	sim                     choose.go: the one source of choices; world.go, stream.go
//	simfd                   doc.go: what Linux answers in which state
//	simfd/simnet            doc.go: package net on either kernel, for code without an event
//	                        loop; net.go: the driver
//	simpoller               poller.go: what a wait reports
//	traces                  trace.go: the text; record.go, play.go, shrink.go
//	traces/cmd/trace        show, replay, shrink, draw
//	traces/proxytrace       settings.go: how our proxy is written down
//	properties              doc.go: every invariant; program.go: what is put into worlds;
//	                        world.go: everything put together; contract.go: what peers
//	                        may expect
//	properties/proxy        doc.go: our proxy as a program, and its books
//	properties/programs     echo.go, lines.go: two that are not the proxy
//	properties/hunt         how a command tries seeds
//	properties/cell         worlds in a process of their own, which may be lost
//	properties/shard        doc.go: a hunt on many machines; record.go, gather.go
//	properties/picture      a run as a picture: model.go, and three printers
//	properties/command      the command lines of any program
//	properties/cmd/soak     the hunt for failures of the proxy; echo, lines: of others
//	properties/mistakes     mistakes that must be found; properties/mutate makes more by rule
//	properties/power        which of them the hunt finds, and how soon; cmd/power
//	properties/conform      the hunt for differences between the kernels; cmd/conform
//	real                    epoll, sockets, workers
//	real/loopback           Linux as kerneltest wants it; simfd/simulated is its twin
//	real/cmd/relay          the proxy as a command
package millrace
