package core

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// idle is an owner whose turns do nothing.
type idle struct{}

func (idle) Turn() {}

type verb struct {
	name string
	do   func(*Desc, Wish)
}

// verbs are the five ways to move a descriptor.
var verbs = []verb{
	{"want", (*Desc).Want},
	{"stop", (*Desc).Stop},
	{"poll", (*Desc).Poll},
	{"cant", (*Desc).Cant},
	{"may", (*Desc).May},
}

// do runs verbs such as "want R" in turn, and "flush".
func do(d *Desc, script string) {
	for line := range strings.SplitSeq(script, ", ") {
		if line == "flush" {
			d.tab.flush()
			continue
		}
		name, dir, _ := strings.Cut(line, " ")
		w, ok := ParseFlags(dir, wishNames)
		i := slices.IndexFunc(verbs, func(v verb) bool { return v.name == name })
		BugOn(i < 0 || !ok, "test", "fake", "no such verb: "+line)
		verbs[i].do(d, Wish(w))
	}
}

// put brings a fresh descriptor into a state by way of its verbs. registered
// says that it was polled for these directions before.
func put(d *Desc, active, ready, registered Wish) {
	if registered != 0 {
		d.Poll(registered)
		d.tab.flush()
	}
	d.Stop(RW &^ active)
	d.Want(active)
	d.Cant(RW &^ ready)
	d.May(ready)
	d.tab.flush()
}

// books prints what the table knows of a descriptor.
func books(d *Desc) string {
	queued := "-"
	if d.runPos >= 0 {
		queued = "queued"
	}
	return fmt.Sprintf("active %v, ready %v, %s, polled %v", d.active, d.ready, queued, d.polled)
}

func TestVerbsMoveADescriptorAsTheTableSays(t *testing.T) {
	var b strings.Builder
	b.WriteString("# verb: what it and the flush behind it make of a descriptor in that state\n")
	for _, edge := range []bool{false, true} {
		for _, dir := range []Wish{R, W} {
			fmt.Fprintf(&b, "\nedge %v, direction %v\n", edge, dir)
			verbTable(t, &b, edge, dir)
		}
	}
	golden(t, "verbs.txt", b.String())
}

// verbTable prints one direction's states and what each verb does in them.
func verbTable(t *testing.T, b *strings.Builder, edge bool, dir Wish) {
	last := ""
	for i := range 8 {
		fresh := func(log *transcript) (*Loop, *Desc) {
			loop, poller := newFakeLoop(edge, nil)
			d := loop.Table.Insert(3, idle{}, 0)
			put(d, dir*Wish(i>>2), dir*Wish(i>>1&1), dir*Wish(i&1))
			poller.log = log
			return loop, d
		}
		_, d := fresh(nil)
		if books(d) == last {
			continue // a level poller has forgotten what is not wanted
		}
		last = books(d)
		fmt.Fprintln(b, last)
		for _, v := range verbs {
			log := &transcript{}
			loop, d := fresh(log)
			v.do(d, dir)
			loop.Table.flush()
			require.Empty(t, loop.Table.Audit())
			line := fmt.Sprintf("  %-6s%-58s%s", v.name, books(d), log.take())
			fmt.Fprintln(b, strings.TrimRight(line, " \n"))
		}
	}
}

func TestAVerbLeavesTheOtherDirectionAlone(t *testing.T) {
	bothModes(t, func(t *testing.T, edge bool) {
		for i := range 16 {
			for _, v := range verbs {
				loop, _ := newFakeLoop(edge, nil)
				both := loop.Table.Insert(3, idle{}, 0)
				each := loop.Table.Insert(4, idle{}, 0)
				put(both, Wish(i)&RW, Wish(i>>2), 0)
				put(each, Wish(i)&RW, Wish(i>>2), 0)
				was := books(each)
				v.do(both, RW)
				v.do(each, R)
				require.Equal(t, Wish(i)&W, each.active&W, "%s R from %s", v.name, was)
				require.Equal(t, Wish(i>>2)&W, each.ready&W, "%s R from %s", v.name, was)
				v.do(each, W)
				loop.Table.flush()
				require.Equal(t, books(both), books(each), "%s from %s", v.name, was)
			}
		}
	})
}

func TestStopAndWantBetweenFlushesCostsNoCall(t *testing.T) {
	starts := []string{
		"want R",
		"want RW",
		"poll R",
		"poll RW",
		"poll R, flush, may R",
		"poll R, flush, may R, stop W",
		"may RW, want R",
		"may RW, want RW",
	}
	detours := []string{
		"stop R, want R",
		"stop RW, want R",
		"stop R, want R, stop R, want R",
		"want R, want R, want R",
	}
	bothModes(t, func(t *testing.T, edge bool) {
		for _, start := range starts {
			for _, detour := range detours {
				log := &transcript{}
				loop, _ := newFakeLoop(edge, log)
				d := loop.Table.Insert(3, idle{}, 0)
				do(d, strings.ReplaceAll(start, "RW", "R|W")+", flush")
				was := d.Active()
				log.take()
				before := books(d)
				do(d, strings.ReplaceAll(detour, "RW", "R|W"))
				d.Want(was)
				loop.Table.flush()
				require.Empty(t, log.take(), "%s; %s", start, detour)
				require.Equal(t, before, books(d), "%s; %s", start, detour)
			}
		}
	})
}

func TestWantAndStopBetweenFlushesCostsNoCall(t *testing.T) {
	bothModes(t, func(t *testing.T, edge bool) {
		log := &transcript{}
		loop, _ := newFakeLoop(edge, log)
		d := loop.Table.Insert(3, idle{}, 0)
		do(d, "want R|W, stop R|W, poll R, stop R, flush")
		require.Empty(t, log.take())
		require.Equal(t, "active -, ready -, -, polled -", books(d))
	})
}

// drawVerbs makes a descriptor go through random verbs, reports and flushes,
// and calls check after each flush.
func drawVerbs(t *rapid.T, edge bool, check func(d *Desc, log *transcript)) {
	log := &transcript{}
	loop, _ := newFakeLoop(edge, log)
	dirs := rapid.SampledFrom([]Wish{R, W, RW})
	d := loop.Table.Insert(3, idle{}, dirs.Draw(t, "ready"))
	for range rapid.IntRange(1, 30).Draw(t, "steps") {
		i := rapid.IntRange(0, len(verbs)+1).Draw(t, "verb")
		switch {
		case i < len(verbs):
			verbs[i].do(d, dirs.Draw(t, "dir"))
		case i == len(verbs):
			ev := rapid.SampledFrom([]Events{EvIn, EvOut, EvIn | EvOut, EvErr, EvHup | EvIn, EvRdHup}).Draw(t, "events")
			loop.Table.report(Ready{Key: d.Key(), Events: ev})
		default:
			loop.Table.dispatch()
			loop.Table.flush()
			check(d, log)
		}
		require.Empty(t, loop.Table.Audit())
	}
}

// TestEdgeRegistersMoreOrLeavesAlone: at most two calls, and at most three more for
// each time that a descriptor was left alone, which takes reports nobody wants.
func TestEdgeRegistersMoreOrLeavesAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var was Events
		calls, alone := 0, 0
		drawVerbs(t, true, func(d *Desc, log *transcript) {
			want := ""
			switch now := d.polled; {
			case now == was:
			case now == 0:
				require.Zero(t, d.active, "left alone and wanted")
				require.Equal(t, uint8(idleMost), d.idle, "left alone too soon")
				alone++
				fallthrough
			default:
				require.True(t, now == 0 || now&was == was, "registered for less: %v -> %v", was, now)
				want = fmt.Sprintf("poller set fd3 %v -> %v\n", was, now)
				calls++
			}
			was = d.polled
			require.Equal(t, want, log.take())
			require.LessOrEqual(t, calls, 2+3*alone)
			if wait := d.active &^ d.ready; wait != 0 {
				require.True(t, d.polled.Any(EvIn), "waits and is not registered")
				require.True(t, !wait.Any(W) || d.polled.Any(EvOut), "waits to write and is not registered for it")
			}
		})
	})
}

func TestLevelLeavesThePollerWhenNothingIsWanted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		drawVerbs(t, false, func(d *Desc, log *transcript) {
			var polled Wish
			if d.polled.Any(EvIn) {
				polled |= R
			}
			if d.polled.Any(EvOut) {
				polled |= W
			}
			require.Zero(t, polled&^d.active, "polled and not wanted: "+books(d))
			require.Zero(t, d.active&^d.ready&^polled, "waited for and not polled: "+books(d))
			require.Equal(t, d.polled.Any(EvIn), d.polled.Any(EvRdHup))
			log.take()
		})
	})
}

func TestLevelStaysRegisteredOverABurst(t *testing.T) {
	log := &transcript{}
	loop, _ := newFakeLoop(false, log)
	d := loop.Table.Insert(3, idle{}, 0)
	do(d, "poll R, flush")
	require.Equal(t, "poller set fd3 - -> IN|RDHUP\n", log.take())
	for range 5 {
		loop.Table.report(Ready{Key: d.Key(), Events: EvIn})
		do(d, "flush, cant R, flush")
	}
	require.Empty(t, log.take(), "leaving and coming back costs two calls per burst")
	do(d, "want W, flush, may W, flush, stop W, flush, stop R, flush")
	require.Equal(t, text(
		"poller set fd3 IN|RDHUP -> IN|OUT|RDHUP",
		"poller set fd3 IN|OUT|RDHUP -> IN|RDHUP",
		"poller set fd3 IN|RDHUP -> -"), log.take())
}

// TestEdgeLeavesAloneWhatNobodyWants: a descriptor whose reader has no room is
// reported with every segment. Report after report that nobody wants ends that,
// until somebody has to wait.
func TestEdgeLeavesAloneWhatNobodyWants(t *testing.T) {
	log := &transcript{}
	loop, _ := newFakeLoop(true, log)
	d := loop.Table.Insert(3, idle{}, 0)
	do(d, "poll R, flush")
	require.Equal(t, "poller set fd3 - -> IN|PRI|RDHUP\n", log.take())
	report := func(times int) {
		for range times {
			loop.Table.report(Ready{Key: d.Key(), Events: EvIn})
			do(d, "flush")
		}
	}
	do(d, "stop R, flush")
	report(idleMost - 1)
	do(d, "want R, flush")
	report(1)
	do(d, "stop R, flush")
	report(idleMost - 1)
	require.Empty(t, log.take(), "one that was wanted in between, or a few, are put up with")
	report(1)
	require.Equal(t, "poller set fd3 IN|PRI|RDHUP -> -\n", log.take())
	do(d, "want R, flush")
	require.Empty(t, log.take(), "what was reported is still to be had")
	require.Equal(t, R, d.Ready())
	do(d, "cant R, flush")
	require.Equal(t, "poller set fd3 - -> IN|PRI|RDHUP\n", log.take())
}

// text joins lines as a transcript does.
func text(lines ...string) string { return strings.Join(lines, "\n") + "\n" }

func TestAuditFindsBooksThatDoNotAgree(t *testing.T) {
	for _, c := range []struct {
		want  string
		spoil func(tab *Table, d *Desc)
	}{
		{"", func(*Table, *Desc) {}},
		{"a descriptor stands in the run list where it should not", func(_ *Table, d *Desc) { d.runPos++ }},
		{"a descriptor stands in the run list where it should not", func(_ *Table, d *Desc) { d.owner = nil }},
		{"the count of waiting descriptors is wrong", func(tab *Table, _ *Desc) { tab.pending++ }},
		{"a descriptor stands in the update list where it should not", func(_ *Table, d *Desc) { d.updPos = -1 }},
		{"more descriptors wait than are open", func(tab *Table, _ *Desc) { tab.open = 0 }},
	} {
		loop, _ := newFakeLoop(true, nil)
		d := loop.Table.Insert(3, idle{}, RW)
		d.Want(R)
		c.spoil(&loop.Table, d)
		require.Equal(t, c.want, loop.Table.Audit())
	}
}
