package command

import (
	"fmt"
	"io"
	"os"
	"strings"

	"millrace/properties"
	"millrace/traces"
)

// maxDiffer is how many sessions that differ are named.
const maxDiffer = 10

// scenario makes a scenario of a recording, and says how much it is of that.
func scenario(stdout, stderr io.Writer, t *traces.Trace, path, out string) int {
	c, fit, err := properties.Retell(t)
	if err != nil {
		return complain(stderr, fmt.Errorf("%s: %w", path, err))
	}
	if out == "" {
		out = strings.TrimSuffix(path, ".trace") + ".scenario.trace"
	}
	c.Comments = append(c.Comments, fmt.Sprintf("a scenario of %s: %s", path, fit))
	if err := os.WriteFile(out, c.AppendText(nil), 0o666); err != nil {
		return complain(stderr, err)
	}
	fmt.Fprintf(stdout, "%s: %s\n", out, fit)
	for i, line := range fit.Differ {
		if i == maxDiffer {
			fmt.Fprintf(stdout, "  and %d more\n", len(fit.Differ)-i)
			break
		}
		fmt.Fprintf(stdout, "  %s\n", line)
	}
	if fit.Fail != nil {
		fmt.Fprintf(stdout, "fails: %s\n", fit.Fail)
		return failed
	}
	return passed
}
