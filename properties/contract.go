package properties

import (
	"fmt"
	"slices"

	"millrace/sim"
	"millrace/traces"
)

// contract is what peers may expect of any program, whatever its books say.
type contract struct {
	w     *World
	harsh bool   // something happened to all
	hit   []bool // by label: something happened to this session
	late  []bool // by label: its client had not left when the program was told to end, or its server, where that is the client
}

// ends takes note of who is still there when nothing will ever happen again. What becomes
// of them is the end of the program's business.
func (c *contract) ends(w *World) {
	for i := range w.clients {
		late := !w.clients[i].Done
		if w.program.Dials {
			for s := range w.EndsOf(i) {
				late = late || !s.Done
			}
		}
		c.late = append(c.late, late)
	}
}

// judge looks at every session when a world has come to its end.
//
// A session is spared if nothing happened to it that can change more than when
// something happens: no accident to its own descriptors, its peers, or what serves
// all; no peer that resets or leaves in the middle of what it is sent. What happens to
// others is none of its business. Of such a session everything is known: all bytes
// arrive, both ends are told, nobody is reset.
func (c *contract) judge(w *World) {
	*c = contract{w: w, hit: c.hit[:0], late: c.late}
	c.witness()
	for label := range w.clients {
		if c.spared(label) {
			c.heard(&w.clients[label])
			if server := c.server(label); server != nil {
				c.heard(server)
			}
			c.perfect(label)
		}
	}
	c.doubts()
	c.same()
}

// doubts tells what somebody has doubts about, if nothing happened that explains it.
func (c *contract) doubts() {
	w := c.w
	all := !w.program.Dials || len(w.clients) > 0 // a client without servers is refused
	told := func(p *Peer) {
		if p.doubt != "" {
			w.Breach("I73", "deed", "%s: %s, and nothing happened to it that explains that", p.proc.Agent.Actor, p.doubt)
		}
	}
	for label := range w.clients {
		if !c.unexplained(label) {
			all = false
			continue
		}
		told(&w.clients[label])
		for s := range w.EndsOf(label) {
			told(s)
		}
	}
	if all && w.doubt != "" {
		w.Breach("I73", "program", "%s, and nothing happened that explains that", w.doubt)
	}
}

// unexplained says that nothing happened to a session by which anybody's doubts are explained. Of
// deeds nobody knows what they are; but one that resets explains all.
func (c *contract) unexplained(label int) bool {
	w := c.w
	if c.harsh || c.hit[label] || w.program.Calm != nil && !w.program.Calm(w.trace, label) || !w.program.both(w.trace, label, civil) {
		return false
	}
	killed := w.clients[label].Killed
	for s := range w.EndsOf(label) {
		killed = killed || s.Killed
	}
	return !killed
}

// civil says what kind does, and of who has deeds that the rest of the script is no rudeness.
func civil(s traces.Script, comes int64) bool {
	if s.Has(traces.Do) {
		return !s.Has(traces.Reset, traces.Urgent) && s.Has(traces.Hold) == s.Has(traces.Go)
	}
	return kind(s, comes)
}

// heard checks that a peer came to the end of its script, and heard what it expected.
func (c *contract) heard(p *Peer) {
	missed := p.Missed
	if !p.Done && p.pc < len(p.Script) && p.Script[p.pc].Verb == traces.Expect {
		missed = p.Script[p.pc].Text
	}
	switch {
	case missed != "":
		got := fmt.Sprintf("%q", p.heard[max(0, len(p.heard)-200):])
		if where := differs(missed, string(p.heard)); where != "" {
			got = brief(string(p.heard)) + where
		}
		c.w.Breach("I73", "peer", "%s expected %s, and nothing happened to it that explains why it did not come; behind what it expected before it got %s",
			p.proc.Agent.Actor, brief(missed), got)
	case len(p.extra) > 0:
		c.w.Breach("I73", "peer", "%s got %q, which it did not expect, and nothing happened to it that explains that", p.proc.Agent.Actor, p.extra[:min(len(p.extra), 200)])
	case !p.Done && (p.pc < len(p.Script) || p.Fin):
		c.w.Breach("I73", "peer", "%s still waits%s, and nothing happened to it that explains that", p.proc.Agent.Actor, p.pending())
	}
}

// witness goes through what happened.
func (c *contract) witness() {
	w := c.w
	for range w.clients {
		c.hit = append(c.hit, false)
	}
	for _, d := range w.sim.Choices.Taken {
		if !grave(d) {
			continue
		}
		switch d.Actor.Kind() {
		case sim.Front, sim.Back, sim.Client, sim.Server:
			if n := w.Session(d.Actor.Num()); n < len(c.hit) {
				c.hit[n] = true
			}
		default:
			c.strikes(d)
		}
	}
	c.harsh = c.harsh || w.program.Together && slices.Contains(c.hit, true)
}

// strikes takes note of what happened to who serves many. What happens to one of several
// workers is no business of those whose clients came to another one, or to the one behind him;
// but time that passes for him passes for all.
func (c *contract) strikes(d sim.Decision) {
	w := c.w
	n, one := d.Actor.Owner()
	if !one || len(w.workers) == 1 || d.Op == sim.OpBusy || d.Op == sim.OpClockJump {
		c.harsh = true
		return
	}
	for label := range c.hit {
		holder := w.kernel.Holder(uint32(label))
		switch {
		case holder < 0: // it may have come when there was nobody
			c.hit[label] = c.hit[label] || w.deserted
		case holder == n && (d.Op != sim.OpKilled || w.kernel.Lost(uint32(label))):
			c.hit[label] = true
		}
	}
}

// server is the only end that a session's server has; nil if there is none, or several.
func (c *contract) server(label int) (server *Peer) {
	for s := range c.w.EndsOf(label) {
		if server != nil {
			return nil
		}
		server = s
	}
	return server
}

// spared says whether nothing happened to a session.
func (c *contract) spared(label int) bool {
	w, t := c.w, &c.w.totals
	switch {
	case c.harsh || c.hit[label]:
		t.Struck++
	case w.program.Calm != nil && !w.program.Calm(w.trace, label):
		t.Stormy++
	case !w.program.both(w.trace, label, kind):
		t.Unkind++
	default:
		t.Spared++
		return true
	}
	return false
}

// both says whether something is so of both peers of a session, each of whom is sent so
// many bytes; -1 for who knows how many.
func (p *Program) both(t *traces.Trace, label int, is func(s traces.Script, comes int64) bool) bool {
	client := t.Sessions[label].Client
	if p.Dials {
		return is(serverScript(t, label), -1)
	}
	own := false // it gets back what it sends
	if p.Gets != nil {
		g := p.Gets(t, label, true)
		own = g.back(label)
	}
	if !p.Servers {
		comes := int64(-1)
		if own {
			comes = total(client)
		}
		return leads(client) && is(client, comes)
	}
	if total(client) == 0 && !client.Has(traces.Do) {
		return false // who ends without a word may be taken to have left
	}
	server := serverScript(t, label)
	up, down := total(client), total(server)
	if own || server.Has(traces.Echo) {
		down = up
	}
	return (leads(client) || leads(server)) && is(client, down) && is(server, up)
}

// leads says whether a peer does not wait for the other one's end with its own unsaid. Two
// who both do may do so for ever. Who talks may have agreed upon the end.
func leads(s traces.Script) bool {
	for _, a := range s {
		switch a.Verb {
		case traces.ShutW, traces.Close, traces.Say, traces.Do:
			return true
		case traces.EOF, traces.Echo:
			return false
		}
	}
	return true
}

// kind says whether a peer is kind to the one that sends so many bytes to it: it stays
// for all of it, says itself when it is done, and does nothing that a program may take
// amiss. Who talks may do as it likes, but for that.
func kind(s traces.Script, comes int64) bool {
	if comes < 0 && s.Has(traces.Say, traces.Expect) { // it says what it waits for, and how it ends they have agreed upon
		return !s.Has(traces.Reset, traces.Do, traces.Urgent) && s.Has(traces.Hold) == s.Has(traces.Go)
	}
	return stays(s, comes) && s.Has(traces.ShutW, traces.Close) && !s.Has(traces.Hold, traces.Drip, traces.Urgent)
}

// stays says whether a peer hears all that it is sent, or the end, before it leaves, and
// waits for no more than that.
func stays(s traces.Script, comes int64) bool {
	heard, all := int64(0), false
	for _, a := range s {
		switch a.Verb {
		case traces.Reset, traces.Do:
			return false
		case traces.Recv:
			if heard = a.N; comes >= 0 && heard > comes {
				return false
			}
		case traces.EOF, traces.Echo:
			all = true
		case traces.Close:
			return all || comes >= 0 && heard >= comes
		}
	}
	return true
}

// total is how many bytes a script sends.
func total(s traces.Script) (n int64) {
	for _, a := range s {
		switch a.Verb {
		case traces.Send:
			n += a.N
		case traces.Say:
			n += int64(len(a.Text))
		}
	}
	return n
}

// promptly is how long a session may be there when both its peers have gone: what is
// under way may be delayed a few times, and a program may look now and then only.
const promptly = 2 * sim.Second

// perfect checks a spared session.
func (c *contract) perfect(label int) {
	w := c.w
	client := &w.clients[label]
	if w.program.Dials {
		c.dialed(label)
		return
	}
	if client.Rst {
		c.slain("client", client)
	}
	gone := client.doneAt
	if server := c.server(label); server != nil {
		gone = max(gone, server.doneAt)
	}
	_, latency := w.trace.Narrowest(label)
	if last := w.kernel.LastClose(uint32(label)); last > gone+promptly+8*latency {
		w.Breach("I79", "session", "session %d: its last descriptor was closed %d ns after its last peer had gone, and nothing happened to it that explains that",
			label, last-gone)
	}
	if !w.program.Servers {
		if client.gets.back(label) && client.Got != client.Sent {
			w.Breach("I73", "client", "%s sent %d bytes and got %d back", client.proc.Agent.Actor, client.Sent, client.Got)
		}
		return
	}
	server := c.server(label)
	if server == nil {
		w.Breach("I73", "client", "%s met no server, or several, and nothing happened to it that explains that", client.proc.Agent.Actor)
		return
	}
	if server.Rst {
		c.slain("server", server)
	}
	for _, p := range [...]struct{ from, to *Peer }{{client, server}, {server, client}} {
		if p.to.Got != p.from.Sent {
			w.Breach("I73", "stream", "%s sent %d bytes, and %s got %d", p.from.proc.Agent.Actor, p.from.Sent, p.to.proc.Agent.Actor, p.to.Got)
		}
		if p.from.Fin && !p.to.EOF && listens(p.to.Script) {
			w.Breach("I73", "stream", "%s ended its stream, and %s was not told", p.from.proc.Agent.Actor, p.to.proc.Agent.Actor)
		}
	}
}

// slain tells of a peer that was reset, and what of the program's doing that was.
func (c *contract) slain(where string, p *Peer) {
	why := c.w.kernel.Parting(uint32(p.proc.Agent.Actor.Num()), p.Client)
	if why != "" {
		why = ": " + why
	}
	c.w.Breach("I73", where, "%s was reset, and nothing happened to it that explains that%s", p.proc.Agent.Actor, why)
}

// dialed checks a spared session of a program that is the client.
func (c *contract) dialed(label int) {
	if server := c.server(label); server != nil && server.Rst {
		c.slain("server", server)
	}
}

// listens says whether a script goes on until the end of what it gets.
func listens(s traces.Script) bool {
	for _, a := range s {
		switch a.Verb {
		case traces.EOF, traces.Echo:
			return true
		case traces.Close:
			return false
		}
	}
	return true
}
