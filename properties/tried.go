package properties

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// tried is what CheckWorld did of one program in one test.
type tried struct {
	Totals
	failures int
	logged   bool // it will be
}

// tests are those that call CheckWorld, or did in this process, by their names and the programs'.
var tests = struct {
	sync.Mutex
	by map[[2]string]*tried
}{by: map[[2]string]*tried{}}

// LogWorlds has a test log at its end how many worlds of a program CheckWorld tried in it, of
// how many sessions it was known what they had to be, and which accidents there never were. Who
// calls CheckWorld with the test's own t needs it not; who has a *rapid.T calls it in front of
// rapid.Check.
func LogWorlds(t testing.TB, p *Program) {
	tests.Lock()
	defer tests.Unlock()
	p.log(t, t.Name())
}

// log has a test log what was tried in it. It returns what that is added to.
func (p *Program) log(t TB, test string) *tried {
	key := [2]string{test, p.Name}
	n := tests.by[key]
	if n == nil {
		n = new(tried)
		tests.by[key] = n
	}
	own, is := t.(testing.TB) // and not one that lasts for a single world
	if is && !n.logged {
		n.logged = true
		own.Cleanup(func() {
			tests.Lock()
			defer tests.Unlock()
			own.Logf("%s", p.did(&n.Totals, n.failures))
			delete(tests.by, key)
		})
	}
	return n
}

// count adds what a world of CheckWorld's did.
func (p *Program) count(t TB, w *World) {
	tests.Lock()
	defer tests.Unlock()
	n := p.log(t, t.Name())
	w.Flush(&n.Totals)
	n.failures += b2i(w.fail != nil)
}

// mostNever is how many of the accidents that there never were are named.
const mostNever = 8

// did says how much was tried.
func (p *Program) did(t *Totals, failures int) string {
	if t.Worlds == 0 {
		return p.Name + ": no worlds"
	}
	s := fmt.Sprintf("%s: %d worlds, %d failures, %d calls, %s", p.Name, t.Worlds, failures, t.Calls, t.Judged())
	never := p.Account(t).Never()
	if more := len(never) - mostNever; more > 0 {
		never = append(never[:mostNever:mostNever], fmt.Sprintf("and %d more", more))
	}
	if len(never) > 0 {
		s += "; never reached: " + strings.Join(never, ", ")
	}
	return s
}
