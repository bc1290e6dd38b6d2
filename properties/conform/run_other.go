//go:build !linux

package conform

import (
	"fmt"
	"io"
)

// Run says that there is nothing here to compare with.
func Run(_ string, _ []string, _, stderr io.Writer) int {
	fmt.Fprintln(stderr, "conform: this runs on Linux only: that is what it compares with")
	return 2
}
