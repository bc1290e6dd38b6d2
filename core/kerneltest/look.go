package kerneltest

import (
	"fmt"
	"strings"

	"millrace/core"
)

// registration is a descriptor's place in the pollers of a run.
type registration struct {
	key   core.Key
	there bool
	want  core.Events
}

// past is a deadline that keeps Wait from sleeping.
const past core.Time = 1

// MaxLines bounds a report: more than a script has descriptors.
const MaxLines = 5 * maxActors

// look is a step that changes nothing in the network.
func (r *run) look(s Step) string {
	reg := r.registration(s.Actor)
	switch {
	case reg.key == 0:
		return absent
	case s.Verb == Number:
		return r.number(reg.key)
	case s.Verb == Watch:
		return r.watch(reg, s.Mask)
	case s.Verb == Add || s.Verb == Mod || s.Verb == Del:
		return r.register(reg, s.Verb, s.Mask)
	}
	return r.ask(reg.key, s.Mask)
}

// registration is an actor's place in the pollers, without a key if it is not open.
func (r *run) registration(a Actor) *registration {
	switch a.Kind {
	case Listener:
		return &r.lstReg
	case Outlet:
		return &r.pipes[a.N].regs[0]
	case Inlet:
		return &r.pipes[a.N].regs[1]
	case Counter:
		return &r.counters[a.N].reg
	case Twin:
		return &r.conns[a.N].twinReg
	}
	return &r.conns[a.N].reg
}

// number names the first socket that had the same number.
func (r *run) number(key core.Key) string {
	for _, b := range r.births {
		if b.key == key {
			break
		}
		if b.key.Num() == key.Num() && (b.who.Kind <= Listener || b.who.Kind == Twin) {
			return b.who.String()
		}
	}
	return "new"
}

// watch changes the wish in all pollers.
func (r *run) watch(reg *registration, want core.Events) string {
	exclusive := (want | reg.want).Any(core.EvExclusive) // which not all pollers take
	switch {
	case want == 0 && !reg.there:
		return absent
	case want == 0 && (reg.want == 0 || exclusive):
		return r.register(reg, Del, 0)
	case reg.there && (reg.want == 0 || exclusive):
		return r.register(reg, Mod, want)
	case exclusive:
		return r.register(reg, Add, want)
	}
	for _, p := range r.pollers {
		if e := p.Set(reg.key, reg.want, want); e != 0 {
			return e.String()
		}
	}
	reg.there, reg.want = want != 0, want
	return core.Errno(0).String()
}

// register makes one of the calls of a Registrar with all pollers, which know the same: if
// they do not, the answer says that.
func (r *run) register(reg *registration, how Verb, want core.Events) string {
	var said [len(r.pollers)]core.Errno
	for i, p := range r.pollers {
		switch how {
		case Add:
			said[i] = p.Add(reg.key, want)
		case Mod:
			said[i] = p.Mod(reg.key, want)
		case Del:
			said[i], want = p.Del(reg.key), 0
		}
	}
	if said[0] == 0 {
		reg.there, reg.want = how != Del, want
	}
	if said[1] != said[0] || said[2] != said[0] {
		return fmt.Sprint(differently, said)
	}
	return said[0].String()
}

// differently is how an answer begins that is not the same of all pollers.
const differently = "differently "

var ok = core.Errno(0).String()

// registered says that the answer of a call was that there is a registration now, or a
// wish, of the first poller at least.
func registered(answer string) bool {
	return answer == ok || strings.HasPrefix(answer, differently+"["+ok+" ")
}

// ask polls one descriptor, which leaves no trace in any poller.
func (r *run) ask(key core.Key, want core.Events) string {
	if e := r.probe.Set(key, 0, want); e != 0 {
		return e.String()
	}
	var ready [1]core.Ready
	n, e := wait(r.probe, ready[:])
	if gone := r.probe.Set(key, want, 0); e == 0 {
		e = gone
	}
	switch {
	case e != 0:
		return e.String()
	case n == 0:
		return core.Events(0).String()
	}
	return ready[0].Events.String()
}

// report prints what a poller reports, in its order, and no more than limit
// lines if that is not 0.
func (r *run) report(p core.Poller, limit int) string {
	var ready [MaxLines]core.Ready
	if limit == 0 || limit > MaxLines {
		limit = MaxLines
	}
	n, e := wait(p, ready[:max(0, limit)])
	if e != 0 {
		return e.String()
	}
	return r.print(ready[:n])
}

// print prints the lines of a report.
func (r *run) print(ready []core.Ready) string {
	if len(ready) == 0 {
		return core.Events(0).String()
	}
	var b strings.Builder
	for _, line := range ready {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(r.name(line.Key) + ":" + line.Events.String())
	}
	return b.String()
}

// sleep has somebody sleep in either of two pollers, or only looks who does so no longer.
func (r *run) sleep(s Step) string {
	var woken []string
	for i, p := range r.sleepers {
		if s.Verb == Sleep {
			p.Sleep()
		}
		if lines, over := p.Woken(); over {
			woken = append(woken, Step{Verb: Level + Verb(i)}.String()+" "+r.print(lines))
		}
	}
	if woken == nil {
		return core.Events(0).String()
	}
	return strings.Join(woken, ", ")
}

// name returns whose life a key is of.
func (r *run) name(key core.Key) string {
	for _, b := range r.births {
		if b.key == key {
			return b.who.String()
		}
	}
	return "stranger"
}

// wait asks without sleeping.
func wait(p core.Poller, ready []core.Ready) (int, core.Errno) {
	for {
		if n, _, e := p.Wait(ready, past); e != core.EINTR {
			return n, e
		}
	}
}
