package properties_test

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/properties"
	_ "millrace/properties/programs" // whose traces are read
	"millrace/traces"
	_ "millrace/traces/proxytrace" // and the proxy's
)

var mutants = flag.Bool("mutants", false, "break the core in many ways and see whether soak finds each")

// part lets who has little time attack with some of the mistakes, and with others the next
// time.
var part = flag.Int("part", 0, "with -mutants: 1 to 12, one of six parts of the mistakes in the core, and of twelve of those in the kernel; 0 all")

// How many parts there are: each mistake in the kernel has all recorded scripts run, on both
// kernels, which takes most of a minute.
const (
	parts       = 6
	kernelParts = 12
)

// mutant is a mistake somebody might make: one piece of code replaced by
// another.
type mutant struct{ name, file, old, new string }

// The mistakes. Each must be found by soak within seconds, by an invariant. Those that
// take longest come first, so that nobody waits for them alone.
var mistakes = []mutant{
	{"a client has the header of the one before", "streamif/handshake.go",
		"si.lower.chain = core.Chain{}", "_ = si"},
	{"a goodbye in the middle of a renewal is not timed", "streamif/streamif.go",
		" && !(f.Any(core.ConnHandshake) && si.out.Closing())", ""},
	{"many find out at once whether a server is back", "streamif/health.go",
		"v.until <= now && v.prober == nil", "v.until <= now"},
	{"the reserve goes to whoever asks", "streamif/pool.go",
		"case p.holder == nil || p.holder == ch.s:", "case p.reserved < poolReserve:"},
	{"a timeout is told of who waits for a late turn", "core/loop.go",
		"l.looked = min(l.looked, t.oldest)", "_ = t"},
	{"writing is not wanted after a short write", "streamif/streamif.go",
		"si.conn.Want(core.W)", ""},
	{"a full close forgets the output", "streamif/close.go",
		"si.out.flags = si.out.flags&^ShutWNow | ShutW\n", ""},
	{"a stale report reaches a reused descriptor", "core/fdtab.go",
		"if d.owner == nil || d.gen != r.Key.Gen() {", "if d.owner == nil {"},
	{"a short send is tried again", "datalayer/raw.go",
		"if n < len(p) {\n\t\t\tc.Cant(core.W)\n\t\t\treturn moved, Full\n\t\t}", ""},
	{"a short read hides the end behind it", "datalayer/raw.go",
		"if !c.Desc().Events().Any(unproven) {", "if true {"},
	{"EAGAIN is forgotten", "datalayer/raw.go",
		"case c.Waits(core.R, e):", "case e == core.EAGAIN || e == core.ENOTCONN:"},
	{"the FIN overtakes the last bytes", "streamif/streamif.go",
		"si.out.Closing() && si.settled() {", "si.out.Closing() {"},
	{"nobody tells the producer of room", "streamif/streamif.go",
		"out.prod.chkRcv()", ""},
	{"a write timer is not armed", "streamif/streamif.go",
		"si.s.due(out.wex)", ""},
	{"the ring wraps one byte late", "datalayer/buffer.go",
		"if b.head >= len(b.mem) {", "if b.head > len(b.mem) {"},
	{"a refused registration is forgotten", "core/fdtab.go",
		"t.deaf = true\n\t\t\t\tcontinue", ""},
	{"a level poller keeps what nobody wants", "core/fdtab.go",
		"if active.Any(R) && (wait.Any(R) || d.polled.Any(EvIn)) {", "if wait.Any(R) || d.polled.Any(EvIn) {"},
	{"establishment is announced without end", "core/turn.go",
		"c.flags |= ConnConnected\n", "_ = c\n"},
	{"accepting does not resume", "streamif/proxy.go",
		"p.lst.resume()\n", ""},
	{"a pending connect is probed in a loop", "core/turn.go",
		"case EALREADY, EINPROGRESS, EINTR:\n\t\tc.desc.denied(W)", "case EALREADY, EINPROGRESS, EINTR:\n\t\tc.desc.Cant(R)"},
	{"a turn that was closed is committed", "core/turn.go",
		"func (c *Conn) commit() {\n\tif c.fd == nil {\n\t\treturn\n\t}\n", "func (c *Conn) commit() {\n"},
	{"sock wishes outlive the handshake", "core/turn.go",
		"c.sock = 0 // nothing below", "// nothing below"},
	{"less is wanted, and nobody is told", "core/turn.go",
		"if off := c.curr &^ w; off != 0 {\n\t\tc.desc.Stop(off)\n\t}\n", ""},
	{"an error does not stop polling", "core/turn.go",
		"\treturn 0\n}\n\n// changed", "\treturn w\n}\n\n// changed"},
	{"a read timeout leaves its timer", "streamif/shut.go",
		"in.flags |= ShutR\n\tin.rex = 0", "in.flags |= ShutR"},
	{"a descriptor leaks when a connect fails", "streamif/connect.go",
		"si.hangUp(si.abrupt())\n\tsi.on(EvFail)", "si.on(EvFail)"},
	{"progress does not put off a write timeout", "streamif/streamif.go",
		"si.out.wex = core.After(now, si.out.wto)", "_ = now"},
	{"a reader without room is timed", "streamif/streamif.go",
		"si.conn.Stop(core.R)\n\t\t\tin.rex = 0", "si.conn.Stop(core.R)"},
	{"one attempt fewer", "streamif/connect.go",
		"case s.retries < 0:", "case s.retries <= 0:"},
	{"no half-close loses what is on its way", "streamif/shut.go",
		"default:\n\t\tsi.conn.Stop(core.R)", "case si.flags.Any(SINoHalf):\n\t\tsi.flags |= SINoLinger\n\t\tsi.shutW()\n\tdefault:\n\t\tsi.conn.Stop(core.R)"},
	{"a buffer is kept after its last byte", "streamif/channel.go",
		"ch.sent += int64(n)\n\tch.giveBack()", "ch.sent += int64(n)"},
	{"an end of stream is taken for an error", "datalayer/raw.go",
		"c.End()\n\t\t\treturn moved, End", "c.Fail(core.ECONNRESET)\n\t\t\treturn moved, Err"},
	{"a splice takes nothing off what may pass", "streamif/splice.go",
		"ch.toForward -= int64(n)\n", "_ = n\n"},
	{"a hang-up behind a splice is taken for the end", "datalayer/pipe.go",
		"c.Moved()\n\tp.kernel += n\n\treturn n, 0", "c.Moved()\n\tp.kernel += n\n\tif c.Desc().Events().Any(core.EvRdHup) { c.End(); return n, End }\n\treturn n, 0"},
	{"a pipe goes back with a residue", "streamif/pipepool.go",
		"if pipe.Len() > 0 || p.closed {", "if p.closed {"},
	{"a full pipe does not stop reading", "streamif/splice.go",
		"if st.Any(datalayer.Full) || in", "if in"},
	{"a full pipe is taken for a dry socket", "datalayer/pipe.go",
		"case dry && p.kernel > 0:\n\t\treturn 0, Full\n", ""},
	{"a pipe is filled behind the buffer", "streamif/splice.go",
		"if in.buf.Len() > 0 {", "if false {"},
	{"a refusal loses what is in the pipe", "datalayer/pipe.go",
		"p.rest = p.mem[:n]", "_ = n"},
	{"what a layer owes is not waited for", "streamif/streamif.go",
		"return si.out.Empty() && !f.Any(core.ConnOwes) &&", "return si.out.Empty() &&"},
	{"TLS comes before the PROXY header", "core/turn.go",
		"for i, flag := range chainFlag {", "for i := range chainFlag {\n\t\ti = len(chainFlag) - 1 - i\n\t\tflag := chainFlag[i]"},
	{"a cipher's socket is dry for ever", "datalayer/secure.go",
		"s.dry = false // anything may have come since", ""},
	{"plaintext is forgotten in the cipher", "datalayer/secure.go",
		"return moved, st | s.answer(c, st.Any(Dry))", "if moved == limit { c.Cant(core.R) }; return moved, st | s.answer(c, st.Any(Dry))"},
	{"the rest of a record is dropped", "datalayer/secure.go",
		"s.out.Drop(n)", "s.out.Clear()"},
	{"what reading makes it say is kept to itself", "datalayer/secure.go",
		"return moved, st | s.answer(c, st.Any(Dry))", "return moved, st"},
	{"the FIN does not wait for the goodbye", "datalayer/secure.go",
		"return !s.flush(c, true).Any(Full)", "s.flush(c, true); return true"},
	{"a FIN is enough of an end for TLS", "datalayer/secure.go",
		"c.Fail(core.ETRUNCATED)\n\t\treturn Err", "c.End()\n\t\treturn End"},
	{"a header takes bytes that are not its own", "datalayer/proxyproto/handshake.go",
		"room[:total-len(r.have)]", "room[:n]"},
	{"a header begins again after a short write", "datalayer/proxyproto/handshake.go",
		"if s.sent += n; n < len(left) {", "if n < len(left) {"},
	{"servers hear of clients that are not through", "streamif/connect.go",
		"if s.front.state == CON {", "if false {"},
	{"a silent client is waited for", "streamif/proxy.go",
		"s.front.exp = core.After(p.loop.Now(), p.cfg.HandshakeTimeout)", ""},
	{"the header tells of the hop before, not of the client", "streamif/handshake.go",
		"if h := s.Claim(); h != nil && !h.Local", "if h := s.Claim(); false && h != nil && !h.Local"},
	{"a stream cut short looks complete", "streamif/shut.go",
		"si.in.flags |= Truncated\n", ""},
	{"a cipher is not given back", "streamif/handshake.go",
		"si.layer.Free()", "_ = si"},
	{"anybody may say who they are", "streamif/handshake.go",
		"p.cfg.AcceptProxy != nil && p.cfg.AcceptProxy.Contain(a)", "p.cfg.AcceptProxy != nil"},
	{"a cipher is given up and not freed", "datalayer/secure.go",
		"s.cipher.Free()\n", ""},
	{"the FIN does not wait for what is owed", "streamif/streamif.go",
		"si.out.Closing() && si.settled() {", "si.out.Closing() && si.out.Empty() {"},
	{"a close says goodbye for a stream that is not over", "streamif/close.go",
		"if si.whole() && !si", "if si.conn.Open() && !si"},
	{"every send promises more", "streamif/streamif.go",
		"&out.buf, si.last())", "&out.buf, true)"},
	{"a header promises more without knowing", "streamif/handshake.go",
		"cfg.ServerTLS != nil || !s.req.Empty())", "true)"},
	{"a reset becomes a clean end", "streamif/shut.go",
		"in.flags.Any(ShutR) || si.broken():", "in.flags.Any(ShutR):"},
	{"a close in the middle is a clean end", "streamif/close.go",
		"return !si.layer.Marks() && !si.whole() && si.out.prod.begun()", "return false"},
	{"a reset overtakes what is on its way", "streamif/close.go",
		"return si.out.sent > 0", "return false"},
	{"a close takes back what was accepted", "streamif/close.go",
		"si.conn.ShutW()\n\treturn si.out.sent > 0 || si.layer.Marks()", "return false"},
	{"a wait sleeps on tasks that are runnable", "core/loop.go",
		"began, deadline := l.now, l.Deadline()", "began, deadline := l.now, First(l.timers.Next(), l.again)"},
	{"a timeout is told without a look", "core/loop.go",
		"l.looked = 0\n", "l.looked = l.now\n\treturn\n"},
	{"an interrupted wait counts as a look", "core/loop.go",
		"case e != 0:\n\t\treturn\n", ""},
	{"a full report counts as a look at everything", "core/loop.go",
		"case n == len(l.ready) && l.lines", "case n > len(l.ready) && l.lines"},
	{"an end that a splice sees is one", "datalayer/pipe.go",
		"case e.Exhausted() || e == 0 && n == 0:", "case e == 0 && n == 0:\n\t\tc.Moved()\n\t\tc.End()\n\t\treturn 0, End\n\tcase e.Exhausted():"},
	{"a splice that moves nothing has found nothing", "datalayer/pipe.go",
		"case dry && (c.Desc().News() || c.Desc().Events().Any(core.EvPri)):", "case false:"},
	{"a splice that is not allowed is an error", "datalayer/pipe.go",
		"core.EBADF, core.EPERM, core.EACCES, core.EIO:", "core.EBADF:"},
	{"a lack of memory is an error", "core/conn.go",
		"case e.Exhausted():\n\t\tc.desc.Later(w)\n", ""},
	{"what the kernel lacks is asked for at once", "core/conn.go",
		"c.desc.Later(w)", "_ = w"},
	{"a report that is contradicted is believed again", "core/pause.go",
		"d.vain > vainMost &&", "false &&"},
	{"what does not leave puts the end off", "streamif/streamif.go",
		"if si.flags.Any(SIWrote) { // what did not", "if true { // what did not"},
	{"a timeout three times as long", "streamif/session.go",
		"rto: cfg.ClientTimeout}", "rto: 3*cfg.ClientTimeout}"},
	{"the client's patience with the server", "streamif/connect.go",
		"s.rep.rto = s.proxy.cfg.ServerTimeout", "s.rep.rto = s.proxy.cfg.ClientTimeout"},
	{"writing puts off reading where it must not", "streamif/streamif.go",
		"si.in.rex != 0 && !si.flags.Any(SIIndep)", "si.in.rex != 0"},
	{"writing does not put off reading", "streamif/streamif.go",
		"si.in.rex != 0 && !si.flags.Any(SIIndep)", "si.in.rex != 0 && si.flags.Any(SIIndep)"},
	{"the wrong timeout after our FIN", "streamif/session.go",
		"app: cfg.Applet, fin: cfg.ServerFin}", "app: cfg.Applet, fin: cfg.ClientFin}"},
	{"a pause between attempts ten times as long", "streamif/connect.go",
		"core.After(s.proxy.loop.Now(), turnaround)", "core.After(s.proxy.loop.Now(), 10*turnaround)"},
	{"a pause of accepting ten times as long", "streamif/listen.go",
		"l.p.loop.Now()+acceptPause", "l.p.loop.Now()+10*acceptPause"},
	{"the reserve is given away", "streamif/channel.go",
		"free -= int(reserve)", "free -= int(reserve) / 2"},
	{"no bound on the reads of a turn", "streamif/streamif.go",
		"for range si.s.proxy.cfg.MaxReads {", "for {"},
	{"half-closes last where they are not allowed", "streamif/session.go",
		"s.back.flags |= SINoHalf", "s.back.flags |= 0"},
	{"a client has one more than his share", "streamif/share.go",
		"p.shares.of(a) >= p.cfg.MaxPerClient", "p.shares.of(a) > p.cfg.MaxPerClient"},
	{"a share is not given back", "streamif/proxy.go",
		"s.uncount()\n", ""},
	{"handshakes that fail go on for the limit", "streamif/proxy.go",
		"s.greeted()\n", ""},
	{"a limit on handshakes that nobody keeps", "streamif/listen.go",
		"p.greets >= p.cfg.MaxHandshakes", "p.greets > p.cfg.MaxHandshakes"},
	{"a server that is down is tried again and again", "streamif/health.go",
		"return v.Up() || v.until <= now && v.prober == nil", "return true"},
	{"a session waits for its server while another one is up", "streamif/connect.go",
		"(s.cause == ConnectNoRoom || !s.elsewhere())", "true"},
	{"a server stays down for ever", "streamif/health.go",
		"v.row, v.until, v.prober = 0, 0, nil //", "//"},
	{"what this machine lacks takes a server down", "streamif/health.go",
		"r == ConnectNoRoom || why == core.ETLS", "why == core.ETLS"},
	{"a pause that does not grow", "streamif/health.go",
		"firstPause<<(v.row-1)", "firstPause"},
	{"who finds out for all that a server is still down pays for it", "streamif/health.go",
		"s.doubts && s.elsewhere()", "false"},
	{"who leaves a server pays nothing", "streamif/health.go",
		"s.doubts && s.elsewhere()", "s.elsewhere()"},
	{"an applet is not told of the end of its session", "streamif/proxy.go",
		"s.back.endApplet()\n", ""},
	{"an applet is told twice", "streamif/applet.go",
		"si.applet = nil\n\t\ta.End(si.s)", "a.End(si.s)\n\t\ta.End(si.s)\n\t\tsi.applet = nil"},
	{"what was wrong with one connection stops accepting", "core/errno.go",
		"ENONET, EPROTO, ENOPROTOOPT", "ENONET, ENOPROTOOPT"},
	{"a close that was interrupted is done again", "core/conn.go",
		"c.fd.Close(reset)", "for c.fd.Close(reset) == EINTR {\n\t}"},
	{"a change of a wish that is refused is taken for done", "core/fdtab.go",
		"t.poller.Set(d.Key(), d.polled, want) != 0 {", "t.poller.Set(d.Key(), d.polled, want) != 0 && d.polled == 0 {"},
	{"a pause does not end", "core/pause.go",
		"d.ready |= d.unasked\n", ""},
	{"accepted sockets do not inherit keepalive", "simfd/connect.go",
		"s.other.watch(l.vigil)\n", ""},
	{"nobody is asked once too often", "sim/vigil.go",
		"s.asked >= v.Count", "s.asked > v.Count"},
}

// smallMistakes are of the programs that are not the proxy, for which the contract is all
// there is.
var smallMistakes = []struct {
	mutant
	command string
}{
	{mutant{"a read of nothing is the end", "properties/programs/echo.go", "for len(c.held) < room {", "for {"}, "echo"},
	{mutant{"the rest of a short write is forgotten", "properties/programs/echo.go",
		"c.held = append(c.held[:0], c.held[n:]...)", "c.held = c.held[:min(n, 0)]"}, "echo"},
	{mutant{"nobody waits to write", "properties/programs/echo.go", "if len(c.held) > 0 {\n\t\twant |=", "if false {\n\t\twant |="}, "echo"},
	{mutant{"the end comes before the rest", "properties/programs/echo.go", "return !c.end || len(c.held) > 0", "return !c.end"}, "echo"},
	{mutant{"a line is answered when its packet is whole", "properties/programs/lines.go",
		"g.line = g.line[i+1:]", "g.line = nil"}, "lines"},
	{mutant{"who does not listen is listened to", "properties/programs/lines.go",
		"for !g.end && len(g.out) <= 100 &&", "for !g.end && len(g.out) <= 10 &&"}, "lines"},
	{mutant{"a goodbye is cut off", "properties/programs/lines.go", "if g.end && len(g.out) == 0 {", "if g.end {"}, "lines"},
	{mutant{"the timer of the idle is not renewed", "properties/programs/lines.go",
		"g.s.SetTimer(&g.idle, g.s.Now()+Idle)\n\t\tg.line", "g.line"}, "lines"},
	{mutant{"what comes in pieces is answered once more", "properties/programs/lines.go",
		"g.answer(string(g.line[:i]))", "if i >= n {\n\t\t\t\tg.out = append(g.out, \"500 what\\n\"...)\n\t\t\t}\n\t\t\tg.answer(string(g.line[:i]))"}, "lines"},
	{mutant{"there is a word behind the goodbye", "properties/programs/lines.go", `"221 bye\n"`, `"221 bye\nbye\n"`}, "lines"},
	{mutant{"guests stay when the house is closed", "properties/programs/lines.go",
		"\tfor len(s.guests) > 0 {\n\t\ts.guests[0].close(true)\n\t}\n", ""}, "lines"},
	{mutant{"a guest keeps his chair", "properties/programs/lines.go", "g.s.Drop(&g.idle)\n", ""}, "lines"},
}

// TestMistakesInSmallProgramsAreFound: by their own commands.
func TestMistakesInSmallProgramsAreFound(t *testing.T) {
	for _, m := range smallMistakes {
		eachMistake(t, []mutant{m.mutant}, m.command, func(t *testing.T, _ int, dir, program string) {
			found := filepath.Join(dir, "found")
			finds(t, program, "soak", "-first", "-procs", "1", "-seeds", "20000", "-seed", "1", "-o", found)
			n, text := smallest(t, found)
			t.Logf("%d lines\n%s", n, text)
			require.LessOrEqual(t, n, page)
		})
	}
}

// TestMistakesInTheCoreAreFound builds soak with each mistake in turn and lets
// it hunt for a few seconds: it must find it and shrink it to a page.
func TestMistakesInTheCoreAreFound(t *testing.T) {
	eachMistake(t, inPart(mistakes, parts), "soak", inTheCore)
}

// inPart returns the mistakes whose turn it is, of so many parts.
func inPart(all []mutant, parts int) (list []mutant) {
	for i, m := range all {
		if *part == 0 || i%parts == (*part-1)%parts {
			list = append(list, m)
		}
	}
	return list
}

// inTheCore hunts for a mistake in the core: it is found, and made small.
func inTheCore(t *testing.T, _ int, dir, soak string) {
	// The first failure is mostly enough. If it cannot be made small there are
	// others, elsewhere.
	for _, seed := range []string{"1", "1000001", "2000001", "3000001", "4000001"} {
		found := filepath.Join(dir, "found-"+seed)
		// By number and one after the other: a busy machine finds the same.
		finds(t, soak, "-first", "-procs", "1", "-seeds", "120000", "-seed", seed, "-o", found)
		n, text := smallest(t, found)
		t.Logf("%d lines\n%s", n, text)
		if n <= page {
			return
		}
	}
	t.Errorf("found, but not in a trace of %d lines", page)
}

// eachMistake builds a command with each mistake in turn, and has it hunted for with
// a folder to write to. As many are hunted at a time as there are processors: each is
// found by number, not by time.
func eachMistake(t *testing.T, list []mutant, command string, hunt func(t *testing.T, i int, dir, program string)) {
	if !*mutants {
		t.Skip("takes minutes: run with -mutants")
	}
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	for i, m := range list {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			hunt(t, i, dir, build(t, root, dir, m, command))
		})
	}
}

// finds runs a command that has to find something, and returns what it says.
func finds(t *testing.T, program string, args ...string) string {
	out, err := exec.Command(program, args...).Output()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, "not found:\n%s", out)
	require.Equal(t, 1, exit.ExitCode(), "%s", out)
	return string(out)
}

// build builds a command with a mistake in it.
func build(t *testing.T, root, dir string, m mutant, command string) string {
	program := filepath.Join(dir, command)
	cmd := exec.Command("go", "build", "-ldflags=-s -w", "-overlay", overlay(t, root, dir, m), "-o", program, "./properties/cmd/"+command)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return program
}

// page is how many lines can be read at a glance.
const page = 15

// overlay writes the broken file and the build overlay that puts it in place.
func overlay(t *testing.T, root, dir string, m mutant) string {
	path := filepath.Join(root, m.file)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(text), m.old, "the mistake has nowhere to go any more")
	broken := filepath.Join(dir, "broken.go")
	require.NoError(t, os.WriteFile(broken, []byte(strings.Replace(string(text), m.old, m.new, 1)), 0o666))
	config, err := json.Marshal(map[string]any{"Replace": map[string]string{path: broken}})
	require.NoError(t, err)
	name := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(name, config, 0o666))
	return name
}

// smallest returns the shortest of the traces found, and how long it is.
func smallest(t *testing.T, dir string) (best int, text string) {
	files, err := filepath.Glob(filepath.Join(dir, "*.trace"))
	require.NoError(t, err)
	best = 1 << 30
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		tr, err := traces.Parse(f, b)
		require.NoError(t, err)
		if n := properties.Lines(tr); n < best {
			best, text = n, string(b)
		}
	}
	return best, text
}
