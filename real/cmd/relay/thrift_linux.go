package main

import (
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// lull is how long nothing must have made a collection necessary before memory is given back.
	lull = 10 * time.Second
	// hoard is how much must have been allocated since for that to be worth one, and crowd how
	// many sessions there must have been if half of them have gone since.
	hoard = 16 << 20
	crowd = 256
	// worthwhile is how much memory of buffers that nobody needs is worth one by itself.
	worthwhile = 4 << 20
)

// thrift is what is known of the memory that the runtime keeps. A burst of TLS sessions leaves
// behind some 35 KiB for each: garbage, until the collector runs, which it does when as much
// again has come, or within two minutes, and pages after that, which the runtime gives back
// at its leisure. So when a burst is over somebody sees to it.
type thrift struct {
	cycles uint64 // collections so far
	given  uint64 // bytes allocated in all when memory was given back last
	most   uint64 // sessions at a time since then
}

// look says whether it is time to give memory back, of how many collections there were and how
// many bytes were allocated so far, and how many sessions there are. The collections of a relay
// that is busy say that it is.
func (t *thrift) look(cycles, allocated, sessions uint64) bool {
	quiet := cycles == t.cycles
	t.cycles, t.most = cycles, max(t.most, sessions)
	worth := allocated-t.given >= hoard || t.most >= crowd && sessions <= t.most/2
	if !quiet || !worth {
		return false
	}
	*t = thrift{cycles: cycles + 1, given: allocated, most: sessions} // with the one to come
	return true
}

// thrifty gives memory back, now and then: that of the workers' buffers, and, for those who have
// not set how the collector works, what is the collector's.
func (s *service) thrifty() {
	var t thrift
	read := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}, {Name: "/gc/heap/allocs:bytes"}}
	for range time.Tick(s.lull) {
		trimmed := 0
		for _, w := range s.workers {
			trimmed += w.Trim()
		}
		metrics.Read(read)
		burst := t.look(read[0].Value.Uint64(), read[1].Value.Uint64(), s.sessions())
		if !told() && (burst || trimmed >= worthwhile) {
			debug.FreeOSMemory()
		}
	}
}
