package proxy

import (
	"millrace/properties"
	"millrace/traces"
	"millrace/traces/proxytrace"
)

// played looks at every session of a proxy that plays a recording.
func played(r traces.Running) func() *properties.Failure {
	proxy := r.(*proxytrace.Running).Proxy
	seen := map[uint32]*sessionSeen{}
	return func() *properties.Failure {
		for _, s := range proxy.Sessions() {
			label := s.Peer().Label
			if seen[label] == nil {
				seen[label] = new(sessionSeen)
			}
			if f := look(s, seen[label]); f != nil {
				return f
			}
		}
		return nil
	}
}
