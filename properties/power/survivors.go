package power

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// explanation is why a mutant survives.
type explanation struct{ class, why string }

// classes are the words with which explanations begin.
var classes = []string{"equivalent", "unreachable", "oracle", "world"}

// readSurvivors reads what is known of survivors, by their keys. A file that is not there says
// nothing.
func readSurvivors(path string) (known map[string]explanation, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parseSurvivors(path, string(text))
}

// parseSurvivors reads lines with keys, each with an explanation below it, behind a tab. Empty
// lines and those that begin with # say nothing.
func parseSurvivors(path, text string) (known map[string]explanation, err error) {
	known = map[string]explanation{}
	key := ""
	for i, line := range strings.Split(text, "\n") {
		told, explains := strings.CutPrefix(line, "\t")
		class, why, _ := strings.Cut(told, ": ")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case !explains && key == "" && known[line] == explanation{}:
			key = line
		case !explains:
			return nil, fmt.Errorf("%s:%d: expected an explanation of %s, once", path, i+1, key+line)
		case key == "":
			return nil, fmt.Errorf("%s:%d: expected a key above an explanation", path, i+1)
		case !slices.Contains(classes, class) || why == "":
			return nil, fmt.Errorf("%s:%d: expected one of %v, a colon, and why", path, i+1, classes)
		default:
			known[key] = explanation{class, why}
			key = ""
		}
	}
	if key != "" {
		return nil, fmt.Errorf("%s: expected an explanation of %s", path, key)
	}
	return known, nil
}
