package properties

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"millrace/traces"
)

// between are the packages between a program and what is written down of it: ours, and those
// of Go through whose hands everybody's bytes go.
var between = [...]string{
	"iter.", "io.", "bufio.", "fmt.", "testing.", "testing/",
	"millrace/traces.", "millrace/simfd.", "millrace/simfd/simnet.", "millrace/simpoller.", "millrace/sim.", "millrace/properties.", "runtime.",
}

// asker returns the place in the program under test that makes the call which is just
// written down; 0 if it is on the stack nowhere near.
func asker() uintptr {
	var pcs [24]uintptr
	n := runtime.Callers(3, pcs[:])
	frames := runtime.CallersFrames(pcs[:n])
	for {
		f, more := frames.Next()
		if ours(f.Function) {
			if !more {
				return 0
			}
			continue
		}
		return f.PC
	}
}

// line is what is shown of a step beside itself: the place in the program that asked for
// it, and the beginning of the text that it moved.
type line struct {
	asker uintptr
	text  string
}

// excerpt is the beginning of what a call moved, if it is text: what peers say that do not
// talk is a pattern, and says nothing.
func (w *World) excerpt(data []byte) string {
	most := 24 // beside a step
	if w.opts.Record < 0 {
		most = 90 // in a line of its own
	}
	talks := func(s traces.Session) bool {
		return s.Client.Has(traces.Say, traces.Expect, traces.Do) || s.Server.Has(traces.Say, traces.Expect, traces.Do)
	}
	if len(data) == 0 || !slices.ContainsFunc(w.trace.Sessions, talks) {
		return ""
	}
	if len(data) > most {
		return fmt.Sprintf(" %q..", data[:most])
	}
	return fmt.Sprintf(" %q", data)
}

// ours says that a function is between the program and us.
func ours(function string) bool {
	for _, p := range between {
		if strings.HasPrefix(function, p) {
			return true
		}
	}
	return false
}

// located adds to a step the place that asked for it.
func (w *World) located(step string, n uint64) string {
	if n >= uint64(len(w.lines)) {
		return step
	}
	l := w.lines[n]
	step += l.text
	if l.asker == 0 {
		return step
	}
	return fmt.Sprintf("%-44s %s", step, whereabouts(l.asker))
}

// whereabouts is how a place in a program is written.
func whereabouts(asker uintptr) string {
	f, _ := runtime.CallersFrames([]uintptr{asker + 1}).Next()
	return fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
}
