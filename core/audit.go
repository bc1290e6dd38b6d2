package core

// placesMost is how many places a list may have for each descriptor that there is room for. Each
// has one, and those that were closed since the list was gone through leave a gap.
const placesMost = 4

// Audit checks the table's own books: every place in a list and every back
// reference agree. It returns a sentence on what is wrong, "" if nothing is.
func (t *Table) Audit() string {
	waiting := 0
	for i, d := range t.run {
		if d == nil {
			continue
		}
		waiting++
		if d.owner == nil || int(d.runPos) != i {
			return "a descriptor stands in the run list where it should not"
		}
	}
	if waiting != t.pending {
		return "the count of waiting descriptors is wrong"
	}
	for i, d := range t.updates {
		if d != nil && (d.owner == nil || int(d.updPos) != i) {
			return "a descriptor stands in the update list where it should not"
		}
	}
	if n := max(len(t.run), len(t.updates)); n > placesMost*t.Limit() {
		return "a list grows, and has gaps only"
	}
	if waiting > t.open {
		return "more descriptors wait than are open"
	}
	return ""
}
