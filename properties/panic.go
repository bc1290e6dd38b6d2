package properties

import (
	"fmt"
	"runtime/debug"
	"strings"

	"millrace/core/culprit"
)

// panicked identifies what was recovered from a panic of the program under test:
// by its kind, without the numbers in it, and by the function it happened in. Two
// panics in two places are two failures, and one is the same whatever index it was
// about. It is called while the panicking stack is still there. what is the whole
// of it.
func panicked(r any) (where, what string) {
	stack := string(debug.Stack())
	if i := strings.Index(stack, "\npanic("); i >= 0 {
		stack = stack[i+1:] // what is above are we
	}
	return kindOf(r) + " in " + culprit.Name(), fmt.Sprintf("%v\n%s", r, stack)
}

// kindOf names a panic's kind: the words of the runtime or of whoever panics, the
// numbers and what is quoted left out, and for another value its type.
func kindOf(r any) string {
	switch v := r.(type) {
	case error:
		return words(v.Error())
	case string:
		return words(v)
	}
	return fmt.Sprintf("%T", r)
}

// words keeps the words of a message that do not differ from run to run. A colon
// would end the identity.
func words(message string) string {
	message, _, _ = strings.Cut(message, "\n")
	message = strings.TrimPrefix(message, "runtime error: ")
	var kept []string
	for word := range strings.FieldsSeq(message) {
		if word = strings.TrimRight(word, ":,"); word != "" && !strings.ContainsAny(word, "0123456789[]\"`:") {
			kept = append(kept, word)
		}
	}
	if len(kept) == 0 {
		return "without a word"
	}
	const most = 8 // the beginning says what it is
	return strings.Join(kept[:min(len(kept), most)], " ")
}
