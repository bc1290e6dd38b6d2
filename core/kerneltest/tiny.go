package kerneltest

// least is what a direction certainly holds that was filled, however small its buffers are,
// and scant so little that it always fits into one that is empty.
const (
	least = 4000
	scant = 1000
)

// mean is the smallest buffer of a reader with which a sender does not wait for a probe, in
// Linux, before it sends a part of a segment.
const mean = 3000

// narrow follows buffers that are small, and says whether a step's answer can be compared. Into
// a direction with such a one little is sent when it is empty, or it is filled, and from then on
// each count is any part: how much of a small buffer is bytes is each kernel's own affair. The
// reader's is made small before there is a connection: Linux drops what comes later for which
// a window was open, and for which there is no memory any more. It is drained before who filled it
// ends: with the FIN behind it, the last part may wait for a probe, and so it may if the writer's
// is small too. To who does not want to hear of little, Linux speaks all the same if no segment
// of the largest kind fits any more, and how large that is depends on what came before.
func (z *sizes) narrow(s Step) bool {
	n, mine, theirs := s.Actor.N, s.Actor.Kind, other(s.Actor.Kind)
	if mine != Us && mine != Far {
		return true
	}
	switch s.Verb {
	case SndBuf, RcvBuf:
		if s.Count == 0 || s.Count >= ample {
			return s.Count == 0 || !z.tiny[Us][n] && !z.tiny[Far][n]
		}
		if s.Verb == RcvBuf {
			z.tiny[theirs][n], z.strait[theirs][n] = true, true
			return mine == Us && !z.here[Far][n] && !z.low[n] && s.Count >= mean
		}
		z.tiny[mine][n] = true
		return !z.begun[mine][n] && !z.strait[mine][n]
	case RcvLowat:
		return !z.strait[theirs][n] || s.Count == 0
	case Send, Writev:
		if z.tiny[mine][n] && !z.full[mine][n] {
			return !z.begun[mine][n] && s.Count <= scant && !s.More
		}
	case ShutW, ShutRW, Close, Reset:
		return !z.strait[mine][n] || !z.full[mine][n]
	case SpliceOut, Urgent:
		return !z.tiny[mine][n]
	case Splice:
		return !z.tiny[theirs][n]
	}
	return true
}
