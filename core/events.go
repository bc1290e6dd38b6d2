package core

// Events is a set of poll events with Linux's epoll values.
type Events uint32

// The events. EvErr and EvHup are reported whether asked for or not, as long as
// the descriptor is registered at all.
const (
	EvIn    Events = 0x001  // bytes or a FIN can be read
	EvPri   Events = 0x002  // urgent data: reads stop short at the mark
	EvOut   Events = 0x004  // there is room to write
	EvErr   Events = 0x008  // an error is pending on the socket
	EvHup   Events = 0x010  // both directions are shut
	EvRdHup Events = 0x2000 // the peer's FIN has arrived

	// EvExclusive is no event, but part of a wish: of several pollers that wait for the same
	// with it, one that sleeps is enough to be woken. It is for Add, with IN and OUT and
	// nothing else, and such a registration cannot be changed: EINVAL otherwise.
	EvExclusive Events = 0x10000000
)

var eventNames = []string{0: "IN", 1: "PRI", 2: "OUT", 3: "ERR", 4: "HUP", 13: "RDHUP", 28: "EXCLUSIVE"}

// Any reports whether any of these events is in the set.
func (e Events) Any(of Events) bool { return e&of != 0 }

// String prints the set as IN|OUT, and "-" if it is empty.
func (e Events) String() string { return FlagString(uint32(e), eventNames) }

// ParseEvents is the inverse of String.
func ParseEvents(s string) (Events, bool) {
	f, ok := ParseFlags(s, eventNames)
	return Events(f), ok
}

// Wish is a set of directions.
type Wish uint8

// The two directions and their sum.
const (
	R  Wish = 1
	W  Wish = 2
	RW      = R | W
)

var wishNames = []string{"R", "W"}

// Any reports whether any of these directions is in the set.
func (w Wish) Any(of Wish) bool { return w&of != 0 }

// String prints the set as R|W, and "-" if it is empty.
func (w Wish) String() string { return FlagString(uint32(w), wishNames) }
