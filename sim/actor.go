package sim

import "strconv"

// Actor names who makes a choice: a kind and a number, printed as "f0".
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
)

const actorKinds = "wplfbcso"

// Num returns the actor's number within its kind.
func (a Actor) Num() int { return int(a & actorNumber) }

// Kind returns the actor's kind.
func (a Actor) Kind() Actor { return a &^ actorNumber }

// String prints the actor as its kind's letter and its number.
func (a Actor) String() string {
	return string(rune(a>>24)) + strconv.Itoa(a.Num())
}

// ParseActor is the inverse of String.
func ParseActor(s string) (Actor, bool) {
	if len(s) < 2 {
		return 0, false
	}
	n, err := strconv.ParseUint(s[1:], 10, 24)
	for _, k := range actorKinds {
		if rune(s[0]) == k {
			a := Actor(k)<<24 | Actor(n)
			return a, err == nil && a.String() == s
		}
	}
	return 0, false
}
