package picture

import (
	"strings"

	"millrace/core"
	"millrace/properties"
	"millrace/sim"
	"millrace/traces"
)

// Recorded draws the steps of a trace. There are no peers in a recording, and of the state
// only what the poller was asked for. title is what the reader calls it.
func Recorded(t *traces.Trace, title string) *Picture {
	var g gather
	g.begin(t, title)
	g.Lanes = []Lane{Front, Session, Back, Poller}
	if t.Program != "" && t.Program != traces.DefaultProgram {
		g.Lanes = []Lane{Front, Session, Poller}
	}
	g.Cut = int(t.Skipped)
	now, asked := sim.Time(0), map[sim.Actor]core.Wish{}
	for _, s := range t.Steps {
		now += sim.Time(s.After)
		e := ofStep(s, now)
		polled(asked, s)
		if e.Label != nobody {
			e.State = g.state(recordedState(asked, e.Label))
		}
		g.add(e)
	}
	if t.Fail != "" {
		g.fail(t.Fail, "", Session, now)
	}
	g.trim()
	return &g.Picture
}

// begin says what a picture is of.
func (g *gather) begin(t *traces.Trace, title string) {
	g.Title, g.Program = title, t.Program
	if g.Program == "" {
		g.Program = traces.DefaultProgram
	}
	bare := *t
	bare.Steps = nil
	g.Trace = bare.String()
}

// fail ends a picture with what broke, and on whose lane.
func (g *gather) fail(what, says string, lane Lane, at sim.Time) {
	g.Rule, g.What, _ = strings.Cut(what, ": ")
	g.Says = says
	state := int32(-1)
	if n := len(g.Events); n > 0 {
		state = g.Events[n-1].State
	}
	g.add(Event{At: at, From: lane, To: lane, Label: nobody, Kind: Breach, Text: what, State: state})
}

// ofStep is a call as an arrow: to the kernel if the program gives something, and from it if
// it gets something.
func ofStep(s traces.Step, at sim.Time) Event {
	e := Event{At: at, From: Session, To: laneOf(s.Actor), Label: labelOf(s.Actor), Text: s.Untimed(), State: -1}
	switch call := s.Call; {
	case call == traces.CallEvent:
		e.From, e.To, e.Kind = Poller, Session, Report
	case call == traces.CallSet || call == traces.CallAdd || call == traces.CallMod || call == traces.CallDel:
		e.To = Poller
	case call.Receives() || call == traces.CallPeek:
		e.From, e.To = e.To, Session
		if s.Err == 0 && s.Answer > 0 {
			e.Kind = Bytes
			if call != traces.CallPeek {
				e.N = s.Answer
			}
		} else if s.Err == 0 && s.Arg > 0 {
			e.Kind = Fin
		}
	case call.Sends():
		if s.Err == 0 && s.Answer > 0 {
			e.Kind, e.N = Bytes, s.Answer
		}
	case call == traces.CallConnect:
		if s.Err == 0 || s.Err == core.EINPROGRESS {
			e.Kind = Open
		}
	case call == traces.CallShutW:
		e.Kind = Fin
	case call == traces.CallClose:
		switch {
		case s.More:
			e.Kind = Rst
		case s.Actor.Kind() != sim.Listener:
			e.Kind = Fin
		}
	case call == traces.CallAccept:
		if s.Err == 0 {
			e.From, e.To, e.Kind, e.Label = e.To, Session, Open, sim.Actor(s.Answer).Num()
		}
	}
	if s.Err == core.ECONNRESET || s.Err == core.ECONNREFUSED {
		e.From, e.To, e.Kind = laneOf(s.Actor), Session, Rst
	}
	return e
}

// polled keeps account of what the poller was asked for.
func polled(asked map[sim.Actor]core.Wish, s traces.Step) {
	switch s.Call {
	case traces.CallSet, traces.CallAdd, traces.CallMod:
		if s.Err == 0 {
			asked[s.Actor] = properties.Directions(core.Events(s.Arg))
		}
	case traces.CallDel, traces.CallClose:
		delete(asked, s.Actor)
	}
}

// recordedState is what the poller was asked for on either side of a session.
func recordedState(asked map[sim.Actor]core.Wish, label int) (lines []string) {
	for _, side := range [...]struct {
		name string
		kind sim.Actor
	}{{"front", sim.Front}, {"back", sim.Back}} {
		if w, known := asked[side.kind|sim.Actor(label)]; known {
			lines = append(lines, side.name+" polled: "+w.String())
		}
	}
	return lines
}
