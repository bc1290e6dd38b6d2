package properties

// maxSituations is how many a program may have.
const maxSituations = 128

// Reach counts the situations that a campaign is for, in the order of the program's.
// One that stays at 0 says that the campaign did not look where it seems to look.
type Reach [maxSituations]uint64

// Mark counts a situation of the program's if cond holds.
func (w *World) Mark(situation int, cond bool) {
	if cond {
		w.totals.Reach[situation]++
	}
}

// Add adds up two counts.
func (r *Reach) Add(o *Reach) {
	for i := range r {
		r[i] += o[i]
	}
}
