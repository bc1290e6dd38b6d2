package properties

import (
	"cmp"
	"slices"

	"millrace/sim"
	"millrace/traces"
)

// Bytes as decisions: each four of them are one, keyed like all others, so that who changes,
// adds or removes some leaves the rest of the world's decisions what they were.
//
//	site   what is decided, and by what kind of actor: a place in the alphabet
//	who    the session, of those that there are
//	ord    how often it asked for that before: less than 16 times in half of the values
//	value  from 0 for the least on; a hundred large ones are the largest there is
const decisionBytes = 4

// maxDecisions is how many a world of bytes has: hundreds of pauses of minutes each would
// be longer than any world may last.
const maxDecisions = 64

// site is what a kind of actor is asked.
type site struct {
	kind sim.Actor
	op   sim.Op
}

// alphabet lists all that is asked in worlds of a program, or nearly: what comes up in a
// few hundred that are drawn. It is the same in all processes of one build.
func (p *Program) alphabet() (list []site) {
	const worlds = 300
	w, asked := NewWorld(p), []sim.Question(nil)
	for seed := range uint64(worlds) {
		t, src := p.Generate(seed)
		asked = asked[:0]
		w.Run(t, src, Options{Survey: &asked})
		for _, q := range asked {
			s := site{q.Actor.Kind(), q.Op}
			if at, known := slices.BinarySearchFunc(list, s, site.compare); !known && p.Met(q.Op) {
				list = slices.Insert(list, at, s)
			}
		}
	}
	return list
}

func (s site) compare(o site) int {
	return cmp.Or(cmp.Compare(s.kind, o.kind), cmp.Compare(s.op, o.op))
}

// ofSession says whether there is one of such actors for each session, and not one for all.
func (s site) ofSession() bool {
	switch s.kind {
	case sim.Worker, sim.PollerOf, sim.Listener:
		return false
	}
	return true
}

// Bytes below many are ordinals below few: most of what breaks does so soon.
const (
	few  = 16
	many = 128
)

// large is the first byte of a value that stands for as many as possible.
const large = 160

// decode returns the decisions that bytes are in a scenario. Those that it cannot stand
// are none.
func (p *Program) decode(alphabet []site, t *traces.Trace, b []byte) (list []sim.Decision) {
	may := p.may(t)
	for b = b[:min(len(b), maxDecisions*decisionBytes)]; len(b) >= decisionBytes && len(alphabet) > 0 && len(t.Sessions) > 0; b = b[decisionBytes:] {
		s := alphabet[int(b[0])%len(alphabet)]
		if may[s.op] == 0 {
			continue
		}
		d := sim.Decision{Actor: s.kind, Op: s.op, Ord: uint32(b[2])}
		if s.ofSession() {
			d.Actor |= sim.Actor(int(b[1]) % len(t.Sessions))
		}
		if d.Ord %= few; b[2] >= many {
			d.Ord = few + uint32(b[2]-many)
		}
		switch {
		case s.op.Victim():
			kinds := [...]sim.Actor{sim.Front, sim.Back, sim.Listener, sim.Front}
			d.Val = int(kinds[b[3]>>6] | sim.Actor(b[3]&63))
		case s.op.ValueName(1) != "":
			d.Val = 1 + int(b[3])%named(s.op)
		case b[3] >= large:
			d.Val = tooMany
		default:
			d.Val = 1 + int(b[3])
		}
		list = append(list, d)
	}
	return list
}

// tooMany is more than any choice has values.
const tooMany = 1 << 30

// named is how many values of an op have names.
func named(op sim.Op) (n int) {
	for op.ValueName(n+1) != "" {
		n++
	}
	return n
}

// encode is the inverse of decode, but for what four bytes cannot say.
func encode(alphabet []site, list []sim.Decision) (b []byte) {
	for _, d := range list {
		at, known := slices.BinarySearchFunc(alphabet, site{d.Actor.Kind(), d.Op}, site.compare)
		ord := d.Ord
		if ord >= few {
			ord += many - few
		}
		if !known || at > 255 || d.Actor.Num() > 255 || ord > 255 || len(b) == maxDecisions*decisionBytes {
			continue
		}
		value := byte(min(d.Val-1, large-1))
		if victim := sim.Actor(d.Val); d.Op.Victim() {
			value = byte(victim.Num() & 63)
			switch victim.Kind() {
			case sim.Back:
				value |= 1 << 6
			case sim.Listener:
				value |= 2 << 6
			}
		}
		b = append(b, byte(at), byte(d.Actor.Num()), byte(ord), value)
	}
	return b
}
