package streamif

import "millrace/core"

// acceptPause is how long a proxy that ran out of descriptors or memory waits
// before it tries to accept again.
const acceptPause = 100 * core.Millisecond

// listener takes connections for a proxy.
type listener struct {
	p    *Proxy
	l    core.Listener
	desc *core.Desc
	task core.Task
	why  core.Errno // what stopped it; 0 = the connection limit
	off  bool       // stopped for now
	told bool       // and the observer knows
}

// Listen makes the proxy accept from l, which is the proxy's from now on.
func (p *Proxy) Listen(l core.Listener) {
	core.BugOn(p.lst.l != nil, "I56", "listener", "listening twice")
	p.lst = listener{p: p, l: l}
	p.lst.desc = p.loop.Table.Insert(l.Num(), &p.lst, 0)
	p.loop.Bind(&p.lst.task, &p.lst)
	p.lst.desc.Want(core.R)
}

// Listening says whether there is a listener, accepting or not.
func (p *Proxy) Listening() bool { return p.lst.l != nil }

// Stop accepts who is waiting already, up to the connection limit, and closes the
// listener. Sessions go on to their end.
func (p *Proxy) Stop() {
	if p.lst.l == nil {
		return
	}
	// Those in the queue are connected as far as they know: closing the
	// listener resets them.
	p.lst.desc.May(core.R)
	for !p.lst.off && p.lst.desc.Ready().Any(core.R) {
		p.lst.Turn()
	}
	p.loop.Drop(&p.lst.task)
	p.loop.Table.Remove(p.lst.desc)
	p.lst.l.Close()
	p.pipes.close()
	p.lst = listener{}
}

// Turn accepts a batch.
func (l *listener) Turn() {
	for range l.p.cfg.MaxAccept {
		if full, why := l.p.full(); full {
			l.pause(why)
			return
		}
		fd, peer, e := l.l.Accept()
		switch {
		case e == 0:
			if l.told && l.why != 0 {
				l.tell(true)
			}
			if l.p.greedy(peer) {
				fd.Close(true) // before anything is made for it
				l.p.refused(peer.Addr)
				continue
			}
			l.p.open(fd, peer)
		case e == core.EAGAIN:
			l.desc.Cant(core.R)
			return
		case e == core.EINTR || e.Passed():
			l.p.Stats.Refusals++ // that one is gone; the next may be there
		default:
			l.p.Stats.Refusals++
			l.pause(e)
			return
		}
	}
}

// full says whether a limit is reached, and which.
func (p *Proxy) full() (full bool, why core.Errno) {
	switch {
	case p.live >= p.cfg.MaxConn:
		return true, 0
	case p.cfg.MaxHandshakes > 0 && p.greets >= p.cfg.MaxHandshakes:
		return true, core.EBUSY
	}
	return false, 0
}

// greedy says that who connects from an address has his share already. Of who speaks for
// others that is not known yet.
func (p *Proxy) greedy(c core.Peer) bool {
	most := p.cfg.MaxPerClient
	return most > 0 && !p.believes(c.Addr) && p.judged(c.Label, p.shares.of(c.Addr) >= most)
}

// judged is whether a client has his share, as the count says, or who knows better.
func (p *Proxy) judged(label uint32, full bool) bool {
	if p.cfg.Judge != nil {
		full = p.cfg.Judge.Full(label, full)
	}
	return full
}

// limit says that it was one of ours that stopped accepting, and not an error.
func limit(why core.Errno) bool { return why == 0 || why == core.EBUSY }

// pause stops accepting: until a session ends if the connection limit is the
// reason, and for a moment if the machine is.
func (l *listener) pause(why core.Errno) {
	l.desc.Stop(core.R)
	l.off, l.why = true, why
	if !limit(why) {
		l.p.loop.SetTimer(&l.task, l.p.loop.Now()+acceptPause)
	}
	if !l.told {
		l.tell(false)
	}
}

// resume accepts again when a session has ended.
func (l *listener) resume() {
	if l.l == nil || !l.off || l.why != 0 && l.task.Deadline() != 0 {
		return
	}
	if l.why == core.EBUSY && l.p.greets > l.p.cfg.MaxHandshakes*7/8 {
		return // not for each one that ends
	}
	l.off = false
	if limit(l.why) {
		l.tell(true)
	}
	l.desc.Want(core.R)
}

// Run ends the pause after an error. Whether it is over only accept() can tell,
// so the observer hears of it when that succeeds.
func (l *listener) Run(bool) { l.resume() }

func (l *listener) tell(on bool) {
	l.told = !on
	if l.p.obs != nil {
		l.p.obs.Accepting(on, l.why)
	}
}
