package simpoller

import (
	"millrace/core"
	"millrace/sim"
)

var _ core.Registrar = (*Poller)(nil)

// Add implements core.Registrar.
func (p *Poller) Add(key core.Key, want core.Events) core.Errno {
	return p.control(key, want, false, core.EEXIST)
}

// Mod implements core.Registrar.
func (p *Poller) Mod(key core.Key, want core.Events) core.Errno {
	return p.control(key, want, true, core.ENOENT)
}

// Del implements core.Registrar.
func (p *Poller) Del(key core.Key) core.Errno {
	num := key.Num()
	switch {
	case !p.k.IsOpen(num):
		return core.EBADF
	case !p.reg(num).there:
		return core.ENOENT
	}
	p.register(key, 0, false)
	return 0
}

// control registers what must have been registered before, or must not.
func (p *Poller) control(key core.Key, want core.Events, there bool, otherwise core.Errno) core.Errno {
	num := key.Num()
	if !p.k.IsOpen(num) {
		return core.EBADF
	}
	r := p.reg(num)
	switch {
	case want.Any(core.EvExclusive) && p.unfit(want, there):
		return core.EINVAL
	case r.there != there:
		return otherwise
	case r.exclusive():
		return core.EINVAL
	case p.k.Agent(num).Choose(sim.OpSetFail, 2) != 0:
		return core.ENOMEM
	}
	p.register(key, want, true)
	return 0
}

// reg returns the place of a number, for a call that registers.
func (p *Poller) reg(num int) *reg {
	p.Stats.Sets++
	p.k.Touched.Add(num)
	return p.grow(num)
}

// grow returns the place of a number.
func (p *Poller) grow(num int) *reg {
	for num >= len(p.regs) {
		p.regs = append(p.regs, reg{})
	}
	return &p.regs[num]
}

// register takes note of a wish, and of what is true already.
func (p *Poller) register(key core.Key, want core.Events, there bool) {
	num := key.Num()
	p.w.Note(uint64(key)<<16 ^ uint64(want))
	r := &p.regs[num]
	if !r.there {
		p.made++
		r.since = p.made
	}
	r.key, r.there, r.want, r.kept, r.spent = key, there, want, 0, false
	if !there {
		p.delist(int32(num))
	} else if p.mask(int32(num)) != 0 {
		p.enlist(int32(num))
	}
}
