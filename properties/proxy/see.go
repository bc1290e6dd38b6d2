package proxy

import (
	"millrace/properties"
	"millrace/sim"
	"millrace/streamif"
)

// manySeen is how many sessions are looked at after a round by who looks for something new:
// the first ones, which are there for the longest.
const manySeen = 4

// See implements properties.Seer. What a side is like is its state and that of the other
// side, the flags of its own that last, and what rests in front of it and behind it.
func (w *run) See(tell func(who sim.Actor, like uint64)) {
	for i, s := range w.proxy.Sessions() {
		if i == manySeen {
			return
		}
		label := sim.Actor(s.Peer().Label)
		tell(sim.Front|label, like(s.Front(), s.Req(), s.Rep(), s.Back()))
		tell(sim.Back|label, like(s.Back(), s.Rep(), s.Req(), s.Front()))
	}
}

const (
	// lasting are the flags of a channel that are states, and not what a turn has just done.
	lasting = streamif.ShutR | streamif.ShutW | streamif.ShutRNow | streamif.ShutWNow | streamif.WaitBuf |
		streamif.Truncated | streamif.CannotSplice | streamif.PipeFull
	// given are the flags of a side that settings give it for good, and what a turn has done.
	given = streamif.SINoHalf | streamif.SIIndep | streamif.SIRead | streamif.SIWrote
)

// like is one side as a number.
func like(si *streamif.StreamInterface, in, out *streamif.Channel, other *streamif.StreamInterface) uint64 {
	h := sim.Mix(uint64(si.State()) | uint64(other.State())<<8 | uint64(si.Flags()&^given)<<16)
	h = sim.Mix(h ^ uint64(si.Conn().Flags()) ^ uint64(b2i(si.Conn().Open()))<<40)
	h = sim.Mix(h ^ uint64(in.Flags()&lasting) ^ uint64(out.Flags()&lasting)<<32)
	return sim.Mix(h ^ held(in) ^ held(out)<<8)
}

// held is how much rests in a channel.
func held(ch *streamif.Channel) uint64 {
	b := ch.Buf()
	return properties.Rough(b.Len(), b.Len()+ch.Room()) | uint64(b2i(ch.Piped() > 0))<<2
}
