package mistakes

// Historic has faults that this layer of HAProxy once had, planted here: each in
// the place that has its mechanism, or that is nearest to it. Those that are not here
// have no place to be in: nothing is realigned in a ring (B41), a cipher takes whole what it takes (B38),
// the first byte that leaves announces the connection in the same turn, before anything can
// fail behind it (B47), and no cipher shares anything with another one (B37).
var Historic = []Mistake{
	{"B02 a report makes wishes", "core/fdtab.go",
		"d.ready |= may &^ d.paused\n", "d.ready |= may &^ d.paused\n\td.active |= may\n"},
	{"B02 lasting events are wiped behind a turn", "core/turn.go",
		"c.flags &^= ConnTurn\n", "c.flags &^= ConnTurn\n\tif c.desc != nil {\n\t\tc.desc.events &^= EvErr | EvHup | EvRdHup\n\t}\n"},
	{"B03 room for as many reports as there are descriptors", "core/loop.go",
		"l.poller.Wait(l.ready, deadline)", "l.poller.Wait(l.ready[:min(len(l.ready), l.Table.open)], deadline)"},
	{"B05 a new life is registered already", "core/fdtab.go",
		"d.polled, d.events, d.idle, d.vain, d.news, d.late = 0, 0, 0, 0, false, false\n\td.gen++\n\tt.open++\n\treturn d\n}\n\n// Remove ends the life of a number before it is closed. The poller is not told:\n// closing does that.\nfunc (t *Table) Remove(d *Desc) {\n\tBugOn(d.owner == nil, \"I01\", \"fd\", \"number removed twice\")\n\td.owner, d.active, d.ready = nil, 0, 0\n\td.polled, d.events = 0, 0\n",
		"_, d.events, d.idle, d.vain, d.news, d.late = 0, 0, 0, 0, false, false\n\td.gen++\n\tt.open++\n\treturn d\n}\n\n// Remove ends the life of a number before it is closed. The poller is not told:\n// closing does that.\nfunc (t *Table) Remove(d *Desc) {\n\tBugOn(d.owner == nil, \"I01\", \"fd\", \"number removed twice\")\n\td.owner, d.active, d.ready = nil, 0, 0\n\td.events = 0\n"},
	{"B09 an error is told to nobody", "core/conn.go",
		"c.err = e\n\t}\n\tc.changed()", "c.err = e\n\t}"},
	{"B10 a report of room is a wish to write", "core/fdtab.go",
		"\t\tmay |= W\n\t}\n\td.ready", "\t\tmay |= W\n\t\td.active |= W\n\t}\n\td.ready"},
	{"B13 who wants nothing is not told that it is connected", "core/turn.go",
		"up.Wake(c, established)", "if !established || c.desc.events != 0 || c.flags.Any(ConnSockWrSh) {\n\t\tup.Wake(c, established)\n\t}"},
	{"B19 that there is no connection yet is an error", "core/conn.go",
		"case e == EAGAIN || e == ENOTCONN:", "case e == EAGAIN:"},
	{"B24 a refused connection is closed twice", "streamif/listen.go",
		"fd.Close(true) // before", "fd.Close(true)\n\t\t\t\tfd.Close(true) // before"},
	{"B25 a hang-up hides the error", "datalayer/raw.go",
		"const unproven = core.EvPri | core.EvErr | core.EvHup | core.EvRdHup", "const unproven = core.EvPri"},
	{"B30 what neither a splice nor a read will take", "streamif/splice.go",
		"if st.Any(datalayer.Full) || in", "if in"},
	{"B33 a pipe is kept after an error", "streamif/proxy.go",
		"\t\tif ch.pipe() != nil {\n\t\t\tch.unpipe()\n\t\t}\n", ""},
	{"B34 empty is what the buffer says", "streamif/channel.go",
		"return ch.buf.Out() == 0 && ch.pipe() == nil", "return ch.buf.Out() == 0"},
	{"B44 room by a direct send does not start reading again", "streamif/streamif.go",
		"si.arm() // it may have made room", "_ = si"},
	{"B52 a full close leaves the channels open", "streamif/close.go",
		"si.out().flags = si.out().flags&^ShutWNow | ShutW\n", ""},
	{"B54 a FIN is not sent where a reset may come", "streamif/shut.go",
		"si.conn.ShutW()\n\t\t\tsi.forget() // the FIN is under way too\n\t\t\tif fin", "if si == &si.s.front {\n\t\t\t\tsi.conn.ShutW()\n\t\t\t}\n\t\t\tif fin"},
	{"B59 a short way out leaves the session deaf", "streamif/session.go",
		"\ts.running = true\n\tif timeout {", "\ts.running = true\n\tif timeout && s.deadline() > s.proxy.loop.Now() {\n\t\treturn\n\t}\n\tif timeout {"},
}
