package traces

import "millrace/core"

// What tests of another package see of this one.

type Halt = halt

// PlayedPoller and PlayedDialer are a player as its program sees it.
func PlayedPoller(p *Player) core.Poller { return playPoller{p} }
func PlayedDialer(p *Player) core.Dialer { return playDialer{p} }

// Rewind has a player play a trace of another program from its beginning.
func (p *Player) Rewind(t *Trace, r Running) { p.t, p.pos, p.run = t, 0, r }

// Add writes down a step.
func (r *Recorder) Add(s Step) { r.add(s) }

// own is a setting of the proxy's, by its name.
func own(name string) Param {
	n, s := Lookup(DefaultProgram).find(name)
	if s == nil {
		panic(name)
	}
	return n
}
