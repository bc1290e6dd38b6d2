package properties

import (
	"fmt"

	"millrace/traces"
)

// pending says what a peer waits for that came no further, as in " for the end of the stream".
func (p *Peer) pending() (what string) {
	if p.pc >= len(p.Script) {
		return " for the end of the stream"
	}
	switch a := p.Script[p.pc]; a.Verb {
	case traces.Send, traces.Say:
		of := a.N
		if a.Verb == traces.Say {
			of = int64(len(a.Text))
		}
		what = fmt.Sprintf(" to get rid of the last %d of %d bytes", p.left, of)
	case traces.Recv:
		what = fmt.Sprintf(" for %d bytes, of which %d came", a.N, p.Got)
	case traces.EOF:
		what = " for the end of the stream"
	case traces.Expect:
		what = " for " + brief(a.Text)
	default:
		what = " in " + traces.Script{a}.String()
	}
	if p.Hold {
		what += ", and reads nothing meanwhile"
	}
	return what
}
