package simpoller

import (
	"cmp"
	"slices"

	"millrace/core"
	"millrace/sim"
	"millrace/simfd"
)

// A registration is of a socket and of the number that it was made with. If that is given
// back while the socket has another one, nobody can name the registration any more, and it
// is reported as before: an orphan.

// at is the registration of a number, or an orphan.
func (p *Poller) at(num int32) *reg {
	if num < 0 {
		return &p.orphans[-1-num]
	}
	return &p.regs[num]
}

// socket is what a registration is of, nil if that is no socket.
func (p *Poller) socket(num int32) *simfd.Socket {
	if num < 0 {
		return p.at(num).sock
	}
	return p.k.FD(int(num))
}

// ask is what the kernel says.
func (p *Poller) ask(num int32) core.Events {
	if num < 0 {
		return p.at(num).sock.Poll()
	}
	return p.k.Poll(int(num))
}

// chooser is the actor that chooses what happens to a line.
func (p *Poller) chooser(num int32) *sim.Agent {
	if num < 0 {
		return p.at(num).sock.Agent()
	}
	return p.k.Agent(int(num))
}

// invented says that something was reported and made up.
func (p *Poller) invented(num int32, ev core.Events) {
	if s := p.socket(num); s != nil {
		s.Invented(ev)
	}
}

// Parted implements simfd.Watcher.
func (p *Poller) Parted(num int) {
	if num >= len(p.regs) || !p.regs[num].there {
		return
	}
	at := slices.IndexFunc(p.orphans, func(r reg) bool { return !r.there })
	if at < 0 {
		at = len(p.orphans)
		p.orphans = append(p.orphans, reg{})
	}
	p.orphans[at] = p.regs[num]
	p.orphans[at].sock = p.k.FD(num)
	p.regs[num] = reg{}
	p.rename(int32(num), int32(-1-at))
}

// Joined implements simfd.Watcher: an orphan that had this number is found again.
func (p *Poller) Joined(num int) {
	for i := range p.orphans {
		if r := &p.orphans[i]; r.there && r.sock == p.k.FD(num) && r.key.Num() == num {
			it := p.grow(num)
			*it = *r
			it.sock = nil
			*r = reg{}
			p.rename(int32(-1-i), int32(num))
		}
	}
}

// rename gives what is listed another number, in its place.
func (p *Poller) rename(from, to int32) {
	if i := slices.Index(p.list, from); i >= 0 {
		p.list[i] = to
	}
}

// bury forgets the orphans of a socket that is closed.
func (p *Poller) bury(s *simfd.Socket) {
	for i := range p.orphans {
		if p.orphans[i].sock == s {
			p.delist(int32(-1 - i))
			p.orphans[i] = reg{}
		}
	}
}

// turn is greater for who is woken earlier.
func (p *Poller) turn(num int32) int64 {
	r := p.at(num)
	if r.exclusive() {
		return -int64(r.since)
	}
	return int64(r.since)
}

// numbers are the registrations of what has several numbers. Whoever was registered last is
// woken first, and who is exclusive is so after all others, and in turn.
func (p *Poller) numbers(s *simfd.Socket) []int32 {
	var all []int32
	for _, num := range s.Numbers() {
		if int(num) < len(p.regs) {
			all = append(all, num)
		}
	}
	for i := range p.orphans {
		if p.orphans[i].sock == s {
			all = append(all, int32(-1-i))
		}
	}
	slices.SortFunc(all, func(a, b int32) int { return cmp.Compare(p.turn(b), p.turn(a)) })
	return all
}
