// Package properties puts programs that have an event loop into simulated worlds, says
// what must always hold there, and hunts for runs in which it does not.
//
// A World is a program in a simulated network: a scenario (settings, clients and servers
// with their scripts) and a source of choices, which say what goes wrong, and in which
// order things happen. After every round of the program a checker looks; the simulated
// kernel and the peers look at every call and every byte. The first thing that is wrong
// ends the world with a Failure, whose identity is the invariant, the layer and the
// abstract state.
//
//	Program   what is put into worlds: its name, how it starts, its scenarios
//	Running   a run of it: Step, Deadline, Stop; or Main, a function that blocks in Wait
//	Looping   a Running on a core.Loop, with the books of the loop
//	Peer      a client or a server: a script, checked bytes, and a Wire below them
//	Conn      what a peer's deed talks on, if it is a function
//	Check     a short hunt under go test, or of a world that somebody else drew (CheckWorld);
//	          package command has the long ones
//	Seer      a program that tells what its state is like, to hunts that look for new ones
//	Corpus    worlds that show all that was seen so far
//	Fuzz      a hunt of Go's own fuzzer, whose bytes are a world's decisions
//
// Nothing here knows which program it is. Package proxy is millrace's own, with all that
// is known of it; package programs has two small servers.
//
// # How worlds are chosen
//
// Who hunts has a Strategy: seeds are drawn, each accident alone or with another one is
// tried in turn, or all of them in all orders (World.Exhaust), or a hunt is guided by what
// its worlds show: Sights. Under go test there is
// Go's own fuzzer too, guided by code.
//
// # The contract
//
// Of any program it is known what its peers may expect, whatever its books say. A
// session is spared if nothing happened to it that can change more than when something
// happens: no accident to its own sockets and peers, its worker, or what serves all, no peer that
// resets, or leaves in the middle of what it is sent, and nothing in the program's
// settings that ends it (see Program.Calm). What happens to others is none of its
// business, unless the program says that its sessions have to do with each other (Together). A session that was spared is perfect (I73). And where nothing but harmless
// accidents happens, such as EAGAIN, short counts, late and split reports, each session's
// peers are told what they are told when nothing happens at all, whatever that is (I81):
// such worlds are run both ways. What else must not be where nothing goes wrong the program
// says itself: a Main calls Doubt, a deed Conn.Doubtf, and that is told if nothing that happened
// explains it.
//
// The program's own books come on top: what it believes is compared with what the kernel
// and the peers saw.
//
// # Two kinds of worlds
//
// In a world without a "calm" setting faults go on to the end: nothing may break,
// however bad it gets. With one, faults stop at that time, and everything must
// come to its end from whatever state they left. In both, the end is checked:
// sessions ended, streams complete where a FIN promised it, everything lent given
// back. A "stop" setting has an operator who does not wait end either kind in the middle: a Killer
// gives everything back at once.
//
// # Several workers
//
// A world may have several workers of its program (the setting workers, and Program.Workers
// for worlds that are drawn): each is a process of its own, with a loop, a poller and a
// listening socket on the common port, and each has its own World to look at, in which the
// peers are those of all. A client comes to one of them. A worker may be killed, at any of its
// calls, and stand still for a while; another one takes its place if the setting respawn says
// after how long. That explains what becomes of those whose connections it had, and of nobody
// else: who came to another worker is spared.
//
// # The invariants, and the rows
//
// What each number says, where it is looked at, and whose it is stands in this package's
// doc.go, behind this comment; an explanation of a failure quotes its sentence. So does the
// table of what the proxy must do, with the tests of each row.
package properties

// # The invariants
//
// Where each is looked at:
//
//	k  by the simulated kernel and poller, at the call
//	p  by the peers, at every byte
//	s  for both sides of every session that a round touched, after it
//	c  for the descriptor table, the loop and the proxy after every round, in as far as it touched them
//	e  at the end of a world, or by comparing the ends of several
//	b  by the proxy itself, always, in production too
//	u  in tests of the package that has the mechanism
//
// What a round touched is all of which anything may be another than it was: whose task ran,
// whose time had come, whose descriptor was called, reported or wished for, and at whose
// kernel's end anything happened. Of all others everything is as it was when they were looked
// at last, and found right; and now and then all are looked at.
//
// and whose: * is of any program's worlds, + of those of any program on a core.Loop
// (Looping), and all others are the proxy's. The numbers up to 58 are those of the
// literature on this machine.
//
//	I01  kc*   a descriptor is open in the kernel if and only if it has an owner, and nothing is called on a closed one
//	I02  u     every verb moves a descriptor as the table of verbs says
//	I03  kc+   after a flush the poller's registrations are what the table thinks they are
//	I04  c+    level-triggered: a descriptor nobody wants anything of is not registered
//	I05  c+    every place in a list of the table and every back reference agree, and no list is mostly gaps
//	I06  u     stopping and wanting again between two flushes costs no call
//	I07  cu+   a report reaches only the life of the number that it was made for
//	I08  cu+   the loop sleeps only if no descriptor and no task is ready, and no wait is told to sleep longer than that
//	I09  c*    no busy loop: rounds without a byte, a change or a pause do not go on, nor do those that bring the same state back
//	I10  c+    what is wanted and reported is acted upon before the loop sleeps
//	I11  u     one report leads to one turn
//	I12  cu    descriptors that are always ready do not starve the polled ones
//	I13  s     a connection's current level is what its descriptor was told
//	I14  s     the current level is the sock level while a handshake or a connect is pending, else the data level
//	I15  u     a wish made during a handshake is in force when the handshake is over
//	I16  s     nothing is wanted on the sock level once nothing is pending
//	I17  sk    after an error nothing is polled and nothing is called but close
//	I18  su    establishment is announced exactly once
//	I19  s     a connection that carried bytes is confirmed
//	I20  uk    one turn asks at most once how a connection is doing
//	I21  ps    the PROXY header is the first thing a server gets, whole and once, and says who the client is
//	I22  us    no data callback runs while a handshake is pending
//	I23  ku    a callback after a close in the same turn does no I/O
//	I24  s     what was read and not sent is in the buffer
//	I25  u     a transfer that moved nothing names its cause
//	I26  sk    a splice moves no more than may pass, and takes it off
//	I27  cu    an end of stream with an error behind it is an error, without one an end
//	I28  sk    EINTR, EAGAIN and ENOTCONN are never errors
//	I29  p*    bytes arrive in order, unchanged, and all of them before a FIN
//	I30  p     what is in a pipe comes before what is in the buffer
//	I31  sc+   whoever has bytes to send wants to write, and will be told when it can
//	I32  sce*  whoever has room wants to read, and will be told when it can; nobody is left alone for a while without a reason, nor for more than 10 ms
//	I33  s     without room nobody wants to read
//	I34  s     with nothing to send nobody wants to write
//	I35  s     waiting for room or for data is what its name says
//	I37  sb    a buffer holds no more than its size, a small one while the server is not there, and what it offers is all there is
//	I38  s     to_forward goes down by what passes, and holds nothing back while it is above 0
//	I39  s     a shutdown is asked for or done, not both, and never undone
//	I40  sc*   an end of stream travels on as soon as the last byte is gone, and everything ends in bounded time
//	I41  sk*   nothing is sent behind our FIN, and it is sent once
//	I42  e     after a half-close the other direction goes on: its streams are complete at the end
//	I43  sb    a descriptor is open in CON and EST and in no other state, and is closed once
//	I44  se*   nobody keeps what it has no use for, and at the end everything lent is back
//	I45  u     an end of stream before establishment is a failed connect
//	I46  c     a session has one reason, the first, of those that there are
//	I47  cb    no attempt follows one that carried bytes, and there are no more than allowed, beside those that found a server still down while another one is up, and one at most behind what TLS refused
//	I48  cu    bytes that came before an error are delivered before it counts, if there is room for them
//	I49  sc    a session that sleeps will be woken by a descriptor, a timer or a buffer, and none sleeps on a failure
//	I50  scb+  the task wakes no later than its first deadline, no timeout comes before its time, and the clock never goes back
//	I51  s     a direction has a timer if and only if it is open and waits for the peer; for a client not before his server is there
//	I52  b     a session's run ends
//	I53  u     waking a task while it runs makes it run again
//	I54  ube+  a task is queued at most once, and not when all is over
//	I55  e     level or edge, small buffers or large: the same peers see the same streams and reasons
//	I56  cb*   limits hold, and limit no longer than they must
//	I57  e     an idle session costs no call
//	I58  k     no call is made that the kernel has just refused
//	I59  e     a stream that did not get its end never looks complete to who gets its bytes
//	I60  pe    between healthy peers handshakes succeed, and a cipher finds every record whole and in order
//	I61  ck    who promises the kernel more bytes has them sent before the loop sleeps, and who sends more, or the FIN, in a turn has promised it
//	I62  e     errors and closes take nothing with them: who listens to the end gets all that was taken for it
//	I63  c     no timeout is told while something that could be reported waits to be looked at
//	I64  e*    a world is the same run wherever it runs: behind others, in a new world, from its text
//	I65  c*    every round comes to its end: no endless loop, no stack and no memory without end
//	I66  cu    a server that is down is not tried before its time while another one is up, and then by one session at a time
//	I67  c     a session whose server failed goes at once to one that is up, if there is one and an attempt is left, and else pauses for a second if that may help, and not if it cannot
//	I68  c     what is told of a server is so, and is told once
//	I69  e     an applet has one session, and is told of its end once, however that comes
//	I70  cb    a client has no more sessions than his share
//	I71  c     nobody is refused who has less
//	I72  c     no more clients are in their handshakes than may be, and accepting stops for no fewer
//	I73  e*    a session to which nothing happened is perfect: every byte, both ends, no reset
//	I74  s     no timer is further away than its timeout says, and only what moves, or is taken, puts it off, but nothing one of handshakes and attempts
//	I75  s     where half-closes are not allowed none lasts
//	I76  c     a turn reads, and accepts, no more often than it may
//	I77  c+    the poller is asked for nothing that it cannot do
//	I78  s     no wake-up is lost above the kernel: what a layer could give, and there is room for, is going to be asked for
//	I79  e*    when the peers of a spared session have gone, so has it, soon
//	I80  c     who is blamed for a timeout is the one whose time is up
//	I81  e*    harmless accidents are harmless: they tell peers nothing that they are not told without them
//	I82  e     a session that ends normally has reset nobody
//	I83  e     a client for whom no server was reached is not reset, and with TLS does not take that for an empty answer
//	I84  c     new sessions go to the servers that are up in turn
//	I85  p     a server hears which protocol the client asked for
//	I86  c     only who was refused a splice gives up splicing, and nobody copies behind bytes that are to leave before he splices
//	I87  c     who still takes what is under way to him is neither blamed nor reset before his time
//	I88  c     of the handshakes that make connections one at most has a turn in a round
//	I89  c     a drain resets nobody who waits to be accepted, if no limit holds accepting up
//	I90  c     a close that is no reset becomes none
//	I91  e     when both its peers have gone a session is gone within what its timeouts allow
//	I92  ke*   where the kernel keeps a vigil, a program is told in time that nobody is at the other end
//	I93  c+    a timer that is due is told when all was looked at that could be reported since, behind late turns at most
//	I94  c     what is counted is what happened
//	I95  c     who has the kernel report nothing but much looks within 5 ms whether there is little, and waits for no more than he may
//	I96  kc+   nobody asks for what is known, nor ever so often for what is under way, nor changes a registration more often than reports come, nor has reported for ever what nobody wants
//	I97  ce    who is blamed is to blame: a client in his handshakes, what this machine lacks, the operator who ends all, and nobody who took nothing away
//	I98  c     only bulk is treated as bulk
//	I99  b     as much may be asked of the proxy as there is to be had, and neither more nor less
//
// # The rows
//
// What the proxy must do, in the order in which the design it follows took
// shape, and the tests that show it. TestTurn/x is core/testdata/turn/x.txt, and
// TestScenariosRunAsWritten/x is testdata/scenarios/x.trace here.
//
//	S01  closed is: no owner            TestMisuseOfATableIsABreach TestClosingInsideATurnLeavesNoTrace
//	S02  pollers know no errors         TestTurn/an-error-stops-polling-at-every-level
//	S03  connection flags               TestTurn/the-first-cause-of-a-failure-is-kept TestTurn/establishment-is-announced-by-the-first-send
//	S04  one look at the events         TestATurnRunsOncePerReport TestWhatWasReportedIsKeptUntilItIsWanted
//	S05  PROXY line out                 TestScenariosRunAsWritten/T5-proxy-line-in-pieces TestHandshakesMayBeSplitAtAnyByte TestHandshakeBytesAreWholeAndInOrderHoweverTheyAreSplit
//	S06  one connect probe              TestTurn/establishment-is-announced-by-the-probe TestTurn/one-connection-call-in-a-turn
//	S07  layers move, a notifier tells  TestScenariosRunAsWritten/T7-fast-forward
//	S08  closed in the middle of a turn TestTurn/closing-in-a-callback-ends-the-turn TestClosingInsideATurnLeavesNoTrace
//	S09  connection error to SI error   TestScenariosRunAsWritten/T3-refused TestTurn/a-refused-connect-is-not-an-end-of-stream
//	S10  established exactly once       TestTurn/establishment-is-announced-when-connect-succeeds-at-once TestTurn/establishment-is-announced-when-the-first-io-is-a-read TestTurn/an-accepted-connection-announces-nothing
//	S11  handshakes in the turn         TestTurn/handshakes-run-in-order TestTurn/data-may-call-for-the-handshake-again TestTurn/no-data-flows-while-a-handshake-waits TestScenariosRunAsWritten/T15-handshakes-stacked TestHandshakesMayFailAtAnyByte
//	S12  verbs are void and idempotent  TestVerbsMoveADescriptorAsTheTableSays TestStopAndWantBetweenFlushesCostsNoCall
//	S13  read0 is not shutr             TestScenariosRunAsWritten/T8-fin-with-data TestHalfCloseLosesNothing
//	S14  common shutr and shutw         TestNoHalfCloseEndsBothDirections TestScenariosRunAsWritten/T9-write-timeout TestScenariosRunAsWritten/T18-cut-short TestAStreamCutShortIsAnErrorToWhoeverGetsIt
//	S15  want and stop                  TestVerbsMoveADescriptorAsTheTableSays
//	S16  poll after EAGAIN              TestVerbsMoveADescriptorAsTheTableSays TestRawReadsAsTheTableSays
//	S17  three polling levels           TestTurn/wishes-made-during-a-handshake-hold-after-it TestTurn/sock-wishes-end-with-the-handshake TestScenariosRunAsWritten/T17-a-handshake-in-the-middle TestKeysMayChangeAtAnyTime
//	S18  commit at the end of the turn  TestTurn/wishes-made-during-a-handshake-hold-after-it TestTurn/shut-directions-are-not-polled TestScenariosRunAsWritten/T16-reading-makes-it-write
//	S19  flags always tell the truth    TestSeedsKeepEveryInvariant TestSmallWorldsHoldExhaustively TestCryptoTLSStandsInForItsDouble
//	S20  update and notify              TestScenariosRunAsWritten/T6-back-pressure TestScenariosRunAsWritten/T7-fast-forward
//	S21  chk_rcv                        TestScenariosRunAsWritten/T6-back-pressure
//	S22  snd_buf from both callers      TestRawWritesAsTheTableSays TestScenariosRunAsWritten/T7-fast-forward
//	S23  the send callback              TestScenariosRunAsWritten/T2-connect-with-bytes-waiting
//	S24  read0 in the stream interface  TestScenariosRunAsWritten/T8-fin-with-data TestScenariosRunAsWritten/T13-early-response
//	S25  channels                       TestScenariosRunAsWritten/T10-half-closed-timeout
//	S26  buffers apart from channels    TestABufferIsTwoQueuesInARing
//	S27  raw                            TestRawReadsAsTheTableSays
//	S28  rcv_buf                        TestRawReadsAsTheTableSays TestATransferThatMovesNothingNamesACause
//	S29  the iterator decides to stop   TestScenariosRunAsWritten/T6-back-pressure TestOneByteBuffersStillRelay
//	S30  snd_buf and the send loop      TestRawWritesAsTheTableSays TestMistakesInTheCoreAreFound
//	S31  splice                         TestRawSplicesAsTheTableSays TestScenariosRunAsWritten/T22-splice TestScenariosRunAsWritten/T23-splice-auto TestScenariosRunAsWritten/T24-pipe-full-of-small-pieces TestScenariosRunAsWritten/T25-splice-refused TestSpliceOnOffAndAutoTellTheSameStory
//	S32  the notifier and its callers   TestLevelAndEdgeTellTheSameStory
