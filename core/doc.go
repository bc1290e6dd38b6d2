// Package core is the lower half of the proxy: descriptors, connections, timers
// and the loop that runs them. It knows neither kernel: it calls FD, Listener,
// Dialer and Poller, which the simulator and Linux both implement.
//
// # The layers
//
//	session, stream interfaces, channels      package streamif
//	data layer: moves bytes                   package datalayer
//	Conn: flags, handshakes, polling levels   here
//	Desc, Table: want, stop, poll             here
//	FD, Poller                                package simfd and simpoller, or real
//
// # Descriptors
//
// Three sets of directions say all there is to know of a descriptor:
//
//	active   somebody wants turns in this direction
//	ready    a call may succeed: no EAGAIN since the last report
//	polled   the poller was asked to tell
//
//	verb    active  ready   who says so
//	Want    +               the layer above: as soon as possible
//	Stop    -               the layer above: not now
//	Poll    +       -       the layer above: after EAGAIN
//	Cant            -       a data layer: the kernel refused
//	May             +       a data layer: bytes are in its own hands
//	report          +       the poller
//
// What is active and ready gets a turn; what is active and not ready is polled.
// EAGAIN is a fact about the descriptor, so it is kept once, here, and not with
// each of the wishes of the layers above: they cannot go stale.
//
// A direction may also pause: it is neither believed ready nor polled for 10 ms. So it
// does where a call lacked something that no report tells of, such as memory, after
// which it gets a turn unasked; and with a level-triggered poller where report after
// report was contradicted by a call, after which it is polled again.
//
// Both kinds of poller share all of this and differ in one rule of the flush,
// which runs once per round:
//
//	level   active and not ready is registered; it stays registered while it
//	        is active; what is not active is not registered
//	edge    reading is registered when something first has to be waited for,
//	        writing when that has to be, and neither is taken back, but for a
//	        descriptor that nobody wants anything of and that is reported again
//	        and again
//
// A number is reused as soon as it is closed, perhaps within one batch of
// reports. Every life of a number has a generation, which is in the poller's
// hands as part of the Key; a report for an earlier life is dropped.
//
// # Connections
//
// A connection has polling wishes on three levels:
//
//	data   what the layer above wants
//	sock   what a handshake or a pending connect wants
//	curr   what the descriptor was told: the sock level while anything is
//	       pending, else the data level, less what is shut, and nothing after
//	       an error
//
// The verbs of the layer above only write the data level. The difference to curr
// is committed at the end of the turn, or at once outside of a turn. So a wish
// that is made during a handshake is in force the moment the handshake is over.
//
// One turn, see Conn.Turn:
//
//	handshakes -> recv -> send -> connect probe -> establishment -> wake -> commit
//
// # The loop
//
// One round, see Loop.Step:
//
//	wait -> reports -> timers -> (turns -> tasks) up to 4 times -> flush
//
// Turns never run a session's task; they only wake it. Time is read once per
// round, from the poller.
//
// # Names
//
// Those of the field, after HAProxy: want, stop, poll; WAIT_L4; read0; and so on.
// What prints, prints as it does there.
package core
