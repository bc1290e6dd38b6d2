package traces

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"millrace/core"
	"millrace/sim"
)

// maxStep bounds a span in a step: about 31 years. It is wider than that of a
// setting, since a real proxy may sleep for longer than anybody would ask of one.
const maxStep = 1e18

// numberBits is how many bits a number in a step has.
const numberBits = 62

// words are what is left to read of a line.
type words []string

// next takes the next word; "" at the end of the line.
func (w *words) next() string {
	if len(*w) == 0 {
		return ""
	}
	word := (*w)[0]
	*w = (*w)[1:]
	return word
}

// peek is next that leaves the word where it is.
func (w *words) peek() string {
	left := *w
	return left.next()
}

// take takes the next word if it is this one.
func (w *words) take(word string) bool {
	ok := len(*w) > 0 && (*w)[0] == word
	if ok {
		*w = (*w)[1:]
	}
	return ok
}

// parseStep reads the words of one step.
func parseStep(line []string) (Step, error) {
	w := words(line)
	var s Step
	if err := s.parseCall(&w); err != nil {
		return Step{}, err
	}
	if callInfo[s.Call].answer != '-' {
		if !w.take("=") {
			return Step{}, expected("= and the answer of "+s.Call.String(), w.next())
		}
		read := func() error { return s.parseAnswer(w.next()) }
		if s.Call.ciphers() {
			read = func() error { return s.parseCipher(&w) }
		}
		if err := read(); err != nil {
			return Step{}, err
		}
	}
	if len(w) > 0 {
		return Step{}, expected("the end of the line", w.next())
	}
	return s, nil
}

// parseCall reads the time, the actor and what it asked.
func (s *Step) parseCall(w *words) error {
	after := w.next()
	span, err := parseSpan(strings.TrimPrefix(after, "+"), 0, maxStep)
	if err != nil {
		return expected("a time such as +40µs", after)
	}
	s.After = span
	actor, name := w.next(), w.next()
	a, ok := sim.ParseActor(actor)
	if !ok {
		return expected("an actor such as f0", actor)
	}
	s.Actor = a
	if s.Call, ok = parseCallName(name); !ok {
		return expected("a call such as recv", name)
	}
	info := &callInfo[s.Call]
	if !strings.Contains(info.actors, actor[:1]) {
		kinds := strings.Join(strings.Split(info.actors, ""), " or ")
		return expected(fmt.Sprintf("an actor of kind %s for %s", kinds, name), actor)
	}
	if info.arg != 0 {
		arg := w.next()
		if s.Arg, ok = parseArg(info.arg, arg); !ok {
			what := map[byte]string{'n': "a number", 'e': "events such as IN|OUT", 't': "a time span or never"}[info.arg]
			return expected(what+" behind "+name, arg)
		}
	}
	word := moreWord[s.Call]
	s.More = word != "" && w.take(word)
	return nil
}

func parseCallName(name string) (Call, bool) {
	for c := range numCalls {
		if callInfo[c].name == name {
			return c, true
		}
	}
	return 0, false
}

func parseArg(kind byte, word string) (int64, bool) {
	switch kind {
	case 'e':
		e, ok := core.ParseEvents(word)
		return int64(e), ok
	case 't':
		if word == "never" {
			return -1, true
		}
		n, err := parseSpan(word, 0, maxStep)
		return n, err == nil
	}
	n, err := strconv.ParseUint(word, 10, numberBits)
	return int64(n), err == nil
}

// parseAnswer reads what follows the equals sign.
func (s *Step) parseAnswer(word string) error {
	info := &callInfo[s.Call]
	if e, ok := core.ParseErrno(word); ok && (e != 0 || info.answer == 0) {
		s.Err = e
		return nil
	}
	switch info.answer {
	case 'n':
		n, err := strconv.ParseUint(word, 10, numberBits)
		s.Answer = int64(n)
		if err != nil {
			return expected("a number or an error as the answer of "+info.name, word)
		}
		if most := s.most(); s.Answer > most {
			return expected(fmt.Sprintf("at most %d as the answer of %s", most, info.name), word)
		}
	case 'a':
		a, ok := sim.ParseActor(word)
		if !ok || a.Kind() != sim.Front {
			return expected("an actor such as f0 or an error as the answer of "+info.name, word)
		}
		s.Answer = int64(a)
	default:
		return expected("OK or an error as the answer of "+info.name, word)
	}
	return nil
}

// maxCipher bounds what a cipher is said to have done in one call.
const maxCipher = 1<<31 - 1

// parseCipher is parseAnswer for what a cipher did.
func (s *Step) parseCipher(w *words) error {
	count := func(what string) (int64, error) {
		word := w.next()
		n, err := strconv.ParseUint(word, 10, 63)
		if err != nil || n > maxCipher {
			return 0, expected(fmt.Sprintf("%s up to %d", what, maxCipher), word)
		}
		return int64(n), nil
	}
	n, err := count("a number")
	if err != nil {
		return err
	}
	if s.Call == CallOpen && n > s.Arg {
		return expected(fmt.Sprintf("at most %d as the answer of open", s.Arg), strconv.FormatInt(n, 10))
	}
	why := 0
	for i, word := range whyWords {
		if i > 0 && w.take(word) {
			why = i
		}
	}
	s.Answer = Outcome(int(n), why)
	if e, ok := core.ParseErrno(w.peek()); ok && e != 0 {
		s.Err = e
		w.next()
	}
	for _, part := range []struct {
		word string
		to   *int32
	}{{"took", &s.Took}, {"said", &s.Said}} {
		if !w.take(part.word) {
			return expected(part.word+" and a number", w.next())
		}
		if n, err = count("a number of bytes"); err != nil {
			return err
		}
		*part.to = int32(n)
	}
	return nil
}

// most is the largest answer that makes sense: no kernel moves more bytes than
// it was asked to.
func (s *Step) most() int64 {
	switch s.Call {
	case CallPeek, CallPipeRead, CallPipeWrite, CallPipeMove, CallPipeTee, CallPipeReadv, CallPipeWritev:
		return s.Arg
	}
	if s.Call.Receives() || s.Call.Sends() {
		return s.Arg
	}
	return math.MaxInt64
}
