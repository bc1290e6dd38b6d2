package kerneltest

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"millrace/core"
)

// Coverage counts the behaviours of a kernel that scripts show. A behaviour is a
// call, what poll said of the descriptor before it (of a pipe, whether it holds
// anything), and what the call answered: all of what was asked, a part, nothing,
// or an error. Of a poller it is the mask that is registered, what is true, and
// what is reported of that.
type Coverage [numGroups]map[string]int

// Group is a kind of behaviours.
type Group uint8

// The groups.
const (
	GroupConnect Group = iota
	GroupAccept
	GroupRead
	GroupWrite
	GroupShut
	GroupOption
	GroupSplice
	GroupPipe
	GroupEventFD
	GroupPoll
	GroupLevel
	GroupEdge
	GroupOneshot
	GroupSleep
	numGroups
)

var groupNames = [numGroups]string{
	"connect", "accept", "read", "write", "shut and close", "options", "splice", "pipe", "eventfd", "poll", "level", "edge", "one-shot", "sleep",
}

// String names the group.
func (g Group) String() string { return groupNames[g] }

// groups says where each verb belongs, and that of a look, to which group.
var groups = [numVerbs]Group{
	Socket: GroupConnect, Connect: GroupConnect,
	Listen: GroupAccept, Dial: GroupAccept, Accept: GroupAccept,
	Recv: GroupRead, Readv: GroupRead, Peek: GroupRead, Drain: GroupRead,
	Send: GroupWrite, Writev: GroupWrite, Fill: GroupWrite, Urgent: GroupWrite,
	ShutW: GroupShut, ShutR: GroupShut, ShutRW: GroupShut, Close: GroupShut, Reset: GroupShut, Dup: GroupShut, Number: GroupShut,
	Error: GroupOption, SndBuf: GroupOption, RcvBuf: GroupOption, RcvLowat: GroupOption,
	Splice: GroupSplice, SpliceOut: GroupSplice,
	Make: GroupPipe, Take: GroupPipe, Write: GroupPipe, CloseRead: GroupPipe, CloseWrite: GroupPipe, Tee: GroupPipe,
	Poll: GroupPoll, Watch: GroupPoll, Add: GroupPoll, Mod: GroupPoll, Del: GroupPoll,
	Level: GroupLevel, Edge: GroupEdge, Oneshot: GroupOneshot, Sleep: GroupSleep, Woken: GroupSleep,
}

func groupOf(s Step) Group {
	if s.Actor.Kind == Counter && groups[s.Verb] != GroupPoll {
		return GroupEventFD
	}
	if s.Actor.Kind == Tube && (s.Verb == Readv || s.Verb == Writev) {
		return GroupPipe
	}
	return groups[s.Verb]
}

// Cover adds what a script shows. It polls before every step, which no kernel
// minds but for who waits for room, so it is for a run of its own.
func (c *Coverage) Cover(s *Script, m Machine) error {
	r := newRun(m)
	_, err := r.script(s, func(step Step) string {
		if step.Verb == Sleep || step.Verb == Woken {
			answer := r.guarded(step)
			c.add(GroupSleep, step.String()+" = "+strings.Map(unnumbered, answer))
			return answer
		}
		if step.Actor.Kind == Nobody {
			truth := r.truth()
			answer := r.guarded(step)
			if step.Count != naught {
				c.report(step.Verb, truth, answer)
			}
			return answer
		}
		state := r.state(step)
		answer := r.guarded(step)
		if answer != absent && answer != used {
			c.add(groupOf(step), fmt.Sprintf("%s: %s %s = %s", state, kindNames[step.Actor.Kind], kind(step), class(step, answer)))
		}
		return answer
	})
	return err
}

// unnumbered leaves digits out.
func unnumbered(r rune) rune {
	if r >= '0' && r <= '9' {
		return -1
	}
	return r
}

func (c *Coverage) add(g Group, behaviour string) {
	if c[g] == nil {
		c[g] = map[string]int{}
	}
	c[g][behaviour]++
}

// report adds what a poller said, and did not say, of each descriptor.
func (c *Coverage) report(poller Verb, truth map[string]string, answer string) {
	said := map[string]string{}
	for _, l := range reportLines(answer) {
		name, events := splitLine(l)
		said[name] = events
	}
	for name, is := range truth {
		events := said[name]
		if events == "" {
			events = noEvents
		}
		c.add(groups[poller], strings.TrimRight(name, "0123456789")+" "+is+" = "+events)
	}
}

// truth says of each watched descriptor what is registered, and what is true.
func (r *run) truth() map[string]string {
	all := map[string]string{}
	for _, b := range r.births {
		if reg := r.registration(b.who); reg.there && reg.key == b.key {
			all[b.who.String()] = reg.want.String() + " at " + r.ask(reg.key, reg.want)
		}
	}
	return all
}

// state is what is true of whom a step is about.
func (r *run) state(s Step) string {
	c := &r.conns[s.Actor.N]
	state := "gone"
	switch {
	case s.Actor.Kind == Tube:
		state = r.pipes[s.Actor.N].state()
	case s.Actor.Kind == Listener && r.lst != nil:
		return r.ask(r.lstReg.key, All)
	case s.Actor.Kind >= Outlet:
		if reg := r.registration(s.Actor); reg.key != 0 {
			state = r.ask(reg.key, All)
		}
	case c.us != nil:
		state = r.ask(c.reg.key, All|core.EvPri)
	}
	if s.Pipe > 0 {
		state += ", pipe " + r.pipes[s.Pipe].state()
	}
	return state
}

func (p *tubeEnd) state() string {
	return fmt.Sprintf("holds %t, closed %v", len(p.data) > 0, p.closed)
}

// kind is what a step does, without how much of it.
func kind(s Step) string {
	text := verbs[s.Verb].name
	switch verbs[s.Verb].arg {
	case targetOrOpen:
		text += " " + s.Target.String()
	case mask, maskOrAll:
		text += " " + s.Mask.String()
	}
	if s.More {
		text += " more"
	}
	return text
}

// class is what kind of answer it is.
func class(s Step, answer string) string {
	n, err := strconv.Atoi(answer)
	switch {
	case err != nil || n == 0:
		return answer
	case n == s.Count || s.Verb == SpliceOut || s.Actor.Kind == Counter:
		return "all"
	}
	return "a part"
}

// Count returns how many behaviours of a group were seen.
func (c *Coverage) Count(g Group) int { return len(c[g]) }

// Besides returns how many of a group were seen that are not in another's count.
func (c *Coverage) Besides(o *Coverage, g Group) int { return len(c.List(o, g)) }

// List returns the behaviours of a group that are not in another's count, sorted.
func (c *Coverage) List(o *Coverage, g Group) []string {
	var all []string
	for b := range c[g] {
		if o[g][b] == 0 {
			all = append(all, b)
		}
	}
	sort.Strings(all)
	return all
}

// Table prints how many behaviours of each group were seen, a line each.
func (c *Coverage) Table(indent string) string {
	var b strings.Builder
	for _, g := range Groups() {
		fmt.Fprintf(&b, "%s%-18s%d\n", indent, g, len(c[g]))
	}
	return b.String()
}

// Groups returns all groups, in their order.
func Groups() []Group {
	all := make([]Group, numGroups)
	for g := range all {
		all[g] = Group(g)
	}
	return all
}
