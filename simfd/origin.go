package simfd

import (
	"millrace/core"
	"millrace/sim"
)

// origin is a server as a whole, with a life of its own: it is not there for some
// time, whoever asks. Connections that it has go on.
type origin struct {
	agent sim.Agent
	life  int
	until sim.Time
}

// Lives of servers end; what follows is drawn when somebody asks again.
const (
	shortLife = 1500 * sim.Millisecond
	longLife  = 20 * sim.Second
)

// life returns what server number n is now: 0 if it is there, as the program itself is.
func (k *Kernel) life(n int) int {
	switch {
	case n == core.Self:
		return 0
	case k.params.Deserted:
		return sim.LifeRefusing
	}
	for i := len(k.origins); i <= n; i++ {
		k.origins = append(k.origins, origin{})
		k.origins[i].agent.Init(sim.Origin|sim.Actor(i), &k.w.Choices)
	}
	o := &k.origins[n]
	if k.w.Now() >= o.until {
		o.life = o.agent.Choose(sim.OpServerLife, sim.NumLife)
		switch o.life {
		case sim.LifeRefusing, sim.LifeSilent:
			o.until = k.w.Now() + shortLife
		case sim.LifeRefusingLong, sim.LifeSilentLong:
			o.until = k.w.Now() + longLife
		}
	}
	return o.life
}
