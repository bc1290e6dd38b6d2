package properties

import (
	"fmt"
	"slices"

	"millrace/core"
	"millrace/sim"
	"millrace/traces"
)

// Retell makes a scenario of a recording: a world whose peers do what those of the recorded
// sessions did, as far as a program can see that, at the times at which it saw it, with the
// decisions that give its calls the answers that they were given. What comes of it is a trace
// to replay, to shrink and to draw, and a Fit that says how much of the recording it is.
//
// A peer's bytes are sent when they were read, in one piece, once what was sent to it before
// has come; a FIN and a RST too. What a recording does not have is left to be as it is in a
// world: how fast a peer reads, how much buffers hold, what there was between a program and
// its peers. A session that was there already when the recording began is left out, and so is
// who was refused because he had his share of them.
func Retell(t *traces.Trace) (*traces.Trace, *Fit, error) {
	if !t.Live || len(t.Steps) == 0 {
		return nil, nil, fmt.Errorf("only a recording can be made a scenario of: this has %d steps, and sessions of its own", len(t.Steps))
	}
	all := tellings(t)
	told := slices.DeleteFunc(slices.Clone(all), func(o *telling) bool { return o.refused })
	if len(told) == 0 {
		return nil, nil, fmt.Errorf("no session in it begins and is known by its calls")
	}
	usual := traces.Default()
	c := &traces.Trace{Program: t.Program, Settings: t.Settings, Comments: slices.Clone(t.Comments)}
	for _, plain := range [...]struct {
		p traces.Param
		v int64
	}{
		// Each piece that was read is one, nothing is too much to be under way, and it takes
		// next to no time: unless the recording says otherwise.
		{traces.Segment, 1 << 18}, {traces.Gap, 1}, {traces.Latency, int64(10 * sim.Microsecond)},
		{traces.SndBuf, 1 << 20}, {traces.RcvBuf, 1 << 20},
	} {
		if c.Settings[plain.p] == usual[plain.p] {
			c.Settings[plain.p] = plain.v
		}
	}
	for i, one := range told {
		c.Sessions = append(c.Sessions, one.session())
		c.Decisions = append(c.Decisions, one.rude(i)...)
	}
	if what := c.Invalid(); what != "" {
		return nil, nil, fmt.Errorf("no world is like that: %s", what)
	}
	fit := fitted(c, told)
	fit.Refused = len(all) - len(told)
	if fit.Fail != nil {
		c.Fail = fit.Fail.Line()
	}
	return c, fit, nil
}

// telling is what a recording tells of one session.
type telling struct {
	label        int
	from         int64 // when it was accepted
	client, peer voice // what its peers did
	refused      bool  // as its client had its share of sessions, and where others come from is in no recording
	heard
}

// voice is what one peer did, as far as the program saw.
type voice struct {
	acts   traces.Script
	at     int64 // up to when they reach
	sent   int64 // by the program, to it
	last   int64 // when
	peeked bool  // the call before looked at what there is
	seen   int64 // of these, those that an act waits for already
	torn   bool  // its FIN came without the goodbye that its cipher has for that
	gone   bool
}

// tellings are the sessions that a recording has from their beginning, as they came.
func tellings(t *traces.Trace) (list []*telling) {
	p := traces.Lookup(t.Program)
	header := p != nil && p.Introduces != nil && p.Introduces(&t.Settings)
	known := map[int]*telling{}
	sealed := map[sim.Actor]bool{}
	for _, s := range t.Steps {
		if s.Ciphers() {
			sealed[s.Actor] = true
		}
	}
	now := int64(0)
	for _, s := range t.Steps {
		now += s.After
		if s.Call == traces.CallAccept && s.Err == 0 {
			one := &telling{label: sim.Actor(s.Answer).Num(), from: now}
			one.client.at, one.header = now, header
			one.heard.sealed = [2]bool{sealed[sim.Front|sim.Actor(one.label)], sealed[sim.Back|sim.Actor(one.label)]}
			known[one.label] = one
			list = append(list, one)
			continue
		}
		if k := s.Actor.Kind(); k == sim.Front || k == sim.Back {
			if one := known[s.Actor.Num()]; one != nil {
				one.hear(s, now)
			}
		}
	}
	return list
}

// hear takes note of one call.
func (o *telling) hear(s traces.Step, now int64) {
	v, side := &o.client, 0
	if s.Actor.Kind() == sim.Back {
		v, side = &o.peer, 1
	}
	greets := side == 1 && o.heads // with a header that the world's own server takes for itself
	o.heard.hear(s)
	header := v.peeked
	v.peeked = s.Call == traces.CallPeek && s.Err == 0
	if header && s.Call == traces.CallRecv && s.Err == 0 {
		return // a header that the world's own client says too
	}
	switch {
	case s.Call == traces.CallFull:
		o.refused = true
	case s.Call == traces.CallSocket:
		*v = voice{at: now}
	case s.Call.Receives():
		switch {
		case s.Err == core.ECONNRESET:
			v.act(now, traces.Act{Verb: traces.Reset})
			v.gone = true
		case s.Err == 0 && s.Arg > 0 && s.Answer == 0 && o.sealed[side]:
			v.act(now, traces.Act{Verb: traces.ShutW})
			v.torn = true
		case s.Err != 0 || s.Arg == 0 || o.sealed[side]:
		case s.Answer > 0:
			v.sends(now, s.Answer)
		default:
			v.act(now, traces.Act{Verb: traces.ShutW})
		}
	case s.Call.Sends():
		if s.Err == 0 && !o.sealed[side] && !greets {
			v.sent, v.last = v.sent+s.Answer, now
		}
	case s.Call == traces.CallOpen:
		if n := int64(s.Count()); n > 0 {
			v.sends(now, n)
		}
		if s.Why() == traces.WhyEnd {
			v.act(now, traces.Act{Verb: traces.ShutW})
		}
	case s.Call == traces.CallSeal:
		v.sent, v.last = v.sent+s.Arg, now
	}
}

// act adds something that a peer does at a time, after it got what was sent to it so far.
func (v *voice) act(now int64, a traces.Act) {
	if v.gone {
		return
	}
	if v.sent > v.seen {
		v.seen, v.at = v.sent, max(v.at, v.last)
		v.acts = append(v.acts, traces.Act{Verb: traces.Recv, N: v.sent})
	}
	if now > v.at {
		v.acts = append(v.acts, traces.Act{Verb: traces.Wait, N: now - v.at})
		v.at = now
	}
	v.acts = append(v.acts, a)
}

// sends adds bytes that a peer sends; those that are read at one time are one piece.
func (v *voice) sends(now, n int64) {
	if last := len(v.acts) - 1; last >= 0 && v.at == now && v.sent == v.seen && v.acts[last].Verb == traces.Send {
		v.acts[last].N += n
		return
	}
	v.act(now, traces.Act{Verb: traces.Send, N: n})
}

// script is what the peer does in all.
func (v *voice) script() traces.Script {
	if v.gone {
		return v.acts
	}
	return append(v.acts, traces.Act{Verb: traces.EOF}, traces.Act{Verb: traces.Close})
}

// rude are the choices by which its peers say no goodbye, as session number i.
func (o *telling) rude(i int) (ds []sim.Decision) {
	for k, v := range [...]*voice{&o.client, &o.peer} {
		if v.torn {
			ds = append(ds, sim.Decision{Actor: [...]sim.Actor{sim.Client, sim.Server}[k] | sim.Actor(i), Op: sim.OpNoGoodbye, Val: 1})
		}
	}
	return ds
}

// session is the session as a scenario has it.
func (o *telling) session() traces.Session {
	return traces.Session{At: o.from, Client: o.client.script(), Server: o.peer.script()}
}
