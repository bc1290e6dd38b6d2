package programs_test

import (
	"testing"

	"millrace/properties"
	"millrace/properties/programs"
)

// FuzzEcho and FuzzLines have Go's fuzzer decide what goes wrong in worlds of the small
// servers.
func FuzzEcho(f *testing.F)  { properties.Fuzz(f, programs.Echo) }
func FuzzLines(f *testing.F) { properties.Fuzz(f, programs.Lines) }
