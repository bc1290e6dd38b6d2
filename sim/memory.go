package sim

// Take lengthens a list by one and returns the last entry: what lay there in an
// earlier run, if anything did, with whatever it held then. Cut the list to no
// length to begin another run.
//
// It is how a run uses the memory of the one before: what has a length is the
// run's, and what lies behind it in the capacity nobody sees.
func Take[T any](list *[]*T) *T {
	n := len(*list)
	if n < cap(*list) {
		*list = (*list)[:n+1]
	} else {
		*list = append(*list, nil)
	}
	if (*list)[n] == nil {
		(*list)[n] = new(T)
	}
	return (*list)[n]
}
