package properties

import (
	_ "embed"
	"strings"
)

// The package comment is where people look the invariants up; so do programs.
//
//go:embed doc.go
var docText string

// Invariant returns what the package comment says of an invariant, "" if there
// is none with this number.
func Invariant(id string) string {
	for line := range strings.Lines(docText) {
		words := strings.Fields(strings.TrimPrefix(line, "//"))
		if len(words) > 2 && words[0] == id {
			return strings.Join(words[2:], " ")
		}
	}
	return ""
}
