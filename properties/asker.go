package properties

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// between are the packages between a program and what is written down of it.
var between = [...]string{
	"millrace/traces.", "millrace/simfd.", "millrace/simpoller.", "millrace/sim.", "millrace/properties.", "runtime.",
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
	if n >= uint64(len(w.lines)) || w.lines[n] == 0 {
		return step
	}
	f, _ := runtime.CallersFrames([]uintptr{w.lines[n] + 1}).Next()
	return fmt.Sprintf("%-44s %s:%d", step, filepath.Base(f.File), f.Line)
}
