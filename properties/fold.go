package properties

import (
	"fmt"
	"slices"
)

const (
	// foldFrom is how often lines repeat at least to be folded, and foldLines how many
	// of them may repeat together.
	foldFrom  = 3
	foldLines = 64
)

// Fold says once what is said again and again: lines that repeat, alone or several
// together, stand there once, with how often.
func Fold(lines []string) (out []string) {
	for i := 0; i < len(lines); {
		span, times := repeats(lines[i:])
		switch {
		case times < foldFrom:
			out = append(out, lines[i])
			i++
			continue
		case span == 1:
			out = append(out, fmt.Sprintf("%d times: %s", times, lines[i]))
		default:
			out = append(out, fmt.Sprintf("%d times:", times))
			for _, l := range lines[i : i+span] {
				out = append(out, "    "+l)
			}
		}
		i += span * times
	}
	return out
}

// repeats returns how many lines at the beginning repeat together, and how often:
// those that cover most.
func repeats(lines []string) (span, times int) {
	for n := 1; n <= foldLines && foldFrom*n <= len(lines); n++ {
		k := 1
		for (k+1)*n <= len(lines) && slices.Equal(lines[:n], lines[k*n:(k+1)*n]) {
			k++
		}
		if k >= foldFrom && k*n > span*times {
			span, times = n, k
		}
	}
	return span, times
}
