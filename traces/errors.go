package traces

import "fmt"

// expected is the one form in which the parser complains.
func expected(what, found string) error {
	if found == "" {
		return fmt.Errorf("expected %s, found nothing", what)
	}
	return fmt.Errorf("expected %s, found %q", what, cut(found))
}

// cut keeps a quotation of somebody's file short.
func cut(s string) string {
	const most = 40
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}
