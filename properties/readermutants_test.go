package properties_test

import "testing"

// Mistakes that somebody made who had not written the rules, and that no rule saw. Of the
// 25 that others of his did see, most are of the kinds that are in the other list.
var foreignMistakes = []mutant{
	{"a close over unread bytes sends no FIN before", "streamif/close.go",
		"\tsi.conn.ShutW()\n\treturn si.out.sent", "\treturn si.out.sent"},
	{"who is reset for taking nothing is blamed by nobody", "streamif/close.go",
		"\t\tsi.s.end(si.late())\n", ""},
	{"a client whose server was not reached is reset", "streamif/close.go",
		"!si.whole() && si.out.prod.begun()", "!si.whole()"},
	{"the turn of servers stays where it was", "streamif/servers.go",
		"\tr.turn = at + 1\n", "\tr.turn++\n"},
	{"a pipe remembers that somebody could not splice", "datalayer/pipe.go",
		"\tp.mem = nil // the next who has the pipe may do better\n", ""},
	{"a turn sends before it has read what is in front of an error", "core/turn.go",
		"c.may(W) && !c.Drain()", "c.may(W)"},
	{"a server that comes back to the list is as down as it was", "streamif/servers.go",
		"*v = Server{prober: v.prober, Stats: ServerStats{Sessions: v.Stats.Sessions}}", "_ = v"},
	{"each failure begins a new pause", "streamif/health.go",
		"\tif s.began < v.until {\n\t\treturn\n\t}\n", ""},
	{"who found out that a server is down goes on finding out", "streamif/health.go",
		"\tp, v := s.proxy, s.target()\n\ts.unprobe()\n\tif p.obs != nil {\n\t\tp.obs.Tried(s, r)", "\tp, v := s.proxy, s.target()\n\tif p.obs != nil {\n\t\tp.obs.Tried(s, r)"},
	{"who still takes what is under way is not waited for", "streamif/close.go",
		"\t\tsi.left, si.until = left, core.After(now, si.out.wto)\n", "\t\tsi.left = left\n\t\tif si.until == 0 {\n\t\t\tsi.until = core.After(now, si.out.wto)\n\t\t}\n"},
	{"all handshakes have their turns in a round", "core/fdtab.go",
		"\t\t\tt.lates--\n", ""},
	{"a client whose server was not reached is told a goodbye", "streamif/connect.go",
		"\tsi.cutShort() // nobody is to take it for an empty answer\n", ""},
	{"a drain forgets who waits", "streamif/listen.go",
		"\tp.lst.desc.May(core.R)\n", ""},
	{"a server does not hear the protocol", "streamif/handshake.go",
		"int(s.server), s.front.Protocol())", "int(s.server), \"\")"},
	{"accepting is tried again at once", "streamif/listen.go",
		" || l.why != 0 && l.task.Deadline() != 0", ""},
	{"a timer that fills a gap stays where it is", "core/timers.go",
		"\t\th.up(i)\n\t\th.down(i)\n", "\t\th.down(i)\n"},
	{"who is told of bytes sends before an error is read", "streamif/streamif.go",
		"Any(core.W) && !si.conn.Drain() {", "Any(core.W) {"},
	{"who took nothing is waited for", "streamif/session.go",
		"ch.cons.flags |= SINoLinger | SIGone", "ch.cons.flags |= SINoLinger"},
}

// TestForeignMistakesAreFound: a rule is only as good as the mistakes that its author did
// not choose.
func TestForeignMistakesAreFound(t *testing.T) {
	eachMistake(t, inPart(foreignMistakes, parts), "soak", inTheCore)
}
