package simnet

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// mostLeft is how many goroutines are named that a program leaves behind.
const mostLeft = 3

// stacks are those of all goroutines.
func stacks() []string {
	all := make([]byte, 1<<20)
	return strings.Split(string(all[:runtime.Stack(all, true)]), "\n\n")
}

// leftBehind says where the goroutines are that are still in the last bubble, and where they were
// started, as in "chan receive at server.go:82, started at server.go:70". Those of bubbles before
// are what earlier worlds left.
func leftBehind(all []string) string {
	last, left := 0, []string(nil)
	for _, s := range all {
		head, frames, _ := strings.Cut(s, "\n")
		state, bubble, is := strings.Cut(head, ", synctest bubble ")
		bubble, _, _ = strings.Cut(bubble, " ") // behind which there may be labels
		n, err := strconv.Atoi(strings.TrimSuffix(bubble, "]:"))
		if !is || err != nil || n < last {
			continue
		}
		if n > last {
			last, left = n, left[:0]
		}
		_, state, _ = strings.Cut(state, "[")
		state, _, _ = strings.Cut(state, ",")
		at, started := places(frames)
		left = append(left, strings.TrimSuffix(state, " (durable)")+at+started)
	}
	slices.Sort(left)
	if more := len(left) - mostLeft; more > 0 {
		left = append(left[:mostLeft], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(left, "; ")
}

// library is where the standard library's sources are.
var library = func() string {
	file, _ := runtime.FuncForPC(reflect.ValueOf(errors.New).Pointer()).FileLine(0)
	return filepath.Dir(filepath.Dir(file)) + "/"
}()

// places returns where in code that is not the standard library's a goroutine is, and where it was
// started.
func places(frames string) (at, started string) {
	lines := strings.Split(frames, "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		place := strings.TrimSpace(lines[i+1])
		foreign := strings.HasPrefix(place, library)
		place, _, _ = strings.Cut(filepath.Base(place), " ")
		switch {
		case strings.HasPrefix(lines[i], "created by "):
			started = ", started at " + place
		case at == "" && !foreign:
			at = " at " + place
		}
	}
	return at, started
}
