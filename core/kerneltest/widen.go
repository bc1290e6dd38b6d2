package kerneltest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"millrace/core"
)

// Widen returns a script with its answers made to sets: of what any kernel may
// answer whose answer to the lines before was in the set too. The answers are one
// kernel's, for which its own sizes are as good as any.
//
// A kernel may vary in nothing but the sizes of its buffers. A direction that is
// full may take some bytes all the same. When it was read from and not drained,
// nobody knows when the window opens again, unless next to nothing was read, and
// either end has news:
//
//	send                    any part, or EAGAIN
//	splice-out of too much  any part
//	recv                    any part
//	OUT of the writer       there or not, unless the socket is shut or dead
//	a line in a report      in any place from then on
//	an edge, a one shot     due or not
func (s *Script) Widen() *Script {
	w := widener{}
	wide := &Script{Name: s.Name}
	for _, l := range s.lines {
		if l.step != nil {
			step := *l.step
			step.Answer = w.widen(step)
			w.sizes.step(step)
			l.step = &step
		}
		wide.lines = append(wide.lines, l)
	}
	return wide
}

// loose is what is not certain of one connection.
type loose struct {
	full  [numKinds]bool // by who filled
	part  [numKinds]bool // and somebody has read from it
	edge  bool           // whether ours has an edge due
	shot  bool           // whether ours has its one shot left
	place bool           // of ours in a report
	owed  bool           // since its last report ours was so short of room that it must hear of it
	dead  bool           // OUT is certain for good
	want  core.Events
}

type widener struct {
	conns [maxActors + 1]loose
	sizes sizes
}

// asksNothing says that no size decides what the step does.
func (s *Step) asksNothing() bool {
	takes := verbs[s.Verb].arg
	return s.Count == naught || s.Count == 0 && (takes == count || takes == countAndMore || takes == countAndPieces)
}

// widen notes what a step does and returns the set of answers to it.
func (w *widener) widen(s Step) string {
	c := &w.conns[s.Actor.N]
	mine, theirs := s.Actor.Kind, other(s.Actor.Kind)
	if mine > Far || s.asksNothing() {
		return s.Answer
	}
	switch s.Verb {
	case Fill:
		if s.Answer == full {
			w.pause(mine, s.Actor.N)
			c.fill(mine, w.sizes.tiny[mine][s.Actor.N])
		}
	case Splice, Recv, Readv, Peek:
		part := c.part[theirs]
		if !w.sizes.slight(s) {
			c.read(theirs)
		}
		if s.Verb == Splice {
			break
		}
		if n, err := strconv.Atoi(s.Answer); part && err == nil && n > 0 {
			return "1" + span + strconv.Itoa(s.Count)
		}
	case Drain:
		w.pause(theirs, s.Actor.N)
		c.full[theirs] = c.full[theirs] && !strings.HasPrefix(s.Answer, drained)
		c.part[theirs] = c.part[theirs] && c.full[theirs]
		c.read(theirs) // in part
		if theirs == Us && c.owed && !c.unsure() {
			c.edge = false // there is one, whatever the sizes are
		}
	case Connect:
		c.dead, c.owed = false, false // it may be another one
	case ShutW, ShutRW, Close, Reset:
		c.dead = c.dead || mine == Us && s.Answer != absent
		if mine == Us && (s.Verb == Close || s.Verb == Reset) {
			c.want = 0
		}
	case Watch, Add, Mod, Del:
		if mine == Us && registered(s.Answer) {
			c.want = s.Mask
			c.shot = false
			c.owed = c.owed && c.want.Any(core.EvOut)
			c.open()
		}
	case Send, Writev:
		if s.Answer == core.EAGAIN.String() && w.sizes.slit(s) && !c.part[mine] {
			break // a sliver was read since it was filled, and nothing else
		}
		if _, err := strconv.Atoi(s.Answer); c.full[mine] && (err == nil || s.Answer == core.EAGAIN.String()) {
			return "1" + span + strconv.Itoa(s.Count) + orElse + core.EAGAIN.String()
		}
	case SpliceOut:
		if n, err := strconv.Atoi(s.Answer); err == nil && n > 0 && w.sizes.brims(s) {
			c.full[Us], c.part[Us], c.owed = true, true, c.want.Any(core.EvOut)
			c.open()
			return "1" + span + strconv.Itoa(w.sizes.pipes[s.Pipe].most)
		}
	case Poll:
		if mine == Us && s.Mask.Any(core.EvOut) {
			return c.out(s.Answer)
		}
	case Level, Edge, Oneshot:
		return w.report(s)
	}
	return s.Answer
}

// pause notes that filling or draining what a tiny buffer is in takes time: Linux's senders wait
// for probes there. Meanwhile those of other directions that are full probe too, and send what
// is left of a window.
func (w *widener) pause(writer Kind, n int) {
	if !w.sizes.tiny[writer][n] {
		return
	}
	for i := range w.conns {
		w.conns[i].read(Far)
		w.conns[i].read(Us)
	}
}

// fill notes that an end has filled its direction. It is not less uncertain than before, if
// somebody has read from it, and if a buffer is tiny it is uncertain anyway.
func (c *loose) fill(writer Kind, tiny bool) {
	c.full[writer] = true
	if tiny {
		c.read(writer)
	}
	if writer == Us {
		c.edge = c.edge && c.unsure() // the run drops the edges until now
		c.owed = false
	}
}

// read notes that something may have been read of what an end had filled.
func (c *loose) read(writer Kind) {
	c.part[writer] = c.part[writer] || c.full[writer]
	if c.full[writer] {
		c.open()
	}
}

// open notes that a window may have opened.
func (c *loose) open() {
	if c.unsure() {
		c.edge, c.shot, c.place = true, true, true
	}
}

// unsure says that a window may open at any time, and that ours would hear of it.
func (c *loose) unsure() bool {
	return c.part[Us] && c.want.Any(core.EvOut) || c.part[Far] && c.want.Any(core.EvIn)
}

// out makes OUT optional in events if it is not certain.
func (c *loose) out(events string) string {
	out := core.EvOut.String()
	names := strings.Split(events, "|")
	if !c.part[Us] || c.dead || slices.Contains(names, core.EvErr.String()) || slices.Contains(names, core.EvHup.String()) {
		return events
	}
	if events == noEvents {
		return out + perhaps
	}
	if at := slices.Index(names, out); at >= 0 {
		names[at] += perhaps
	} else {
		names = append(names, out+perhaps)
	}
	return strings.Join(names, "|")
}

// report widens what a poller reports.
func (w *widener) report(s Step) string {
	lines := reportLines(s.Answer)
	for n := range w.conns {
		c := &w.conns[n]
		if !c.place || c.want == 0 {
			continue
		}
		name, events := Actor{Us, n}.String(), noEvents
		if at := lineOf(lines, name); at >= 0 {
			_, events = splitLine(lines[at])
			lines = slices.Delete(lines, at, at+1)
		}
		switch {
		case s.Verb == Edge && c.edge, s.Verb == Oneshot && c.shot:
			events = anything
		case c.want.Any(core.EvOut) && (s.Verb == Level || events != noEvents):
			events = c.out(events)
		}
		if events != noEvents {
			lines = append(lines, anywhere+name+":"+events)
		}
		if s.Verb == Edge && s.Count == 0 {
			c.edge = c.edge && c.unsure() // all that was due has been told
			c.owed = false
		}
	}
	if len(lines) == 0 {
		return noEvents
	}
	return strings.Join(lines, " ")
}

// excludes returns the first answer that is not in the sets of a script that was
// widened, with its place; it is empty if all are.
func (s *Script) excludes(got *Script) string {
	for i, l := range s.lines {
		if l.step != nil && !allows(l.step.Answer, got.lines[i].step.Answer) {
			return fmt.Sprintf("line %d: %s", i+1, got.lines[i].step.Answer)
		}
	}
	return ""
}
