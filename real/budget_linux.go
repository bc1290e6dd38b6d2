package real

import (
	"millrace/core"
	"millrace/streamif"
)

// budget divides a worker's descriptors between sessions and pipes. A session that
// is accepted needs a second one for its server, sooner or later, and gets it before
// any pipe does: bytes can be copied, a client cannot.
type budget struct {
	total int                // 0 = unknown
	each  int                // that a session takes
	pipes *streamif.PipePool // gives pipes back; nil: none may be given back
	rec   *recording         // is told
}

// left returns how many descriptors neither sessions nor pipes have, if every
// session had all of its own.
func (b *budget) left(k *Sockets) int { return b.total - max(k.live, b.each*k.clients) - 2*k.pipes }

// allowsPipe says whether one more pipe leaves something for the sessions to come.
// Without that a busy relay would make a pipe and give it back for each of them.
func (b *budget) allowsPipe(k *Sockets) bool {
	return b.total == 0 || b.left(k)-2 >= b.total/16
}

// short says that there is no room for one more session.
func (b *budget) short(k *Sockets) bool { return b.total != 0 && b.left(k) < b.each }

// makeRoom gives back pipes until there is room for one more session, and reports
// whether there is.
func (b *budget) makeRoom(k *Sockets) bool {
	for b.short(k) {
		if !b.shed() {
			return false
		}
	}
	return true
}

// shed gives a pipe back when the kernel has no descriptors any more, because others
// have them, and reports whether that may have helped.
func (k *Sockets) shed(e core.Errno) bool {
	return (e == core.EMFILE || e == core.ENFILE) && k.budget.shed()
}

// shed gives a pipe back, and reports whether one was free.
func (b *budget) shed() bool {
	if b.pipes == nil {
		return false
	}
	b.rec.shed()
	return b.pipes.Shed()
}
