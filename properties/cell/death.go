package cell

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Death is how a cell ended that did not come back.
type Death struct {
	Where string // of what, and in which function: with the invariant the identity
	What  string // one sentence
	Stack string
	Seed  *uint64 // whose world it was, if it had the time to say so
}

// deadly is the invariant that a cell dies of.
const deadly = "I65"

// Identity is what makes two deaths the same.
func (d *Death) Identity() string { return deadly + " " + d.Where }

// kind is the identity without the place.
func (d *Death) kind() string {
	kind, _, _ := strings.Cut(d.Identity(), " in ")
	return kind
}

// String prints the death as the fail line of a trace does.
func (d *Death) String() string { return d.Identity() + ": " + d.What }

// lastWords begins the line in which a cell says what it dies of, ofSeed that in which
// it says whose world it was.
const (
	lastWords = "cell: dies of "
	ofSeed    = "cell: seed "
)

// memory is what a cell dies of that takes too much of it.
const memory = "memory without end"

const (
	// samples of the stack show which function a loop is in: the innermost that is on
	// all of them. What it calls comes and goes.
	samples = 50
	apart   = 4 * time.Millisecond
)

// die ends the process, and says why, and where the program under test is.
func (s *server) die(of, what string) {
	var common []string
	var stack string
	n := samples
	if of == memory {
		n = 1 // each would cost more of it
	}
	for i := range n {
		if stack = working(); i == 0 {
			common = outermost(stack)
		} else {
			common = prefix(common, outermost(stack))
		}
		time.Sleep(apart)
	}
	where := "an unknown place"
	if len(common) > 0 {
		where = common[len(common)-1]
	}
	if seed := s.seed.Load(); seed != nil {
		fmt.Fprintf(os.Stderr, "%s%d\n", ofSeed, *seed)
	}
	fmt.Fprintf(os.Stderr, "%s%s in %s: %s\n%s\n", lastWords, of, where, what, stack)
	os.Exit(1)
}

// working returns the stack of the goroutine that answers.
func working() string {
	buf := make([]byte, 1<<20)
	for s := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(s, "cell.(*server).answer(") {
			return s
		}
	}
	return ""
}

// functions returns the functions of a stack that are not the runtime's, innermost
// first.
func functions(stack string) (list []string) {
	for line := range strings.Lines(stack) {
		args := strings.LastIndexByte(line, '(')
		if args < 0 || strings.HasPrefix(line, "\t") || strings.HasPrefix(line, "goroutine ") || strings.HasPrefix(line, "created by ") {
			continue
		}
		if name := line[strings.LastIndexByte(line[:args], '/')+1 : args]; strings.Contains(name, ".") && !strings.HasPrefix(name, "runtime.") {
			list = append(list, name)
		}
	}
	return list
}

// outermost returns a stack's functions in the order in which they were called.
func outermost(stack string) []string {
	list := functions(stack)
	slices.Reverse(list)
	return list
}

func prefix(a, b []string) []string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

// autopsy reads what a dead cell said last.
func autopsy(said string, how error) *Death {
	d := &Death{Where: "nobody knows what", What: fmt.Sprintf("the process ended with %v", how), Stack: said}
	for line := range strings.Lines(said) {
		line = strings.TrimRight(line, "\n")
		if seed, ok := strings.CutPrefix(line, ofSeed); ok {
			if n, err := strconv.ParseUint(seed, 10, 64); err == nil {
				d.Seed = &n
			}
		}
		if words, ok := strings.CutPrefix(line, lastWords); ok {
			d.Where, d.What, _ = strings.Cut(words, ": ")
			break
		}
		if fatal, ok := strings.CutPrefix(line, "fatal error: "); ok {
			d.Where, d.What = fatal+" in "+turning(said), "Go ends the process: "+fatal
			break
		}
	}
	return d
}

// turning returns a function that comes up again and again on a stack, the same one
// wherever it was cut off, or the innermost one.
func turning(stack string) string {
	count := map[string]int{}
	list := functions(stack)
	for _, f := range list {
		count[f]++
	}
	most := ""
	for f, n := range count {
		if n >= 3 && (most == "" || f < most) {
			most = f
		}
	}
	switch {
	case most != "":
		return most
	case len(list) > 0:
		return list[0]
	}
	return "an unknown place"
}
