package mistakes

// Workers has mistakes that only worlds with several workers show: something is the
// program's that has to be each worker's own, or the kernel does to all what it does to one.
var Workers = []Mistake{
	{"the turn of servers is that of all workers", "streamif/servers.go",
		"func (r *ring) pick(now core.Time) int32 {\n", "var turns int\n\nfunc (r *ring) pick(now core.Time) int32 {\n\tif r.turn == 0 {\n\t\tturns = 0\n\t}\n\tr.turn = turns\n\tdefer func() { turns = r.turn }()\n"},
	{"who leaves the port resets who waits for others", "simfd/process.go",
		"\tl.dismiss()\n", "\tfor _, o := range l.k.group {\n\t\to.dismiss()\n\t}\n"},
	{"who leaves the port closes it", "simfd/process.go",
		"return o == l })", "return true })"},
	{"a process takes the connections of all with it", "simfd/process.go",
		"func (k *Kernel) Kill() {\n", "func (k *Kernel) Kill() {\n\tfor _, c := range k.links {\n\t\tif c.a.k != k && c.a.state == connected {\n\t\t\tc.a.out.Abort()\n\t\t}\n\t}\n"},
	{"who dies keeps what he has", "simfd/process.go",
		"\t\t\td.sock.dies(int32(num))\n", ""},
	{"a client comes to a listener that is no more", "simfd/process.go",
		"\t\t\td.lst.leave()\n", ""},
}
