package proxytrace

import (
	"millrace/sim"
	"millrace/streamif"
	"millrace/traces"
)

// Who has his share of sessions depends on where clients come from, which no recording has. It
// has who was told so.

// RecordShares returns a judge that leaves the word to the count, and has r write down of whom
// it said that he has his share.
func RecordShares(r *traces.Recorder) streamif.Judge { return recordedShares{r} }

type recordedShares struct{ r *traces.Recorder }

// Full implements streamif.Judge.
func (j recordedShares) Full(label uint32, full bool) bool {
	if full {
		j.r.Note(traces.Step{Actor: traces.ActorOf(sim.Front, label), Call: traces.CallFull})
	}
	return full
}

// playedShares says of a client what a recording says. All come from one address, or two, and
// so what the count says is nothing.
type playedShares struct{ p *traces.Player }

// Full implements streamif.Judge.
func (j playedShares) Full(label uint32, _ bool) bool { return j.p.Full(label) }
