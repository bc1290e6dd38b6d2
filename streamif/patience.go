package streamif

import "millrace/core"

// patience lets a direction that moves bulk through a pipe sleep until there is much to
// move: fewer and larger turns, which is half of what bulk costs.
//
//	bulk, at a rate                     much came without a quiet moment
//	a mark (SO_RCVLOWAT)                some 4 ms worth: less is not reported
//	the mark is taken back              as soon as nothing was moved for 5 ms
//
// What is less than the mark is not reported: the last bytes of an answer, a slow
// sender's. So a mark never stands without a deadline, and whoever had to be taken back
// before it paid must move twice as much before the next. The end of the stream, errors and a full
// buffer are reported at once.
type patience struct {
	run   int64     // bytes moved since the last quiet moment, or since the mark was set
	since core.Time // when that was
	last  core.Time // when bytes were moved
	mark  int32     // how many bytes are waited for; 0 = any
	shy   uint8     // how many times twice as much
}

const (
	// quiet is how long after the last bytes a mark is taken back.
	quiet = 5 * core.Millisecond
	// worth is the time in which the bytes come that are waited for: less than quiet, or
	// every mark would be taken back.
	worth = 4 * core.Millisecond
	// earnest is how many times the largest mark must have been moved before one is set, and
	// idle the part of it below which one is of no use.
	earnest = 4
	idle    = 8
	// shyest bounds shy.
	shyest = 10
)

// patience returns the direction's, nil as long as neither had a pipe.
func (ch *Channel) patience() *patience {
	if d := ch.duct(); d != nil {
		return &d.patience
	}
	return nil
}

// deadline is when the mark is to be taken back, 0 if there is none.
func (p *patience) deadline() core.Time {
	if p == nil || p.mark == 0 {
		return 0
	}
	return p.last + quiet
}

// over says that it is time.
func (p *patience) over(now core.Time) bool { return p != nil && p.mark != 0 && p.deadline() <= now }

// price is how much must be moved before a mark is set, and after that for it to have paid.
func (ch *Channel) price() int64 {
	return int64(ch.s.proxy.cfg.Lowat) * earnest << ch.patience().shy
}

// patient accounts for n bytes that were moved from c into a pipe, and sets a mark if they are bulk.
func (ch *Channel) patient(c *core.Conn, n int) {
	p, most, now := ch.patience(), int64(ch.s.proxy.cfg.Lowat), ch.s.proxy.loop.Now()
	if most == 0 {
		return
	}
	if p.mark == 0 && now-p.last > quiet {
		p.run, p.since = 0, now
	}
	p.last = now
	p.run += int64(n)
	if p.mark != 0 || p.run < ch.price() {
		return
	}
	rate := float64(p.run) / float64(now-p.since+1)
	mark := min(float64(most), rate*float64(worth))
	p.run, p.since = 0, now
	fd, can := c.FD().(core.Patient)
	if !can || mark < float64(max(2, most/idle)) || fd.RcvLowat(int(mark)) != 0 {
		return
	}
	p.mark = int32(mark)
	ch.s.due(p.deadline())
}

// hurry takes the mark back, and reports whether there was one: then there may be
// bytes of which nobody has heard. If there are, they are reported now.
func (ch *Channel) hurry() bool {
	p := ch.patience()
	if p == nil || p.mark == 0 {
		return false
	}
	if p.run >= ch.price() {
		p.shy = 0
	} else {
		p.shy = min(shyest, p.shy+1)
	}
	*p = patience{since: p.last, last: p.last, shy: p.shy}
	// A direction that is over, or has failed, has nothing to report any more.
	if c := &ch.prod().conn; c.Open() && !ch.flags.Any(ShutR) && !c.Flags().Any(core.ConnError) {
		c.FD().(core.Patient).RcvLowat(1)
	}
	return true
}
