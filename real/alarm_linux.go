package real

import (
	"slices"

	"millrace/streamif"
)

// Alarm tells of sessions that end for a reason that somebody waits for.
type Alarm struct {
	On []streamif.Reason
	// Sound is called on the worker's loop, with the number of the session that the log
	// calls id. It must not wait for anything.
	Sound func(worker int, session uint32, why streamif.Reason)
}

// sound tells of a session that has ended. A nil alarm is silent.
func (a *Alarm) sound(worker int, s *streamif.Session) {
	if a != nil && slices.Contains(a.On, s.Reason()) {
		a.Sound(worker, s.Peer().Label, s.Reason())
	}
}
