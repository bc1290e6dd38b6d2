package mistakes

// Deadly has mistakes that take the process with them, or are panics of the runtime's. Each
// comes with what identifies it.
var Deadly = []struct {
	Mistake
	Seeds    string // enough to find it, few enough where each costs a second
	Identity string
}{
	{Mistake{"a loop without an end", "core/timers.go",
		"h.remove(0)\n\t\t\tt.at = 0\n\t\t\treturn t", "t.at = now\n\t\t\treturn t"},
		"6", "I65 endless loop in core."},
	{Mistake{"a recursion without an end", "streamif/session.go",
		"if !s.running {\n\t\ts.proxy.loop.Wake(&s.task)\n\t}", "if s.running {\n\t\ts.wake()\n\t}\n\ts.proxy.loop.Wake(&s.task)"},
		"24", "I65 stack overflow in streamif.(*Session).wake: "},
	{Mistake{"memory without an end", "streamif/pipepool.go",
		"p.free = append(p.free, pipe)", "for hog := [][]byte{}; ; { hog = append(hog, make([]byte, 1<<20)) }"},
		"60", "I65 memory without end in streamif.(*PipePool).release: "},
	{Mistake{"an index out of range", "streamif/connect.go",
		"case s.retries < 0:", "case s.retries < 0 && []bool{true}[s.tries]:"},
		"3000", "panic index out of range with length in streamif.(*Session).again: "},
	{Mistake{"a nil pointer", "streamif/pool.go",
		"mem := ch.buf.Take()\n", "mem := ch.buf.Take()\n\tif len(p.line) > 1 { ch = nil }\n"},
		"3000", "panic invalid memory address or nil pointer dereference in streamif.(*Pool).release: "},
}

// Reset has mistakes that leave something of a run behind, so that the next one is another.
var Reset = []Mistake{
	{"the poller keeps the length of its table", "simpoller/poller.go",
		"regs: p.regs[:0],", "regs: p.regs,"},
	{"a stream has pushed what the one before it had", "sim/stream.go",
		"*s = Stream{w: w,", "*s = Stream{pushed: s.pushed, w: w,"},
	{"the clients' memory of the run before", "properties/boot.go",
		"*c = Peer{w: w,", "*c = Peer{drip: c.drip, w: w,"},
}
