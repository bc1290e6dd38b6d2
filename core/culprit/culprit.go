// Package culprit names the function that a panic is the fault of. Whoever drives code that
// may break down, a hunt or a suite of scripts, tells two panics apart by it.
package culprit

import (
	"runtime"
	"strings"
)

// Unknown is who is blamed when the stack has nobody but Go.
const Unknown = "an unknown place"

// Name returns the innermost function on the stack of a panic that is not Go's, with the last
// part of its package's path only. It is called by a deferred function that recovers from the
// panic, while its stack is still there.
func Name() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	goroot, panicking := "", false
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			panicking = true
			goroot = strings.TrimSuffix(f.File, "runtime/panic.go")
		case !panicking, strings.HasPrefix(f.Function, "runtime."):
		case goroot != "" && strings.HasPrefix(f.File, goroot):
		default:
			return f.Function[strings.LastIndexByte(f.Function, '/')+1:]
		}
		if !more {
			return Unknown
		}
	}
}
