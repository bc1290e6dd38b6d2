package core

// Breach is the panic value of a broken invariant: our bug, never the
// network's. It carries what identifies the failure and what explains it.
type Breach struct {
	ID    string // the invariant's number in package properties, "I43"
	Where string // the layer and the abstract state, without numbers or addresses
	What  string // one sentence, with the values
}

// Error prints identity and explanation in one line.
func (b *Breach) Error() string { return b.ID + " " + b.Where + ": " + b.What }

// BugOn panics with a Breach if cond holds. It stays on in production: a proxy
// that goes on with a broken state loses other people's bytes.
func BugOn(cond bool, id, where, what string) {
	if cond {
		panic(&Breach{ID: id, Where: where, What: what})
	}
}
