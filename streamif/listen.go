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
		if len(l.p.live) >= l.p.cfg.MaxConn {
			l.pause(0)
			return
		}
		fd, peer, e := l.l.Accept()
		switch {
		case e == 0:
			if l.told && l.why != 0 {
				l.tell(true)
			}
			l.p.open(fd, peer)
		case e == core.EAGAIN:
			l.desc.Cant(core.R)
			return
		case e == core.EINTR || e == core.ECONNABORTED:
			l.p.Stats.Refusals++ // that one is gone; the next may be there
		default:
			l.p.Stats.Refusals++
			l.pause(e)
			return
		}
	}
}

// pause stops accepting: until a session ends if the connection limit is the
// reason, and for a moment if the machine is.
func (l *listener) pause(why core.Errno) {
	l.desc.Stop(core.R)
	l.off, l.why = true, why
	if why != 0 {
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
	l.off = false
	if l.why == 0 {
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
