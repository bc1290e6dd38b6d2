package picture

import "millrace/traces"

// Hash is what a run's is when it is watched.
func Hash(t *traces.Trace) uint64 { return watched(t, "").w.Hash() }
