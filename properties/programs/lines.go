package programs

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"millrace/core"
	"millrace/properties"
	"millrace/sim"
	"millrace/traces"
)

// Idle is how long a client of Lines may say nothing.
const Idle = 30 * core.Second

// Lines is a server with a state for each connection. It greets with "220 lines", and
// answers each line: HELO NAME with "250 hello NAME", ADD N with "250 SUM" for those who
// said HELO, QUIT with "221 bye" and the end, and all else with "500 what".
var Lines = properties.Register(&properties.Program{
	Name: "lines", Workers: 3, Start: startLines, Leaves: true, Draw: drawLines, Calm: polite,
	Meets: func(op sim.Op) bool {
		return op == sim.OpTaskDelay || properties.Lacks(op) || properties.ServerMeets(op)
	},
	Replays: "go run ./properties/cmd/lines replay", Hunts: "go run ./properties/cmd/lines soak",
	Code: "millrace/properties/programs.Lines",
})

type lines struct {
	properties.Looping
	lst    core.Listener
	desc   *core.Desc
	guests []*guest // in the order of their coming
}

// guest is one connection.
type guest struct {
	s     *lines
	fd    core.FD
	desc  *core.Desc
	idle  core.Task
	line  []byte // of which the end has not come
	out   []byte // to be sent
	name  string // said HELO
	sum   int
	end   bool // it is to be closed when all is sent
	label uint32
}

func startLines(w *properties.World) properties.Running {
	s := &lines{Looping: properties.NewLooping(w, 8), lst: w.Listener()}
	s.desc = s.Table.Insert(s.lst.Num(), s, core.R)
	s.desc.Want(core.R)
	return s
}

// Turn implements core.Owner: somebody is at the door.
func (s *lines) Turn() {
	fd, peer, e := s.lst.Accept()
	switch {
	case e == core.EAGAIN:
		s.desc.Cant(core.R)
	case e.Exhausted():
		s.desc.Later(core.R)
	}
	if e != 0 {
		return
	}
	g := &guest{s: s, fd: fd, out: []byte("220 lines\n"), label: peer.Label}
	s.guests = append(s.guests, g)
	g.desc = s.Table.Insert(fd.Num(), g, core.R|core.W)
	s.Bind(&g.idle, g)
	s.SetTimer(&g.idle, s.Now()+Idle)
	g.wish()
}

// Stop implements properties.Running.
func (s *lines) Stop() {
	for len(s.guests) > 0 {
		s.guests[0].close(true)
	}
	s.Table.Remove(s.desc)
	s.lst.Close()
}

// Print implements properties.Printer.
func (s *lines) Print(out io.Writer) {
	for _, g := range s.guests {
		fmt.Fprintf(out, "guest %d name=%q sum=%d line=%q out=%q end=%v\n", g.label, g.name, g.sum, g.line, g.out, g.end)
	}
}

// Run implements core.Runner: it has been quiet for too long.
func (g *guest) Run(bool) { g.close(true) }

func (g *guest) close(rst bool) {
	g.s.Drop(&g.idle)
	g.s.Table.Remove(g.desc)
	g.fd.Close(rst)
	g.s.guests = slices.DeleteFunc(g.s.guests, func(o *guest) bool { return o == g })
}

// Turn implements core.Owner.
func (g *guest) Turn() {
	if ok := g.read() && g.write(); !ok {
		g.close(true)
		return
	}
	if g.end && len(g.out) == 0 {
		g.close(false)
		return
	}
	g.wish()
}

// wish says what the guest waits for. Who does not take its answers is not listened to.
func (g *guest) wish() {
	if g.end || len(g.out) > 100 {
		g.desc.Stop(core.R)
	} else {
		g.desc.Want(core.R)
	}
	if len(g.out) > 0 {
		g.desc.Want(core.W)
	} else {
		g.desc.Stop(core.W)
	}
}

// read takes what has come, and answers. It is false after an error.
func (g *guest) read() bool {
	var buf [64]byte
	for !g.end && len(g.out) <= 100 && g.desc.Ready().Any(core.R) {
		n, e := g.fd.Recv(buf[:])
		switch {
		case e == core.EINTR:
			continue
		case e == core.EAGAIN:
			g.desc.Cant(core.R)
			return true
		case e.Exhausted():
			g.desc.Later(core.R)
			return true
		case e != 0:
			return false
		case n == 0:
			g.end = true
			return true
		}
		g.s.SetTimer(&g.idle, g.s.Now()+Idle)
		g.line = append(g.line, buf[:n]...)
		for i := bytes.IndexByte(g.line, '\n'); i >= 0 && !g.end; i = bytes.IndexByte(g.line, '\n') {
			g.answer(string(g.line[:i]))
			g.line = g.line[i+1:]
		}
	}
	return true
}

func (g *guest) answer(line string) {
	var name string
	var n int
	switch {
	case line == "QUIT":
		g.out = append(g.out, "221 bye\n"...)
		g.end = true
	case len(line) > 5 && line[:5] == "HELO ":
		name = line[5:]
		g.name = name
		g.out = fmt.Appendf(g.out, "250 hello %s\n", name)
	case g.name != "":
		if _, err := fmt.Sscanf(line, "ADD %d", &n); err == nil {
			g.sum += n
			g.out = fmt.Appendf(g.out, "250 %d\n", g.sum)
			return
		}
		fallthrough
	default:
		g.out = append(g.out, "500 what\n"...)
	}
}

// write sends what it has. It is false after an error.
func (g *guest) write() bool {
	for len(g.out) > 0 && g.desc.Ready().Any(core.W) {
		n, e := g.fd.Send(g.out, false)
		switch {
		case e == core.EINTR:
			continue
		case e == core.EAGAIN:
			g.desc.Cant(core.W)
			return true
		case e.Exhausted():
			g.desc.Later(core.W)
			return true
		case e != 0:
			return false
		}
		if n < len(g.out) {
			g.desc.Cant(core.W)
		}
		g.out = g.out[n:]
	}
	return true
}

// polite says that a guest is not away for too long, and goes by saying so.
func polite(t *traces.Trace, label int) bool {
	quit := false
	for _, a := range t.Sessions[label].Client {
		switch a.Verb {
		case traces.Wait:
			if a.N >= int64(Idle)/2 {
				return false
			}
		case traces.Say:
			quit = quit || a.Text == "QUIT\n"
		}
	}
	_, latency := t.Narrowest(label)
	return quit && latency < sim.Second
}

// drawLines draws guests who are polite, in a hurry, confused, or away.
func drawLines(r *sim.Rand, t *traces.Trace) {
	properties.DrawNetwork(r, &t.Settings)
	for i := range sim.Of(r, 1, 1, 2, 3, 6) {
		s := traces.Script{properties.Expect("220 lines\n")}
		name := fmt.Sprintf("guest-%d", i)
		switch r.Intn(5) {
		case 4: // slow, but never for too long
			for range 4 {
				s = append(s, traces.Act{Verb: traces.Wait, N: int64(Idle) * 2 / 5}, properties.Say("NOOP\n"), properties.Expect("500 what\n"))
			}
		case 0: // one after the other
			s = append(s, properties.Say("HELO "+name+"\n"), properties.Expect("250 hello "+name+"\n"),
				properties.Say("ADD 40\n"), properties.Expect("250 40\n"), properties.Say("ADD 2\n"), properties.Expect("250 42\n"))
		case 1: // all at once, and twenty times over
			s = append(s, properties.Say("HELO "+name+"\n"))
			for range 20 {
				s = append(s, properties.Say("ADD 1\n"))
			}
			s = append(s, properties.Expect("250 20\n"))
		case 2: // in the wrong order
			s = append(s, properties.Say("ADD 1\nHELO "+name+"\n"), properties.Expect("500 what\n"), properties.Expect("250 hello "+name+"\n"))
		case 3: // away for a while, or for good
			s = append(s, traces.Act{Verb: traces.Wait, N: int64(sim.Of(r, core.Second, 2*Idle))})
		}
		s = append(s, properties.Say("QUIT\n"), properties.Expect("221 bye\n"), traces.Act{Verb: traces.EOF}, properties.Quiet(), traces.Act{Verb: traces.Close})
		if r.Intn(6) == 0 {
			s = s[:1+r.Intn(len(s)-1)]
			s = append(s, traces.Act{Verb: sim.Of(r, traces.Close, traces.Reset)})
		}
		t.Sessions = append(t.Sessions, traces.Session{At: int64(r.Intn(5)) * int64(core.Millisecond), Client: s})
	}
	properties.DrawLinks(r, t)
}
