package kerneltest

// How much there is to read from any direction that somebody filled, and how much
// of that before a window can open.
const (
	certain = 400_000
	atOnce  = 1 << 16
)

// How much a pipe may hold for a splice out of it to take everything, and how much it
// must hold for none to. Of what such a one leaves in a direction lean is certain.
const (
	little = 160_000
	brim   = 600_000
	lean   = 1 << 17
)

// sliver is so little of what was filled that no kernel lets in more when it is read:
// a quarter of the loopback interface's segment.
const sliver = 1 << 14

// ample is a size of a buffer with which it holds all that a script sends, as long
// as nobody fills it.
const ample = 50_000

// sizes follows what the answers may depend on of how much a kernel's buffers hold.
type sizes struct {
	here   [numKinds][maxActors + 1]bool
	full   [numKinds][maxActors + 1]bool // by who filled
	taken  [numKinds][maxActors + 1]int  // of that since
	begun  [numKinds][maxActors + 1]bool // a direction had bytes in it that were not drained
	tight  [numKinds][maxActors + 1]bool // it had none when somebody filled it
	parts  [numKinds][maxActors + 1]int  // how often something was sent that was not drained
	shut   [numKinds][maxActors + 1]bool // for reading
	done   [numKinds][maxActors + 1]bool // with writing
	sized  [maxActors + 1]bool           // buffers as somebody wanted them
	tiny   [numKinds][maxActors + 1]bool // a direction has one that is small, by who writes
	strait [numKinds][maxActors + 1]bool // and it is the reader's
	part   bool                          // something was read of what is or was full
	lean   [maxActors + 1]bool           // what is full is so by a splice out
	low    [maxActors + 1]bool           // little is not reported
	twins  [maxActors + 1]bool           // it was duplicated
	gone   [maxActors + 1]bool           // the peer has closed
	urgent [maxActors + 1]bool           // it has sent urgent data
	held   [numKinds][maxActors + 1]bool // more was promised behind what was sent last
	owing  int                           // how many of our peers' directions are so
	pipes  [maxActors + 1]vessel
}

// Comparable says that the script's answers do not depend on how much the
// buffers of a kernel hold, or only as Widen says: before a direction that
// somebody filled is drained, no more than is certain is read from it, and much
// less if the writer is done, because the window decides when the FIN arrives;
// nothing at all by an end that has shut reading, to which a pause is the end; and
// nothing is spliced into it, because what stays in the pipe would depend on it. For
// that reason a splice out either takes all of a pipe that holds little, or certainly
// not all, and then little is done with the pipe. Nor is urgent data sent in a
// direction that is full, or read from one by who does not want to hear of little.
func (s *Script) Comparable() bool {
	var z sizes
	for _, l := range s.lines {
		if l.step != nil && !z.step(*l.step) {
			return false
		}
	}
	return true
}

// step says whether a step's answer can be compared.
func (z *sizes) step(s Step) bool {
	if !z.promise(s) || !z.narrow(s) {
		return false
	}
	switch s.Actor.Kind {
	case Tube:
		return z.tube(s)
	case Outlet, Inlet:
		return z.pipes[s.Actor.N].watch(s)
	case Counter:
		return true
	case Twin:
		s.Actor.Kind = Us
	}
	return z.end(s)
}

// end is a step of either end of a connection, of the listener, or of nobody.
func (z *sizes) end(s Step) bool {
	n, mine, theirs := s.Actor.N, s.Actor.Kind, other(s.Actor.Kind)
	if z.twins[n] = z.twins[n] || s.Verb == Dup; z.twins[n] && (s.Verb == Fill || z.full[Us][n] || z.full[Far][n]) {
		return false // Widen knows of one registration
	}
	z.shut[mine][n] = z.shut[mine][n] || s.Verb == ShutR || s.Verb == ShutRW
	filled, deaf := z.full[theirs][n], z.shut[mine][n]
	if deaf && filled && z.taken[theirs][n] > atOnce {
		return false // something may be on its way
	}
	switch s.Verb {
	case ShutW, ShutRW, Close, Reset:
		z.done[mine][n] = true
		z.gone[n] = z.gone[n] || mine == Far && (s.Verb == Close || s.Verb == Reset)
		// All that was spliced out may have arrived, or not.
		return !z.full[mine][n] || z.taken[mine][n] <= atOnce && !(mine == Us && z.lean[n])
	case Dial, Accept, Socket:
		z.here[mine][n] = true
	case Urgent:
		z.urgent[n] = true
		z.begun[mine][n] = true
		z.parts[mine][n]++
		return !z.full[mine][n]
	case Connect:
		z.here[Far][n] = true
	case Send, Writev:
		z.begun[mine][n] = true
		z.parts[mine][n]++
	case Fill:
		z.full[mine][n] = z.here[mine][n]
		z.tight[mine][n] = (z.tight[mine][n] || !z.begun[mine][n]) && !z.tiny[mine][n]
		z.begun[mine][n] = true
		z.parts[mine][n] += many
		z.lean[n] = z.lean[n] && mine != Us
		return !z.sized[n] || z.tiny[mine][n]
	case Drain:
		z.full[theirs][n] = filled && !z.here[mine][n]
		z.taken[theirs][n] = 0
		z.begun[theirs][n] = z.begun[theirs][n] && !z.here[mine][n]
		if z.here[mine][n] {
			z.parts[theirs][n] = 0
		}
		z.tight[theirs][n] = z.tight[theirs][n] && !z.here[mine][n]
		return !filled || !deaf
	case SpliceOut:
		return !z.full[mine][n] && z.pour(s)
	case SndBuf, RcvBuf:
		if s.Count == 0 {
			return true
		}
		z.sized[n] = true
		return !z.full[Us][n] && !z.full[Far][n]
	case RcvLowat:
		z.low[n] = z.low[n] || s.Count != 0
		return s.Count == 0 || !z.full[Far][n]
	case Recv, Readv, Peek, Splice:
		return z.take(s)
	case Level, Edge, Oneshot:
		return s.Count <= 0 || !z.part
	}
	return true
}

// brims says that a splice out certainly takes a part of what the pipe holds, if any.
func (z *sizes) brims(s Step) bool { return z.pipes[s.Pipe].least > brim }

// take is a read, a peek or a splice in.
func (z *sizes) take(s Step) bool {
	n, theirs := s.Actor.N, other(s.Actor.Kind)
	filled, deaf := z.full[theirs][n], z.shut[s.Actor.Kind][n]
	if s.Verb == Splice && !z.pipes[s.Pipe].splice(s.Count, z.parts[theirs][n]) {
		return false
	}
	if filled && theirs == Far && z.low[n] {
		return false // whether what is left is enough
	}
	if filled {
		z.part = true
		z.taken[theirs][n] += s.Count
	}
	most := certain
	if s.Verb == Splice || z.done[theirs][n] {
		most = atOnce // what is in the pipe must not be a matter of sizes
	}
	if theirs == Us && z.lean[n] {
		most = min(most, lean)
	}
	if z.tiny[theirs][n] {
		most = least
	}
	return z.taken[theirs][n] <= most && !(filled && deaf)
}

// slight says that a read, with those before it, is of a sliver.
func (z *sizes) slight(s Step) bool {
	n, writer := s.Actor.N, other(s.Actor.Kind)
	return z.tight[writer][n] && z.taken[writer][n]+s.Count <= sliver
}

// slit says that who sends had filled, and that somebody has read of that since.
func (z *sizes) slit(s Step) bool {
	k, n := s.Actor.Kind, s.Actor.N
	return z.tight[k][n] && z.taken[k][n] > 0
}

// tube is a step of a pipe.
func (z *sizes) tube(s Step) bool {
	p := &z.pipes[s.Actor.N]
	if s.Verb == Splice || s.Verb == Tee {
		return p.flow(&z.pipes[s.Pipe], s)
	}
	return p.step(s)
}

// pour is a splice out.
func (z *sizes) pour(s Step) bool {
	n, p := s.Actor.N, &z.pipes[s.Pipe]
	z.begun[Us][n] = true
	if p.watched && (z.gone[n] || z.shut[Far][n]) {
		return false // which comes first, a RST or the room in the pipe, is a matter of latency
	}
	if !z.brims(s) {
		return p.most <= little
	}
	if z.gone[n] || z.shut[Far][n] && z.done[Far][n] {
		return false // a RST may come back before all has left
	}
	if p.watched || z.twins[n] {
		return false // whether there is room again
	}
	z.full[Us][n], z.lean[n], z.part = z.here[Us][n], true, true
	p.least, p.vague = p.least-brim, true
	return !z.sized[n]
}

// other is the other end of an end.
func other(k Kind) Kind {
	if k == Us {
		return Far
	}
	return Us
}
