package kerneltest

// How much there is to read from any direction that somebody filled, and how much
// of that before a window can open.
const (
	certain = 400_000
	atOnce  = 1 << 16
)

// ample is a size of a buffer with which it holds all that a script sends, as long
// as nobody fills it.
const ample = 50_000

// sizes follows what the answers may depend on of how much a kernel's buffers hold.
type sizes struct {
	here  [numKinds][maxActors + 1]bool
	full  [numKinds][maxActors + 1]bool // by who filled
	taken [numKinds][maxActors + 1]int  // of that since
	shut  [numKinds][maxActors + 1]bool // for reading
	done  [numKinds][maxActors + 1]bool // with writing
	sized [maxActors + 1]bool           // buffers as somebody wanted them
	part  bool                          // something was read of what is or was full
}

// Comparable says that the script's answers do not depend on how much the
// buffers of a kernel hold, or only as Widen says: before a direction that
// somebody filled is drained, no more than is certain is read from it, and much
// less if the writer is done, because the window decides when the FIN arrives;
// nothing at all by an end that has shut reading, to which a pause is the end; and
// nothing is spliced into it, because what stays in the pipe would depend on it.
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
	n, mine, theirs := s.Actor.N, s.Actor.Kind, other(s.Actor.Kind)
	z.shut[mine][n] = z.shut[mine][n] || s.Verb == ShutR || s.Verb == ShutRW
	filled, deaf := z.full[theirs][n], z.shut[mine][n]
	if deaf && filled && z.taken[theirs][n] > atOnce {
		return false // something may be on its way
	}
	switch s.Verb {
	case ShutW, ShutRW, Close, Reset:
		z.done[mine][n] = true
		return !z.full[mine][n] || z.taken[mine][n] <= atOnce
	case Dial, Accept, Socket:
		z.here[mine][n] = true
	case Connect:
		z.here[Far][n] = true
	case Fill:
		z.full[mine][n] = z.here[mine][n]
		return !z.sized[n]
	case Drain:
		z.full[theirs][n] = filled && !z.here[mine][n]
		z.taken[theirs][n] = 0
		return !filled || !deaf
	case SpliceOut:
		return !z.full[mine][n]
	case SndBuf, RcvBuf:
		z.sized[n] = true
		return s.Count >= ample && !z.full[Us][n] && !z.full[Far][n]
	case Recv, Peek, Splice:
		if filled {
			z.part = true
			z.taken[theirs][n] += s.Count
		}
		most := certain
		if s.Verb == Splice || z.done[theirs][n] {
			most = atOnce // what is in the pipe must not be a matter of sizes
		}
		return z.taken[theirs][n] <= most && !(filled && deaf)
	case Level, Edge, Oneshot:
		return s.Count == 0 || !z.part
	}
	return true
}

// other is the other end of an end.
func other(k Kind) Kind {
	if k == Us {
		return Far
	}
	return Us
}
