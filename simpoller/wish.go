package simpoller

import (
	"millrace/core"
	"millrace/simfd"
)

// wished counts a wish. Who lacks something gives his wish up for a while, and has it again
// then, with nothing reported: that is what he is to do.
func (r *reg) wished(s *simfd.Socket) {
	if s != nil && s.Lacks() {
		r.excess = max(-saved, r.excess-1)
	} else {
		r.excess++
	}
}

// Told says that all was reported of a number that is to be reported of what can be read there,
// and nothing more will be before something changes. Who is level-triggered is told again and again.
func (p *Poller) Told(num int) bool {
	if !p.edge || num >= len(p.regs) {
		return false
	}
	r := &p.regs[num]
	return r.there && r.want.Any(core.EvIn) && !r.listed && !r.spent && !r.deaf && r.kept == 0
}

// Again has a wait report a number once more, as if something had changed there.
func (p *Poller) Again(num int) {
	p.enlist(int32(num))
	p.Asleep = false
	p.Wake()
}

// Lines is how often a number was reported in this life of it.
func (p *Poller) Lines(num int) int {
	if num >= len(p.regs) {
		return 0
	}
	return p.regs[num].lines
}

// Refused says that the last wish for a number was refused: of what it was to be told it is not.
func (p *Poller) Refused(num int) bool { return num < len(p.regs) && p.regs[num].deaf }

const (
	// granted is how many wishes need no report: to be told of either direction.
	granted = 2
	// saved is how many reports are remembered: enough for these two, and a farewell before them.
	saved = 3
)

// Excess returns by how much the wishes for a number, in this life of it, are more than its
// reports and those that need none. It is 0 or less for a program that waits for either
// direction, and gives that up only for reports that it has no use for.
func (p *Poller) Excess(num int) int {
	if num >= len(p.regs) {
		return -granted
	}
	return int(p.regs[num].excess) - granted
}
