package programs_test

import (
	"testing"

	"millrace/properties"
	"millrace/properties/programs"
)

// TestFetchTakesNoAnswerThatIsNotWhole and goes on where a server leaves it alone.
func TestFetchTakesNoAnswerThatIsNotWhole(t *testing.T) { properties.Check(t, programs.Fetch) }
