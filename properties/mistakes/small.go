package mistakes

// Small has mistakes in the programs that are not the proxy, for which the contract is all
// there is.
var Small = []struct {
	Mistake
	Command string // that has the program
}{
	{Mistake{"a read of nothing is the end", "properties/programs/echo.go", "for len(c.held) < room {", "for {"}, "echo"},
	{Mistake{"the rest of a short write is forgotten", "properties/programs/echo.go",
		"c.held = append(c.held[:0], c.held[n:]...)", "c.held = c.held[:min(n, 0)]"}, "echo"},
	{Mistake{"nobody waits to write", "properties/programs/echo.go", "if len(c.held) > 0 {\n\t\twant |=", "if false {\n\t\twant |="}, "echo"},
	{Mistake{"the end comes before the rest", "properties/programs/echo.go", "return !c.end || len(c.held) > 0", "return !c.end"}, "echo"},
	{Mistake{"a line is answered when its packet is whole", "properties/programs/lines.go",
		"g.line = g.line[i+1:]", "g.line = nil"}, "lines"},
	{Mistake{"who does not listen is listened to", "properties/programs/lines.go",
		"for !g.end && len(g.out) <= 100 &&", "for !g.end && len(g.out) <= 10 &&"}, "lines"},
	{Mistake{"a goodbye is cut off", "properties/programs/lines.go", "if g.end && len(g.out) == 0 {", "if g.end {"}, "lines"},
	{Mistake{"the timer of the idle is not renewed", "properties/programs/lines.go",
		"g.s.SetTimer(&g.idle, g.s.Now()+Idle)\n\t\tg.line", "g.line"}, "lines"},
	{Mistake{"what comes in pieces is answered once more", "properties/programs/lines.go",
		"g.answer(string(g.line[:i]))", "if i >= n {\n\t\t\t\tg.out = append(g.out, \"500 what\\n\"...)\n\t\t\t}\n\t\t\tg.answer(string(g.line[:i]))"}, "lines"},
	{Mistake{"there is a word behind the goodbye", "properties/programs/lines.go", `"221 bye\n"`, `"221 bye\nbye\n"`}, "lines"},
	{Mistake{"guests stay when the house is closed", "properties/programs/lines.go",
		"\tfor len(s.guests) > 0 {\n\t\ts.guests[0].close(true)\n\t}\n", ""}, "lines"},
	{Mistake{"what guests have added up is kept by number, for all workers", "properties/programs/lines.go",
		"func (g *guest) answer(line string) {\n", "var sums [1 << 20]int\n\nfunc (g *guest) answer(line string) {\n\tif g.name != \"\" {\n\t\tg.sum = sums[g.fd.Num()]\n\t}\n\tdefer func() { sums[g.fd.Num()] = g.sum }()\n"}, "lines"},
	{Mistake{"a guest keeps his chair", "properties/programs/lines.go", "g.s.Drop(&g.idle)\n", ""}, "lines"},
}
