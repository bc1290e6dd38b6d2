package sim

import (
	"strconv"
	"strings"
)

// Actor names who makes a choice: a kind and a number, printed as "f0". Of the kinds that
// every worker has for itself the upper bits of the number say which worker it is, where
// that is not the first: "p0@1" is the second one's poller.
type Actor uint32

// The kinds of actor. A session's number is its client's.
const (
	Worker   Actor = 'w' << 24 // the program under test
	PollerOf Actor = 'p' << 24 // its poller
	Listener Actor = 'l' << 24 // its listener
	Front    Actor = 'f' << 24 // its socket towards client n
	Back     Actor = 'b' << 24 // its socket towards the server of session n
	Client   Actor = 'c' << 24 // client n
	Server   Actor = 's' << 24 // the server's end of session n
	Origin   Actor = 'o' << 24 // server n itself, whoever it serves

	actorNumber = 1<<24 - 1
	workerShift = 20
)

// MaxWorkers is how many workers there are names for.
const MaxWorkers = 1 << (24 - workerShift)

const actorKinds = "wplfbcso"

// Num returns the actor's number within its kind.
func (a Actor) Num() int { return int(a & actorNumber) }

// Kind returns the actor's kind.
func (a Actor) Kind() Actor { return a &^ actorNumber }

// own says that every worker has actors of this kind for itself.
func (a Actor) own() bool {
	k := a.Kind()
	return k == Worker || k == PollerOf || k == Listener
}

// Of returns what the actor is called that is to worker n, counted from 0, what a is to its
// own. Whoever serves a session is called after that, whichever worker's it is.
func (a Actor) Of(n int) Actor {
	if !a.own() {
		return a
	}
	return a&^(actorNumber>>workerShift<<workerShift) | Actor(n)<<workerShift
}

// Owner returns which worker the actor is of; ok if it is of one, whatever session it serves.
func (a Actor) Owner() (n int, ok bool) {
	if !a.own() {
		return 0, false
	}
	return a.Num() >> workerShift, true
}

// String prints the actor as its kind's letter and its number, and its worker's.
func (a Actor) String() string {
	n := a.Num()
	if of, ok := a.Owner(); ok && of != 0 {
		return string(rune(a>>24)) + strconv.Itoa(n&(1<<workerShift-1)) + "@" + strconv.Itoa(of)
	}
	return string(rune(a>>24)) + strconv.Itoa(n)
}

// ParseActor is the inverse of String.
func ParseActor(s string) (Actor, bool) {
	if len(s) < 2 {
		return 0, false
	}
	num, worker, _ := strings.Cut(s[1:], "@")
	n, err := strconv.ParseUint(num, 10, 24)
	of := uint64(0)
	if worker != "" && err == nil {
		of, err = strconv.ParseUint(worker, 10, 24-workerShift)
	}
	for _, k := range actorKinds {
		if rune(s[0]) == k {
			a := (Actor(k)<<24 | Actor(n)).Of(int(of))
			return a, err == nil && a.String() == s
		}
	}
	return 0, false
}
